/** All colors of the screen, by role. Color is never the only cue: words and symbols carry the same information. */
import type { TextProps } from 'ink';
import { perTerm, type Term, type TermKey, terms } from '../losses/table.js';

type Role =
  /** The program's name, the chosen weight, progress bars. */
  | 'accent'
  /** Captions, hints and other secondary text. */
  | 'faint'
  /** Headings and the numbers that matter most. */
  | 'strong'
  /** Questions, and paused pictures. */
  | 'notice'
  | 'good'
  | 'bad'
  | 'total'
  | TermKey;

/** Ink Text props for each role. */
export type Theme = Readonly<
  Record<Role, Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse' | 'underline'>>
>;

export const themeNames = ['auto', 'dark', 'light', 'high-contrast'] as const;
export type ThemeName = (typeof themeNames)[number];

/** Text props for each loss term. */
function termColors(draw: (colors: Term['colors']) => Theme[Role]): Record<TermKey, Theme[Role]> {
  return perTerm((key) => draw(terms.find((term) => term.key === key)!.colors));
}

/** Only ANSI colors, which follow the terminal's own color scheme. */
const dark: Theme = {
  accent: { color: 'cyan' },
  faint: { dimColor: true },
  strong: { bold: true },
  notice: { color: 'yellow', bold: true },
  good: { color: 'green' },
  bad: { color: 'red', bold: true },
  total: {},
  ...termColors(({ dark }) => ({ color: dark })),
};

/** Yellow and cyan are unreadable on white, and dim is too pale. */
const light: Theme = {
  accent: { color: 'blue' },
  faint: { color: '#5f5f5f' },
  strong: { bold: true },
  notice: { color: '#875f00', bold: true },
  good: { color: '#005f00' },
  bad: { color: '#af0000', bold: true },
  total: {},
  ...termColors(({ light }) => ({ color: light })),
};

/** Default foreground and background only: the highest contrast on any color scheme. */
const highContrast: Theme = {
  accent: { bold: true },
  faint: {},
  strong: { bold: true, underline: true },
  notice: { bold: true, inverse: true },
  good: {},
  bad: { bold: true, inverse: true },
  total: {},
  ...termColors(() => ({})),
};

export const themes: Readonly<Record<Exclude<ThemeName, 'auto'>, Theme>> = {
  dark,
  light,
  'high-contrast': highContrast,
};
