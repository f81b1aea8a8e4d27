/** How the terminal can be drawn on: its glyphs, colors and cells. Found out once, at the start. */
import chalk from 'chalk';
import { createContext } from 'react';
import { ascii, type Glyphs, unicode } from '../util/format.js';
import { type Theme, type ThemeName, themes } from './theme.js';

export interface Look {
  glyphs: Glyphs;
  theme: Theme;
  /** As chalk counts: none, 16, 256 or all colors. */
  colors: 0 | 1 | 2 | 3;
  /** The ground is bright. */
  bright: boolean;
  /** How many times as high as wide a cell is. */
  cellHeight: number;
}

/** What a terminal tells about itself, as far as it does. */
export interface TerminalFacts {
  bright?: boolean;
  cellHeight?: number;
}

/** The variable that decides which characters there are, undefined where none is set. */
export const localeVariable = (env: NodeJS.ProcessEnv) =>
  ['LC_ALL', 'LC_CTYPE', 'LANG'].find((variable) => env[variable]);

/** Blocks need a UTF-8 locale and a font; the Linux console has neither for certain. */
export function detectLook(
  env: NodeJS.ProcessEnv = process.env,
  themeName: ThemeName = 'auto',
  facts: TerminalFacts = {},
): Look {
  const locale = env[localeVariable(env) ?? ''] ?? '';
  const utf8 = /utf-?8/i.test(locale) || process.platform === 'win32' || process.platform === 'darwin';
  const bright = themeName === 'light' || (themeName !== 'dark' && (facts.bright ?? brightBy(env) ?? false));
  return {
    glyphs: utf8 && env.TERM !== 'linux' ? unicode : ascii,
    theme: themes[themeName === 'auto' ? (bright ? 'light' : 'dark') : themeName],
    colors: chalk.level,
    bright,
    cellHeight: facts.cellHeight ?? usualCellHeight,
  };
}

const usualCellHeight = 2;

/** COLORFGBG ends with the ground's number of sixteen; 7 and 15 are the whites. */
export function brightBy({ COLORFGBG }: NodeJS.ProcessEnv): boolean | undefined {
  const ground = COLORFGBG?.split(';').at(-1);
  return ground ? ground === '7' || ground === '15' : undefined;
}

/** Whether there is a terminal that can move its cursor, on both ends: a screen needs one. */
export const canShowScreen = () =>
  Boolean(process.stdin.isTTY && process.stdout.isTTY) && process.env.TERM !== 'dumb';

/** In cells. A pseudo-terminal may say it has 0 rows: then the classic 80×24 is assumed. */
export const terminalSize = (stdout: { columns?: number; rows?: number }) => ({
  columns: stdout.columns || 80,
  rows: stdout.rows || 24,
});

export const LookContext = createContext<Look>({
  glyphs: unicode,
  theme: themes.dark,
  colors: 3,
  bright: false,
  cellHeight: usualCellHeight,
});
