/** Terminal cells, and the escape sequences between two adjacent ones. */
import { styledCharsFromTokens, tokenize } from '@alcalzone/ansi-tokenize';

export interface Cell {
  /** One grapheme; empty in the right half of a wide one. */
  text: string;
  /** SGR parameters; empty for the default color. */
  foreground: string;
  background: string;
  /** Bold, dim, inverse and so on. */
  attributes: string;
}

export const blank: Cell = { text: ' ', foreground: '', background: '', attributes: '' };

/** A line of text with color codes as exactly `columns` cells. */
export function cellsOf(line: string, columns: number): Cell[] {
  const cells: Cell[] = [];
  for (const { value, fullWidth, styles } of styledCharsFromTokens(tokenize(line))) {
    if (cells.length + (fullWidth ? 2 : 1) > columns) break;
    const codes = (wanted: (end: string) => boolean) =>
      styles
        .filter(({ endCode }) => wanted(endCode))
        .map(({ code }) => code.slice(2, -1))
        .join(';');
    const cell =
      styles.length === 0
        ? { ...blank, text: value }
        : {
            text: value,
            foreground: codes((end) => end === '\x1b[39m'),
            background: codes((end) => end === '\x1b[49m'),
            attributes: codes((end) => end !== '\x1b[39m' && end !== '\x1b[49m'),
          };
    cells.push(cell);
    if (fullWidth) cells.push({ ...cell, text: '' });
  }
  while (cells.length < columns) cells.push(blank);
  return cells;
}

export const sameCell = (a: Cell, b: Cell) => a === b || (a.text === b.text && sameStyle(a, b));

const sameStyle = (a: Cell, b: Cell) =>
  a.foreground === b.foreground && a.background === b.background && a.attributes === b.attributes;

/** The SGR sequence that changes the style from that of `from` to that of `to`; only the differences. */
export function restyle(from: Cell, to: Cell): string {
  if (sameStyle(from, to)) return '';
  // Bold and dim are reset by the same code, so all attributes are reset first.
  if (from.attributes !== to.attributes)
    return `\x1b[${['0', to.attributes, to.foreground, to.background].filter(Boolean).join(';')}m`;
  const foreground = from.foreground === to.foreground ? [] : [to.foreground || '39'];
  const background = from.background === to.background ? [] : [to.background || '49'];
  return `\x1b[${[...foreground, ...background].join(';')}m`;
}
