/** Every color of the screen, by what it is for. Nothing is told by a color alone: words and signs say it too. */
import type { TextProps } from 'ink';
import { perTerm, type Term, type TermKey, terms } from '../losses/table.js';

type Role =
  /** The program's name, the chosen weight, the bar of what goes on. */
  | 'accent'
  /** Captions, hints and what is of less weight. */
  | 'faint'
  /** Headings and the numbers that matter most. */
  | 'strong'
  /** What waits for a person, or rests because of one. */
  | 'notice'
  | 'good'
  | 'bad'
  | 'total'
  | TermKey;

/** How a text is drawn, as properties of Ink's Text. */
export type Theme = Readonly<
  Record<Role, Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse' | 'underline'>>
>;

export const themeNames = ['auto', 'dark', 'light', 'high-contrast'] as const;
export type ThemeName = (typeof themeNames)[number];

/** How each term of the loss is drawn. */
function termColors(draw: (colors: Term['colors']) => Theme[Role]): Record<TermKey, Theme[Role]> {
  return perTerm((key) => draw(terms.find((term) => term.key === key)!.colors));
}

/** The sixteen colors are the terminal's own, which its owner chose. */
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

/** Yellow and cyan cannot be read on white, and dim is too pale. */
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

/** The terminal's own two colors, which nothing exceeds in contrast on whatever ground they are. */
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
