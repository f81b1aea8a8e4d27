/** Resizes pictures in memory, including values outside 0..255. */
import sharp from 'sharp';
import type { Picture } from './picture.js';

const levels = 65_535;

/**
 * Lanczos resize; the same picture where the size is right already. Alpha is dropped.
 * sharp clamps floats, so the range of values is spread over 16 bits: exact to about 0.01 of a gray level.
 */
export async function resize(picture: Picture, width: number, height: number): Promise<Picture> {
  if (picture.width === width && picture.height === height) return picture;
  const { data } = picture;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  // Lanczos overshoots at edges; the margin keeps that.
  const margin = 0.15 * (highest - lowest) || 1;
  const base = lowest - margin;
  const step = (highest + margin - base) / levels;

  const count = picture.width * picture.height;
  const pixels = new Uint16Array(3 * count);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < count; i++) pixels[3 * i + c] = Math.round((data[c * count + i] - base) / step);
  }
  const { data: bytes } = await sharp(pixels, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
  })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .toColorspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const resized = new Uint16Array(Uint8Array.from(bytes).buffer);
  const newCount = width * height;
  const planes = new Float32Array(3 * newCount);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < newCount; i++) planes[c * newCount + i] = base + step * resized[3 * i + c];
  }
  return { data: planes, width, height };
}
