/** Masks: gray pictures that say where a style applies. */

import sharp from 'sharp';
import { UserError } from '../util/errors.js';
import { type Crop, decode } from './decode.js';
import type { PictureFile } from './file.js';
import { lumaAt } from './luma.js';

/** [H·W], 0 (not here) to 1 (fully). */
export interface Mask {
  data: Float32Array;
  width: number;
  height: number;
}

/**
 * Reads a mask and brings it to a size. A pixel's value is its luma times its alpha.
 * @param crop what is cut out of the photo; the mask covers the whole photo
 * @throws UserError if it cannot be read, or covers nothing
 */
export async function decodeMask(
  source: string | PictureFile,
  width: number,
  height: number,
  crop?: Crop,
): Promise<Mask> {
  const { data: rgb, alpha, width: w, height: h } = await decode(source, { pixels: maxPixels });
  // Plain loops: a mask has millions of pixels.
  const gray = new Float32Array(w * h);
  for (let i = 0; i < gray.length; i++) gray[i] = (lumaAt(rgb, i) / 255) * (alpha ? alpha[i] / 255 : 1);
  const drawn = { data: gray, width: w, height: h };
  const mask = await (crop ? cropMask(drawn, width, height, crop) : resizeMask(drawn, width, height));
  if (!mask.data.some((value) => value > 0))
    throw new UserError(
      `--mask ${typeof source === 'string' ? source : source.path}: it is black all over${crop ? ', in the part that is printed' : ''}, so its style would paint nowhere.`,
    );
  return mask;
}

/** Pixels of a mask at most; larger ones are shrunk as they are decoded. */
const maxPixels = 16e6;

/** Each pixel becomes about the mean of those it covers, so that thin shapes fade but do not vanish. */
export async function resizeMask(mask: Mask, width: number, height: number): Promise<Mask> {
  if (mask.width === width && mask.height === height) return mask;
  const bytes = new Uint8Array(mask.data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(255 * mask.data[i]);
  const raw = { width: mask.width, height: mask.height, channels: 1 } as const;
  const resized = await sharp(bytes, { raw })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .toColorspace('b-w')
    .raw()
    .toBuffer();
  return { data: Float32Array.from(resized, (value) => value / 255), width, height };
}

/** Stretches a mask over the whole photo, and cuts out the same part. */
async function cropMask(mask: Mask, width: number, height: number, { whole, part }: Crop): Promise<Mask> {
  const [x, y] = [width / part.width, height / part.height];
  const full = await resizeMask(mask, Math.round(whole.width * x), Math.round(whole.height * y));
  const left = Math.min(full.width - width, Math.round(part.left * x));
  const top = Math.min(full.height - height, Math.round(part.top * y));
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * full.width + left;
    data.set(full.data.subarray(from, from + width), row * width);
  }
  return { data, width, height };
}

/** What any of the masks lets through, [H·W], 0..1. */
export const union = (masks: readonly Mask[]): Float32Array => total(masks).map((sum) => Math.min(1, sum));

/** What each mask lets through, [H·W], no more than all of it where several overlap. */
export function sharesOf(masks: readonly Mask[]): Float32Array[] {
  const sums = total(masks);
  return masks.map(({ data }) => data.map((value, i) => value / Math.max(1, sums[i])));
}

const total = (masks: readonly Mask[]): Float32Array =>
  masks[0].data.map((_, i) => masks.reduce((sum, { data }) => sum + data[i], 0));

/** `inside` where the mask is 1, `outside` where it is 0, for planes [C, H·W]. */
export function mix(inside: Float32Array, outside: Float32Array, mask: Float32Array): Float32Array {
  return inside.map((value, i) => {
    const share = mask[i % mask.length];
    return share * value + (1 - share) * outside[i];
  });
}
