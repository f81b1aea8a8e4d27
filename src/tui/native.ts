/** Terminal graphics: kitty's protocol, within tmux by placeholders; iTerm2's inline images; sixel. */
import sharp from 'sharp';
import type { Drawing } from './canvas.js';
import type { CellArea } from './layout.js';
import type { Look } from './look.js';
import { mostPlaceholders, placeholderCells, throughTmux } from './placeholders.js';
import { encodeSixel } from './sixel.js';

export type Protocol = 'kitty' | 'placeholders' | 'iterm2' | 'sixel';

/** Pixels of a cell, where the terminal does not tell. Windows Terminal's sixels have this size whatever its font is. */
const usualCell = { width: 10, height: 20 };

/** Whether another picture can take a picture's place in a moment and without flicker, so that it can be drawn in a pane. */
export const isQuick = (protocol: Protocol | undefined): boolean =>
  protocol === 'kitty' || protocol === 'placeholders';

/**
 * An encoded image file, scaled to `columns` × `rows` cells.
 * @param id of the picture on the screen, from 1: another with the same id takes its place
 */
export async function drawNative(
  image: Uint8Array,
  { columns, rows }: CellArea,
  { cell = usualCell, sixel }: Pick<Look, 'cell' | 'sixel'>,
  protocol: Protocol,
  id: number,
): Promise<Drawing> {
  const [width, height] = [Math.round(columns * cell.width), Math.round(rows * cell.height)];
  if (protocol === 'sixel') {
    const code = await encodeSixel(image, { width, height }, sixel?.colors);
    return { columns, rows, native: { code, remove: '' } };
  }
  const png = await sharp(image)
    .resize(width, height, { fit: 'fill', withoutEnlargement: true })
    .png({ compressionLevel: 6 })
    .toBuffer();
  const data = png.toString('base64');
  if (protocol === 'iterm2') {
    const keys = `inline=1;width=${columns};height=${rows};preserveAspectRatio=0`;
    return { columns, rows, native: { code: `\x1b]1337;File=${keys}:${data}\x07`, remove: '' } };
  }
  const picture = pictureId(id);
  const remove = `\x1b_Ga=d,d=I,i=${picture},q=2\x1b\\`;
  const size = `i=${picture},c=${columns},r=${rows}`;
  if (protocol === 'kitty')
    return { columns, rows, native: { code: kitty(data, `${size},p=1,C=1`).join(''), remove } };
  const code = kitty(data, `${size},U=1`).map(throughTmux).join('');
  const cells = placeholderCells(picture, columns, rows);
  return { columns, rows, cells, native: { code, remove: throughTmux(remove) } };
}

/** The part of an area that a picture may fill. */
export function largestArea(
  { cell = usualCell, protocol, sixel }: Pick<Look, 'cell' | 'protocol' | 'sixel'>,
  { columns, rows }: CellArea,
): CellArea {
  const { width = Number.POSITIVE_INFINITY, height = width } =
    (protocol === 'sixel' ? sixel?.largest : undefined) ?? {};
  const most = protocol === 'placeholders' ? mostPlaceholders : Number.POSITIVE_INFINITY;
  return {
    columns: Math.min(columns, most, Math.max(1, Math.floor(width / cell.width))),
    rows: Math.min(rows, most, Math.max(1, Math.floor(height / cell.height))),
  };
}

/** A placeholder's color is the lowest byte of its picture's id; terminals may write the first sixteen colors otherwise. */
const [lowestByte, lowestBytes] = [16, 240];

/** In the highest byte, each program begins elsewhere: others in the same terminal number their pictures too. */
function pictureId(id: number): number {
  const highest = 1 + ((process.pid + Math.floor(id / lowestBytes)) % 255);
  return highest * 2 ** 24 + lowestByte + (id % lowestBytes);
}

/** In chunks of 4096 characters. Quiet, because an answer would arrive as keys; the cursor stays in place. */
function kitty(data: string, keys: string): string[] {
  const pieces = data.match(/.{1,4096}/g) ?? [];
  return pieces.map((piece, i) => {
    const more = `m=${i < pieces.length - 1 ? 1 : 0}`;
    return `\x1b_G${i === 0 ? `a=T,f=100,q=2,${keys},${more}` : `${more},q=2`};${piece}\x1b\\`;
  });
}
