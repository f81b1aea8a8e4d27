/** The program in a real pseudo-terminal, and what it shows there. */
import { spawn } from '@lydell/node-pty';
import { Emulator } from '../tui/emulator.js';
import { bin } from './program.js';

/** The program on a terminal of its own. */
export const open = (args: string[], columns: number, rows: number, changes: Record<string, string> = {}) =>
  openCommand(['node', bin, ...args], columns, rows, changes);

export function openCommand(
  [command, ...args]: string[],
  columns: number,
  rows: number,
  changes: Record<string, string> = {},
) {
  // Ink shows only the last frame where it finds CI in the environment, whatever its value.
  const {
    CI: _,
    FORCE_COLOR: __,
    ...env
  }: NodeJS.ProcessEnv = {
    ...process.env,
    LANG: 'C.UTF-8',
    FORCE_COLOR: undefined,
    ...changes,
  };
  const terminal = spawn(command, args, {
    name: changes.TERM ?? 'xterm-256color',
    cols: columns,
    rows,
    env,
  });
  const screen = new Emulator(columns, rows);
  let output = '';
  terminal.onData((data) => {
    output += data;
    screen.write(data);
    // As a bright terminal answers the questions for its ground, its cells and itself.
    if (data.includes('\x1b[c')) terminal.write('\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[6;20;10t\x1b[?62;22c');
  });
  const exited = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  const text = () => screen.text().join('\n');
  /** Waits until the screen shows it, or something else says it. */
  const until = async (pattern: RegExp, what = text) => {
    const deadline = Date.now() + 120_000;
    while (!pattern.test(what())) {
      if (Date.now() > deadline) throw new Error(`no ${pattern} in\n${what()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    pid: terminal.pid,
    press: (keys: string) => terminal.write(keys),
    resize: (columns: number, rows: number) => {
      screen.resize(columns, rows);
      terminal.resize(columns, rows);
    },
    until,
    exited,
    screen,
    text,
    /** All that was written. */
    output: () => output,
  };
}
