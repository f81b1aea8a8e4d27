/** How the terminal can be drawn on: its glyphs and whether it has colours. Found out once, at the start. */
import chalk from 'chalk';
import { createContext } from 'react';
import { ascii, type Glyphs, unicode } from './format.js';

export interface Look {
  glyphs: Glyphs;
  colours: boolean;
}

/** The variable that decides which characters there are, undefined where none is set. */
export const localeVariable = (env: NodeJS.ProcessEnv) =>
  ['LC_ALL', 'LC_CTYPE', 'LANG'].find((variable) => env[variable]);

/** Blocks need a UTF-8 locale and a font; the Linux console has neither for certain. */
export function detectLook(env: NodeJS.ProcessEnv = process.env): Look {
  const locale = env[localeVariable(env) ?? ''] ?? '';
  const utf8 = /utf-?8/i.test(locale) || process.platform === 'win32' || process.platform === 'darwin';
  return { glyphs: utf8 && env.TERM !== 'linux' ? unicode : ascii, colours: chalk.level > 0 };
}

/** Whether there is a terminal that can move its cursor, on both ends: a screen needs one. */
export const canShowScreen = () =>
  Boolean(process.stdin.isTTY && process.stdout.isTTY) && process.env.TERM !== 'dumb';

/** In cells. A pseudo-terminal may say it has 0 rows: then the classic 80×24 is assumed. */
export const terminalSize = (stdout: NodeJS.WriteStream) => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});

export const LookContext = createContext<Look>({ glyphs: unicode, colours: true });
