import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { copyText, openPath } from '../../src/app/desktop.js';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
  delete process.env.WAYLAND_DISPLAY;
});

/** A folder of programs, each of which writes its arguments and its input to a file of its name. */
async function programs(...names: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'desktop-'));
  for (const name of names) {
    const program = join(folder, name);
    await writeFile(program, `#!/bin/sh\n{ printf '%s\\n' "$@"; cat; } > ${program}.said\n`);
    await chmod(program, 0o755);
  }
  process.env.PATH = folder + delimiter + path;
  return folder;
}

it.runIf(process.platform === 'linux')('opens a path, whatever is in its name, with xdg-open', async () => {
  const folder = await programs('xdg-open');
  await openPath('/out/a b$(x)\'";.jpg');
  const said = () => readFile(join(folder, 'xdg-open.said'), 'utf8');
  await vi.waitFor(async () => expect(await said()).toBe('/out/a b$(x)\'";.jpg\n'));
});

it.runIf(process.platform === 'linux')('names the path where nothing can open it', async () => {
  process.env.PATH = '/nowhere';
  await expect(openPath('/out/a.jpg')).rejects.toThrow(/^\/out\/a\.jpg: cannot be opened here \(.*xdg-open/);
});

it('copies by the terminal, and by the tool of the system', async () => {
  const folder = await programs('wl-copy', 'pbcopy');
  process.env.WAYLAND_DISPLAY = 'wayland-0';
  let written = '';
  const terminal = {
    write: (text: string) => {
      written += text;
    },
  };
  await copyText('/out/gemälde.jpg', terminal as unknown as NodeJS.WriteStream);
  const [start, end] = ['\x1b]52;c;', '\x1b\\'];
  expect([written.startsWith(start), written.endsWith(end)]).toEqual([true, true]);
  const encoded = written.slice(start.length, -end.length);
  expect(Buffer.from(encoded, 'base64').toString()).toBe('/out/gemälde.jpg');
  const tool = process.platform === 'darwin' ? 'pbcopy' : 'wl-copy';
  if (process.platform !== 'win32')
    expect(await readFile(join(folder, `${tool}.said`), 'utf8')).toContain('/out/gemälde.jpg');
});
