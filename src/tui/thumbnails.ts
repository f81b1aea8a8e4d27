/** Thumbnails of photos and styles; the most recently used are cached. */
import { stat } from 'node:fs/promises';
import sharp from 'sharp';
import { LruCache } from '../util/lru-cache.js';

export interface Thumbnail {
  /** Encoded as PNG. */
  png: Uint8Array;
  width: number;
  height: number;
}

const longestSide = 480;
const kept = 16;
const cache = new LruCache<string, Promise<Thumbnail>>(kept);

/** Rejects for a file that is missing or not a picture. */
export async function thumbnailOf(path: string): Promise<Thumbnail> {
  const { mtimeMs } = await stat(path);
  const key = `${mtimeMs} ${path}`;
  const thumbnail = cache.get(key) ?? shrink(path);
  cache.set(key, thumbnail);
  return thumbnail;
}

async function shrink(path: string): Promise<Thumbnail> {
  const { data, info } = await sharp(path)
    .autoOrient()
    .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
    .toColorspace('srgb')
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  return { png: data, width: info.width, height: info.height };
}
