/**
 * A contact sheet: pictures in a grid, each row and column headed by a picture and a label. Labels are drawn with
 * whatever font the machine has; where it has none they stay away, and the pictures at the head still tell.
 */
import sharp, { type OverlayOptions } from 'sharp';
import { compress } from './encode.js';
import type { OutputFormat } from './formats.js';

export interface Head {
  label: string;
  /** A file; rows that go on from the one above have none. */
  picture?: string;
}

export interface Sheet {
  columns: readonly Head[];
  rows: readonly Head[];
  /** By row, then by column: a file, or why there is none. */
  cells: readonly (readonly Cell[])[];
}

export type Cell = { picture: string } | { reason: string };

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Cells get no larger than lets the sheet have about this width, in pixels: more than most programs show well. */
const widest = 12_000;
const gap = 8;

/** Draws the sheet and encodes it. Cells are as large as the largest picture in them, if the sheet bears that. */
export async function drawSheet(sheet: Sheet, format: OutputFormat): Promise<Buffer> {
  const { columns, rows, cells } = sheet;
  const sizes = await Promise.all(
    cells.flat().map((cell) => ('picture' in cell ? sizeOf(cell.picture) : blank)),
  );
  const side = Math.min(
    Math.max(smallestCell, ...sizes.map(({ width, height }) => Math.max(width, height))),
    Math.floor(widest / (columns.length + 1)),
  );
  const fontSize = Math.round(Math.min(22, Math.max(11, side / 22)));
  const line = Math.round(1.6 * fontSize);
  // A row is as high as its highest picture at this width, so that landscapes waste no room.
  const heightOf = (ones: readonly { width: number; height: number }[]) =>
    Math.max(
      Math.round(side / 4),
      ...ones.map(({ width, height }) => Math.round((height * side) / Math.max(width, height))),
    );
  const headSizes = await Promise.all(columns.map(({ picture }) => sizeOf(picture)));
  const heights = [
    heightOf(headSizes),
    ...rows.map((_, row) => heightOf(sizes.slice(row * columns.length, (row + 1) * columns.length))),
  ];
  const tops = heights.map(
    (_, row) => gap + heights.slice(0, row).reduce((sum, height) => sum + height + line + gap, 0),
  );
  const box = (row: number, column: number): Box => ({
    left: gap + column * (side + gap),
    top: tops[row],
    width: side,
    height: heights[row],
  });
  const width = gap + (columns.length + 1) * (side + gap);
  const height = tops.at(-1)! + heights.at(-1)! + line + gap;

  const pictures: Promise<OverlayOptions>[] = [];
  const drawing: string[] = [];
  const below = (label: string, at: Box) =>
    drawing.push(text(clipped(label, at.width, fontSize), at.left, at.top + at.height + fontSize));
  const head = ({ label, picture }: Head, at: Box) => {
    if (picture !== undefined) pictures.push(place(picture, at));
    below(label, at);
  };
  for (const [i, column] of columns.entries()) head(column, box(0, i + 1));
  for (const [i, row] of rows.entries()) head(row, box(i + 1, 0));
  for (const [row, line] of cells.entries()) {
    for (const [column, cell] of line.entries()) {
      const at = box(row + 1, column + 1);
      if ('picture' in cell) pictures.push(place(cell.picture, at));
      else drawing.push(empty(at), ...wrapped(cell.reason, at, fontSize));
    }
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="${fontSize}" fill="#222">${drawing.join('')}</svg>`;
  const background = { create: { width, height, channels: 3 as const, background: '#fff' } };
  const layers = [{ input: Buffer.from(svg), left: 0, top: 0 }, ...(await Promise.all(pictures))];
  return compress(sharp(background).composite(layers), format).toBuffer();
}

/** A sheet without a single painting still has cells. */
const smallestCell = 128;
const blank = { width: 4, height: 1 };

/** A picture that cannot be read takes no room. */
async function sizeOf(picture: string | undefined): Promise<{ width: number; height: number }> {
  if (picture === undefined) return blank;
  return sharp(picture)
    .metadata()
    .then(
      ({ autoOrient }) => autoOrient,
      () => blank,
    );
}

/** The picture, within the box and against its upper left corner; nothing where it cannot be read. */
async function place(picture: string, { left, top, width, height }: Box): Promise<OverlayOptions> {
  const shrunk = sharp(picture)
    .autoOrient()
    .resize(width, height, { fit: 'inside', withoutEnlargement: true });
  const input = await shrunk
    .toColorspace('srgb')
    .png({ compressionLevel: 1 })
    .toBuffer()
    .catch(() => onePixel);
  return { input, left, top };
}

const onePixel = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');

const empty = ({ left, top, width, height }: Box) =>
  `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#eee"/>`;

const text = (line: string, x: number, y: number) => `<text x="${x}" y="${y}">${escaped(line)}</text>`;

const escaped = (line: string) =>
  line
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\p{Cc}/gu, ' ');

/** Characters that fit a width, taking them for 0.6 of their height: fonts differ, and a word cut short is no loss. */
const roomFor = (width: number, fontSize: number) => Math.floor(width / (0.6 * fontSize));

function clipped(line: string, width: number, fontSize: number): string {
  const room = roomFor(width, fontSize);
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`;
}

/** Text in lines as wide as the box, as many as fit in it. */
function wrapped(words: string, { left, top, width, height }: Box, fontSize: number): string[] {
  const room = roomFor(width - 2 * gap, fontSize);
  const most = Math.max(1, Math.floor((height - 2 * gap) / (1.3 * fontSize)));
  const lines = words.match(new RegExp(`.{1,${room}}(?:\\s|$)|\\S{${room}}`, 'gu')) ?? [];
  return lines
    .slice(0, most)
    .map((line, i) => text(line.trim(), left + gap, top + gap + Math.round((1 + 1.3 * i) * fontSize)));
}
