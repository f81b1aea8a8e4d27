/** Between sharp's interleaved pixels and the planes of a Picture. */
import type { Picture } from './picture.js';

/** [H, W, channels] bytes, gray or color, with or without alpha, to a Picture. */
export function interleavedToPlanes(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
): Picture {
  const count = width * height;
  const data = new Float32Array(3 * count);
  const colors = channels < 3 ? 1 : 3;
  for (let c = 0; c < 3; c++) {
    for (let i = 0, from = Math.min(c, colors - 1); i < count; i++, from += channels)
      data[c * count + i] = pixels[from];
  }
  if (channels === colors) return { data, width, height };
  const alpha = new Uint8Array(count);
  for (let i = 0; i < count; i++) alpha[i] = pixels[i * channels + colors];
  return { data, width, height, alpha };
}

/** A Picture as [H, W, 3] bytes, or [H, W, 4] with its alpha; colors are rounded and clamped to 0..255. */
export function planesToInterleaved({ data, width, height, alpha }: Picture, withAlpha = false): Uint8Array {
  const count = width * height;
  const channels = withAlpha ? 4 : 3;
  const pixels = new Uint8ClampedArray(channels * count);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < count; i++) pixels[channels * i + c] = data[c * count + i];
  }
  if (withAlpha) for (let i = 0; i < count; i++) pixels[4 * i + 3] = alpha ? alpha[i] : 255;
  return new Uint8Array(pixels.buffer);
}
