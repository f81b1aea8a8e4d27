/** Runs the built program as a user does. */
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventSchema, type PaintEvent } from '../../src/render/events.js';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const bin = root('bin/stylize-tui.js');
export const cat = root('samples/cat.jpg');
export const coffee = root('samples/coffee.jpg');
export const rocket = root('samples/rocket.jpg');
export const starry = root('presets/styles/starry-night.jpg');
export const wave = root('presets/styles/great-wave.jpg');
export const scream = root('presets/styles/the-scream.jpg');
/** What is told of it. */
export const screamNote =
  /^(the-)?scream\.jpg: an even border at its right \(\d+ pixels\) is left out; --keep-frame keeps it\.$/m;

/** Small enough to be painted in a second or two. */
export const tiny = ['--size', '96', '--iterations', '6', '--scales', '1', '--threads', '1'];

/** Two blocks of the network, where only files matter: the program is there in half the time. */
export const shallow = ['--content-layers', 'relu2_1', '--style-layers', 'relu1_1'];

export const newFolder = () => mkdtemp(join(tmpdir(), 'stylize-'));

/** Folders of its own, so that what the person at this machine chose does not matter. */
const nowhere = join(tmpdir(), `stylize-home-${process.ppid}`);
const env = {
  XDG_CONFIG_HOME: join(nowhere, 'config'),
  XDG_CACHE_HOME: join(nowhere, 'cache'),
  XDG_DATA_HOME: join(nowhere, 'data'),
};

export const start = (...args: string[]) => startWith({}, ...args);

/** With other variables in its environment, or in another folder. */
export function startWith(
  options: { env?: Record<string, string>; cwd?: string; detached?: boolean },
  ...args: string[]
) {
  return execa('node', [bin, ...args], {
    reject: false,
    stdin: 'ignore',
    ...options,
    env: { ...env, ...options.env },
  });
}

/** Every line of stdout as an event; throws if one is anything else. */
export function eventsOf(stdout: string): PaintEvent[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => eventSchema.parse(JSON.parse(line)));
}

/** Process ids of a process's children, where the system tells: on Linux. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The process id of the program's painting process, on Linux; it has others, which examine files. */
export const painterOf = (program: { pid?: number }): number | undefined =>
  childrenOf(program.pid!).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('render/child.js'),
  );
