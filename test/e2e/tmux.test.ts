/** Pictures through a real tmux, whose terminal says that it is kitty. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterEach, expect, it, vi } from 'vitest';
import { bin, cat, newFolder, wave } from './program.js';

/** Another server for each test: one that is ending still takes sessions, and ends them with it. */
let socket = '';
let servers = 0;
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const tmux = (...args: string[]) =>
  execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8', stdio: 'pipe' });
afterEach(() => void spawnSync('tmux', ['-L', socket, 'kill-server']));

/** The program in tmux, in a terminal of this name; returns all that tmux writes to it. */
async function openIn(name: string, passthrough: 'on' | 'off') {
  socket = `stylize-test-${process.pid}-${++servers}`;
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const { TMUX: _, CI: __, ...env } = process.env;
  const flags = ['--styles', wave, '--size', '64', '--iterations', '3000', '--threads', '1'];
  const command = ['node', bin, 'watch', inbox, ...flags].map((word) => `'${word}'`).join(' ');
  const shell = `sh -c "sleep 1; exec ${command}"`;
  const terminal = spawn('tmux', ['-L', socket, '-f', '/dev/null', '-u', 'new-session', shell], {
    name: 'xterm-256color',
    cols: 80,
    rows: 24,
    env: { ...env, LANG: 'C.UTF-8' },
  });
  let output = '';
  terminal.onData((data) => {
    output += data;
    if (data.includes('\x1b[>q')) terminal.write(`\x1bP>|${name}\x1b\\`);
  });
  await vi.waitFor(() => tmux('set', '-g', 'allow-passthrough', passthrough), { timeout: 100_000 });
  tmux('set', '-g', 'focus-events', 'on');
  const until = (check: () => void) => vi.waitFor(check, { timeout: 100_000, interval: 100 });
  return { output: () => output, terminal, until };
}

it.skipIf(!hasTmux)('reach kitty through tmux, and come again with the focus', async () => {
  const { output, terminal, until } = await openIn('kitty(0.36.4)', 'on');
  const pictures = () => output().match(/_Ga=T,f=100,q=2,i=\d+,c=\d+,r=\d+,U=1,m=[01];/g) ?? [];
  await until(() => expect(pictures().length).toBeGreaterThan(0));
  await until(() => expect(tmux('capture-pane', '-p')).toMatch(/\u{10eeee}\u0305\u0305/u));
  // Paused, nothing sends the picture but the focus.
  terminal.write(' ');
  await until(() => expect(tmux('capture-pane', '-p')).toContain('PAUSED'));
  const before = pictures().length;
  // Out and in: tmux tells of changes only.
  terminal.write('\x1b[O');
  await new Promise((resolve) => setTimeout(resolve, 500));
  terminal.write('\x1b[I');
  await until(() => expect(pictures().length).toBeGreaterThan(before));
  terminal.write('q');
  terminal.write('y');
  await until(() => expect(output()).toMatch(/_Ga=d,d=I,i=\d+,q=2/));
});

it.skipIf(!hasTmux).each([
  ['kitty(0.36.4)', 'off'],
  ['XTerm(379)', 'on'],
] as const)('are blocks in %s with allow-passthrough %s', async (name, passthrough) => {
  const { output, until } = await openIn(name, passthrough);
  await until(() => expect(tmux('capture-pane', '-p')).toMatch(/▄▄▄▄/));
  expect(output()).not.toContain('_Ga=T');
});
