/** What the terminal can display: glyphs, colors, cell size. Detected once, at startup. */

import chalk from 'chalk';
import { createContext } from 'react';
import supportsTerminalGraphics from 'supports-terminal-graphics';
import type { Size } from '../image/picture.js';
import { ascii, type Glyphs, unicode } from '../util/format.js';
import type { Protocol } from './native.js';
import { type Theme, type ThemeName, themes } from './theme.js';

export interface Look {
  glyphs: Glyphs;
  theme: Theme;
  /** Chalk's color level: none, 16, 256 or truecolor. */
  colors: 0 | 1 | 2 | 3;
  /** The background is bright. */
  bright: boolean;
  /** Height of a cell divided by its width. */
  cellHeight: number;
  /** Pixels of a cell; undefined if unknown. */
  cell?: Size;
  /** How the terminal draws pictures; in cells if undefined. */
  protocol?: Protocol;
  sixel?: Sixel;
}

/** Limits of sixels, where the terminal tells them. */
export interface Sixel {
  colors?: number;
  /** In pixels. */
  largest?: Size;
}

/** What the terminal answered about itself. */
export interface TerminalFacts {
  bright?: boolean;
  cellHeight?: number;
  cell?: Size;
  /** It draws sixels. */
  sixel?: Sixel;
  /** It has synchronized output. */
  synchronized?: boolean;
  /** It is tmux, which hands pictures on to a terminal that knows kitty's placeholders. */
  placeholders?: boolean;
}

/** The locale variable that takes precedence; undefined where none is set. */
export const localeVariable = (env: NodeJS.ProcessEnv) =>
  ['LC_ALL', 'LC_CTYPE', 'LANG'].find((variable) => env[variable]);

/** Block characters need a UTF-8 locale and a font that has them; the Linux console may lack both. */
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
    cell: facts.cell,
    protocol: protocolFor(facts, env),
    sixel: facts.sixel,
  };
}

const usualCellHeight = 2;

/** COLORFGBG ends with the background's ANSI color; 7 and 15 are white. */
export function brightBy({ COLORFGBG }: NodeJS.ProcessEnv): boolean | undefined {
  const ground = COLORFGBG?.split(';').at(-1);
  return ground ? ground === '7' || ground === '15' : undefined;
}

/** Whether stdin and stdout are terminals that can move the cursor, which the screen needs. */
export const canShowScreen = () =>
  Boolean(process.stdin.isTTY && process.stdout.isTTY) && process.env.TERM !== 'dumb';

/** In cells. A pseudo-terminal may report 0 rows; then 80×24 is assumed. */
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

/** The best that the terminal has. tmux passes on pictures as placeholders only, screen none. */
export function protocolFor(
  { sixel, placeholders }: TerminalFacts,
  env: NodeJS.ProcessEnv = process.env,
): Protocol | undefined {
  if (env.STY) return undefined;
  if (env.TMUX) return placeholders ? 'placeholders' : undefined;
  const { kitty, iterm2 } = supportsTerminalGraphics.stdout;
  return kitty ? 'kitty' : iterm2 ? 'iterm2' : sixel ? 'sixel' : undefined;
}
