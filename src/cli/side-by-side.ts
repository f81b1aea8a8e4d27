/** Pictures side by side in the terminal. */
import { basename } from 'node:path';
import { examine } from '../examine/examiner.js';
import { blank, type Cell, restyle } from '../tui/cells.js';
import { drawPicture } from '../tui/drawing.js';
import { cellSize } from '../tui/layout.js';
import { detectLook, type Look } from '../tui/look.js';
import { pad } from '../util/format.js';
import { say, warn } from '../util/say.js';

export interface Shown {
  path: string;
  /** A line below its name. */
  caption: string;
}

/** Columns of a picture below which fewer are put into a row. */
const narrowest = 30;
const gap = 2;

/**
 * Prints the pictures in rows as wide as the terminal. One that cannot be read is reported, and sets the exit code 1.
 * @param pairs every two belong together; all are to fit on the screen, unless they got too small
 */
export async function showSideBySide(
  pictures: readonly Shown[],
  { pairs = false }: { pairs?: boolean } = {},
): Promise<void> {
  const look = detectLook();
  const width = process.stdout.columns || 80;
  const fitting = Math.max(1, Math.floor((width + gap) / (narrowest + gap)));
  const perRow = Math.min(pictures.length, pairs && fitting > 1 ? fitting - (fitting % 2) : fitting);
  const columns = Math.floor((width + gap) / perRow) - gap;
  const screens = pairs ? Math.ceil(pictures.length / perRow) : 1;
  const rows = Math.max(pairs ? 12 : 8, Math.floor((process.stdout.rows || 24) / screens) - 4);
  for (let at = 0; at < pictures.length; at += perRow) {
    const row = pictures.slice(at, at + perRow);
    const drawn = await Promise.all(row.map(({ path }) => linesOf(path, columns, rows, look)));
    const height = Math.max(...drawn.map(({ length }) => length));
    for (let y = 0; y < height; y++)
      process.stdout.write(
        `${drawn.map((lines) => lines[y] ?? ' '.repeat(columns)).join(' '.repeat(gap))}\n`,
      );
    const line = (texts: readonly string[]) =>
      say(
        texts
          .map((text) => pad(text, columns, look.glyphs))
          .join(' '.repeat(gap))
          .trimEnd(),
      );
    line(row.map(({ path }) => basename(path)));
    line(row.map(({ caption }) => caption));
  }
}

/** Lines of exactly `columns` cells. What is wrong with a picture that cannot be read is told on stderr. */
async function linesOf(path: string, columns: number, most: number, look: Look): Promise<string[]> {
  try {
    const { png, width, height } = await examine('thumbnail', { path, longestSide: 4 * columns });
    const size = cellSize(width, height, { columns, rows: most }, look.cellHeight);
    const { cells } = await drawPicture(png, size.columns, size.rows, look);
    return cells.map((row) => lineOf(row) + ' '.repeat(columns - size.columns));
  } catch (error) {
    process.exitCode = 1;
    // Examined as a photo, it is told what is wrong with it.
    const why = await examine('picture', { path }).then(
      () => `${path}: ${(error as Error).message}`,
      ({ message }: Error) => message,
    );
    warn(why);
    return [pad('cannot be shown', columns, look.glyphs)];
  }
}

function lineOf(cells: readonly Cell[]): string {
  let before = blank;
  let line = '';
  for (const cell of [...cells, { ...blank, text: '' }]) {
    line += restyle(before, cell) + cell.text;
    before = cell;
  }
  return line;
}
