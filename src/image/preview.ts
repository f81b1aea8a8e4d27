/** A small PNG of a picture, for a screen. */
import sharp from 'sharp';
import type { Picture } from './picture.js';
import { planesToInterleaved } from './planes.js';

/** Pixels of its longer side, at most. */
const longest = 480;

/**
 * Quick rather than small.
 * @param bleed pixels of each side that are not shown
 */
export function previewPng(picture: Picture, bleed: number): Promise<Uint8Array> {
  const { width, height } = picture;
  return sharp(planesToInterleaved(picture), { raw: { width, height, channels: 3 } })
    .extract({ left: bleed, top: bleed, width: width - 2 * bleed, height: height - 2 * bleed })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
