/** A cache of style statistics, since the pictures of a folder share their styles. */
import type { Engine, Features, Image } from '../engine/engine.js';
import { hashBytes } from '../util/hash.js';
import { LruCache } from '../util/lru-cache.js';

/** Number of entries: four styles at four scales. Each takes 2.4 MB with the default layers. */
const kept = 16;

/** Keyed by the hash of the pixels. Each engine needs a cache of its own. */
export class StatisticsCache {
  private readonly known = new LruCache<string, Features['style']>(kept);

  /** The image's statistics by style layer; do not modify them. */
  async of(image: Image, engine: Engine): Promise<Features['style']> {
    const { data, width, height } = image;
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${width}×${height} ${hashBytes(pixels)}`;
    const statistics = this.known.get(key) ?? (await engine.features(image)).style;
    this.known.set(key, statistics);
    return statistics;
  }
}
