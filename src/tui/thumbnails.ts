/** Thumbnails of photos and styles; the most recently used are cached. */
import { stat } from 'node:fs/promises';
import { examine } from '../examine/examiner.js';
import { LruCache } from '../util/lru-cache.js';

export interface Thumbnail {
  /** Encoded as PNG. */
  png: Uint8Array;
  width: number;
  height: number;
}

const kept = 16;
const cache = new LruCache<string, Promise<Thumbnail>>(kept);

/**
 * Rejects for a file that is missing or not a picture.
 * @param longestSide in pixels; smaller pictures are not enlarged
 */
export async function thumbnailOf(path: string, longestSide: number): Promise<Thumbnail> {
  const { mtimeMs } = await stat(path);
  const key = `${mtimeMs} ${longestSide} ${path}`;
  const thumbnail = cache.get(key) ?? examine('thumbnail', { path, longestSide });
  cache.set(key, thumbnail);
  return thumbnail;
}
