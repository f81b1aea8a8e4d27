/** Pictures as cells: coloured half-blocks, or shades of ASCII where there are no colours. */
import ansiStyles from 'ansi-styles';
import sharp from 'sharp';
import type { Drawing } from './canvas.js';
import { blank, type Cell } from './cells.js';
import type { Look } from './look.js';
import { nearestOfSixteen } from './palette.js';

/** From dark to bright, by how much ink a character has on a dark screen. */
const shades = ' .:-=+*#%@';

/** A cell whose colours are nearer than this to what it shows already is left as it is: nobody sees it, and lines are slow. */
const tolerance = 6;

export interface Painted extends Drawing {
  cells: Cell[][];
  /** RGB, two rows of pixels for each of cells. Empty without colours. */
  pixels: Uint8Array;
}

/** A whole image file in `columns` × `rows` cells; `before` is what is shown there now. */
export async function drawPicture(
  image: Uint8Array,
  columns: number,
  rows: number,
  look: Look,
  before?: Painted,
): Promise<Painted> {
  const blocks = look.colours > 0 && look.glyphs.full === '█';
  const small = sharp(image)
    .resize(columns, blocks ? 2 * rows : rows, { fit: 'fill' })
    .flatten({ background: '#808080' });
  if (!blocks) {
    const grey = await small.greyscale().normalise().raw().toBuffer();
    return { columns, rows, pixels: new Uint8Array(), cells: inShades(grey, columns, rows, look.bright) };
  }
  const pixels = await small.toColourspace('srgb').raw().toBuffer();
  if (before?.pixels.length === pixels.length) settle(pixels, before.pixels);
  return { columns, rows, pixels, cells: inBlocks(pixels, columns, rows, look.colours) };
}

/** In as many colours as the terminal has. The lower half of each cell is a block in the foreground, the upper half the ground. */
function inBlocks(pixels: Uint8Array, columns: number, rows: number, colours: Look['colours']): Cell[][] {
  const code = (x: number, y: number, ground: boolean) => {
    const at = 3 * (y * columns + x);
    const [r, g, b] = pixels.subarray(at, at + 3);
    if (colours === 3) return `${ground ? 48 : 38};2;${r};${g};${b}`;
    if (colours === 2) return `${ground ? 48 : 38};5;${ansiStyles.rgbToAnsi256(r, g, b)}`;
    return String(nearestOfSixteen(r, g, b, x, y) + (ground ? 10 : 0));
  };
  return Array.from({ length: rows }, (_, y) =>
    Array.from({ length: columns }, (_, x) => ({
      text: '▄',
      foreground: code(x, 2 * y + 1, false),
      background: code(x, 2 * y, true),
      attributes: '',
    })),
  );
}

function inShades(grey: Uint8Array, columns: number, rows: number, bright: boolean): Cell[][] {
  const shade = (value: number) => shades[Math.floor(((bright ? 255 - value : value) * shades.length) / 256)];
  return Array.from({ length: rows }, (_, y) =>
    Array.from(grey.subarray(y * columns, (y + 1) * columns), (value) => ({ ...blank, text: shade(value) })),
  );
}

/** Pixels that have hardly changed become those before. */
function settle(pixels: Uint8Array, before: Uint8Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const change = Math.max(
      Math.abs(pixels[i] - before[i]),
      Math.abs(pixels[i + 1] - before[i + 1]),
      Math.abs(pixels[i + 2] - before[i + 2]),
    );
    if (change < tolerance) pixels.set(before.subarray(i, i + 3), i);
  }
}
