/** Pictures as text: coloured half-blocks, or shades of ASCII where there are no colours. */
import sharp from 'sharp';
import terminalImage from 'terminal-image';
import type { Look } from './look.js';

/** From dark to bright, by how much ink a character has on a dark screen. */
const shades = ' .:-=+*#%@';

/** A whole image file as `rows` lines of `columns` cells. */
export async function drawPicture(
  png: Uint8Array,
  columns: number,
  rows: number,
  look: Look,
): Promise<string> {
  // sharp shrinks to the very pixels that will be seen: terminal-image would do it on the main thread.
  if (look.colours && look.glyphs.full === '█') {
    const small = await sharp(png)
      .resize(columns, 2 * rows, { fit: 'fill' })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const text = await terminalImage.buffer(small, {
      width: columns,
      height: rows,
      preserveAspectRatio: false,
      preferNativeRender: false,
    });
    return text.replace(/\n+$/, '');
  }
  const grey = await sharp(png)
    .resize(columns, rows, { fit: 'fill' })
    .greyscale()
    .normalise()
    .raw()
    .toBuffer();
  const shade = (value: number) =>
    shades[Math.min(shades.length - 1, Math.floor((value * shades.length) / 256))];
  return Array.from({ length: rows }, (_, y) =>
    Array.from(grey.subarray(y * columns, (y + 1) * columns), shade).join(''),
  ).join('\n');
}
