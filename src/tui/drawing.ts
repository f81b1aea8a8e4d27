/** Pictures as cells: colored half-blocks, or shades of ASCII where there are no colors. */
import sharp from 'sharp';
import type { Drawing } from './canvas.js';
import { blank, type Cell } from './cells.js';
import type { Look } from './look.js';
import { nearestOfSixteen } from './palette.js';

/** From dark to bright, by how much of its cell a character fills on a dark background. */
const shades = ' .:-=+*#%@';

/** Cells whose colors change by less than this keep them: the difference is invisible, and connections may be slow. */
const tolerance = 6;

export interface Painted extends Drawing {
  cells: Cell[][];
  /** RGB, two rows of pixels per row of cells. Empty without colors. */
  pixels: Uint8Array;
}

/** Draws an encoded image file in `columns` × `rows` cells; `before` is the drawing shown there now. */
export async function drawPicture(
  image: Uint8Array,
  columns: number,
  rows: number,
  look: Look,
  before?: Painted,
): Promise<Painted> {
  const blocks = look.colors > 0 && look.glyphs.full === '█';
  const small = sharp(image)
    .resize(columns, blocks ? 2 * rows : rows, { fit: 'fill' })
    .flatten({ background: '#808080' });
  if (!blocks) {
    const grey = await small.greyscale().normalise().raw().toBuffer();
    return { columns, rows, pixels: new Uint8Array(), cells: inShades(grey, columns, rows, look.bright) };
  }
  const pixels = await small.toColorspace('srgb').raw().toBuffer();
  if (before?.pixels.length === pixels.length) settle(pixels, before.pixels);
  const cells = look.colors === 1 ? inSixteen(pixels, columns, rows) : await inBlocks(pixels, columns, rows);
  return { columns, rows, pixels, cells };
}

/** How terminal-image writes two pixels: a lower half block with the upper pixel as background. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes begin with one
const halfBlock = /\x1b\[(48;[\d;]+)m\x1b\[(38;[\d;]+)m▄/g;

/** In half-blocks, in as many colors as the terminal has. */
async function inBlocks(pixels: Uint8Array, columns: number, rows: number): Promise<Cell[][]> {
  const raw = { width: columns, height: 2 * rows, channels: 3 as const };
  const png = await sharp(pixels, { raw }).png({ compressionLevel: 1 }).toBuffer();
  // Loaded on demand: the decoders that come with it take a third of the program's start.
  const { default: terminalImage } = await import('terminal-image');
  const text = await terminalImage.buffer(png, {
    width: columns,
    height: rows,
    preserveAspectRatio: false,
    preferNativeRender: false,
  });
  return text.split('\n').map((line) =>
    Array.from(line.matchAll(halfBlock), ([, background, foreground]) => {
      return { text: '▄', foreground, background, attributes: '' };
    }),
  );
}

/** In half-blocks dithered to the sixteen colors: a cell's lower half is its foreground, its upper its background. */
function inSixteen(pixels: Uint8Array, columns: number, rows: number): Cell[][] {
  const code = (x: number, y: number) => {
    const at = 3 * (y * columns + x);
    const [r, g, b] = pixels.subarray(at, at + 3);
    return nearestOfSixteen(r, g, b, x, y);
  };
  return Array.from({ length: rows }, (_, y) =>
    Array.from({ length: columns }, (_, x) => ({
      text: '▄',
      foreground: String(code(x, 2 * y + 1)),
      background: String(code(x, 2 * y) + 10),
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

/** Puts back the earlier value of pixels that hardly changed. */
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
