/** What is under way when the program dies or is stopped goes on from where it stood. */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { relative } from '../reference.js';
import { cat, childrenOf, eventsOf, newFolder, rocket, start, startWith, tiny, wave } from './program.js';

const flags = [
  '--styles',
  wave,
  '--size',
  '144',
  '--scales',
  '2',
  '--iterations',
  '60',
  '--json',
  '--threads',
  '1',
];
/** Where the second scale begins: half of the steps are for the last one. */
const secondScale = 30;

let inbox: string;
let outbox: string;
beforeAll(async () => {
  inbox = await newFolder();
  outbox = join(inbox, 'stylized');
  await copyFile(cat, join(inbox, 'cat.jpg'));
});

type Of<Name extends PaintEvent['event']> = PaintEvent & { event: Name };
const only = <Name extends PaintEvent['event']>(events: PaintEvent[], name: Name) =>
  events.filter((event): event is Of<Name> => event.event === name);

/** Settles when a process has ended. */
async function gone(pid: number): Promise<void> {
  const isThere = () =>
    readFile(`/proc/${pid}/stat`, 'utf8').then(
      (stat) => !stat.includes(') Z '),
      () => false,
    );
  while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Starts a watch and ends it by a signal once an iteration has passed; returns what it told until then. */
async function cutAt(iteration: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<PaintEvent[]> {
  const program = startWith({ detached: true }, 'watch', inbox, '--once', ...flags);
  let output = '';
  let cut = false;
  let children: number[] = [];
  program.stdout.on('data', (data) => {
    output += data;
    const reached = Number([...output.matchAll(/"iteration":(\d+),"iterations"/g)].at(-1)?.[1] ?? -1);
    if (cut || reached < iteration) return;
    cut = true;
    children = childrenOf(program.pid!);
    program.kill(signal);
  });
  const { exitCode } = await program;
  // However it ended, what it started ends with it.
  for (const child of children) await gone(child);
  expect(cut).toBe(true);
  if (signal === 'SIGTERM') expect(exitCode).toBe(143);
  return eventsOf(output.slice(0, output.lastIndexOf('\n') + 1));
}

it('goes on after a crash and after a stop, to a painting as good as without them', async () => {
  const whole = await start(
    'run',
    '--content',
    cat,
    '--output',
    join(await newFolder(), 'whole.jpg'),
    ...flags,
  );
  const [{ losses: expected }] = only(eventsOf(whole.stdout), 'done');

  await cutAt(secondScale + 2, 'SIGKILL');
  const stopped = await cutAt(secondScale + 6, 'SIGTERM');
  // From what was written down when the second scale began.
  expect(only(stopped, 'resumed').map(({ iteration }) => iteration)).toEqual([secondScale]);

  const { stdout, exitCode } = await start('watch', inbox, '--once', ...flags);
  expect(exitCode).toBe(0);
  const events = eventsOf(stdout);
  // Nothing that was painted before the stop is painted again.
  const reached = Math.max(...only(stopped, 'iteration').map(({ iteration }) => iteration));
  expect(only(events, 'resumed')).toMatchObject([{ iteration: expect.any(Number) }]);
  expect(only(events, 'resumed')[0].iteration).toBeGreaterThanOrEqual(reached);
  const [done] = only(events, 'done');
  expect(done.iterations).toBe(60);
  expect(relative(done.losses.total, expected.total)).toBeLessThan(0.01);
  expect((await readdir(outbox)).filter((name) => !name.includes('.sqlite'))).toEqual(['cat.jpg']);

  const again = await start('watch', inbox, '--once', ...flags);
  expect(only(eventsOf(again.stdout), 'skipped')).toHaveLength(1);
});

it('tries a picture three times that its process dies of, says what it died of, and paints the next one', async () => {
  const folder = await newFolder();
  await copyFile(rocket, join(folder, 'rocket.jpg'));
  const env = { NODE_OPTIONS: `--import ${fileURLToPath(new URL('./crash.mjs', import.meta.url))}` };
  const program = startWith({ env }, 'watch', folder, '--json', '--styles', wave, ...tiny);
  let stdout = '';
  program.stdout.on('data', async (data) => {
    stdout += data;
    if (data.includes('"failed"')) await copyFile(cat, join(folder, 'cat.jpg'));
    if (data.includes('"done"')) program.kill();
  });
  const { stderr } = await program;
  const events = eventsOf(stdout.slice(0, stdout.lastIndexOf('\n') + 1));
  expect(only(events, 'failed')).toMatchObject([
    {
      source: join(folder, 'rocket.jpg'),
      reason: expect.stringMatching(/SIGABRT: munmap_chunk\(\): invalid/),
    },
  ]);
  expect(only(events, 'done')).toMatchObject([{ source: join(folder, 'cat.jpg') }]);
  expect(stderr.match(/rocket.jpg: .*SIGABRT: munmap_chunk/g)).toHaveLength(2);
});
