/** How the terminal can be drawn on: its glyphs and whether it has colours. Found out once, at the start. */
import chalk from 'chalk';
import { createContext } from 'react';
import { ascii, type Glyphs, unicode } from './format.js';

export interface Look {
  glyphs: Glyphs;
  colours: boolean;
}

/** Blocks need a UTF-8 locale and a font; the Linux console has neither for certain. */
export function detectLook(env: NodeJS.ProcessEnv = process.env): Look {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const utf8 = /utf-?8/i.test(locale) || process.platform === 'win32' || process.platform === 'darwin';
  return { glyphs: utf8 && env.TERM !== 'linux' ? unicode : ascii, colours: chalk.level > 0 };
}

export const LookContext = createContext<Look>({ glyphs: unicode, colours: true });
