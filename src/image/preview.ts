/** A small PNG of a picture, for a screen. */
import sharp from 'sharp';
import type { Picture } from './picture.js';
import { planesToInterleaved } from './planes.js';

/** At most `longest` pixels on the longer side; quick rather than small. */
export function previewPng(picture: Picture, longest = 480): Promise<Uint8Array> {
  const { width, height } = picture;
  return sharp(planesToInterleaved(picture), { raw: { width, height, channels: 3 } })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
