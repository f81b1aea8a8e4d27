/** Statistics of pictures that were measured before: the pictures of a folder share their styles. */
import type { Engine, Features, Image } from '../engine/engine.js';
import { hashBytes } from '../util/hash.js';

/** Four styles at four scales; each takes 2.4 MB where five layers of VGG-19 are measured. */
const kept = 16;

/** Known by the hash of the pixels that they belong to. A cache goes with one engine. */
export class StatisticsCache {
  private readonly known = new Map<string, Features['style']>();

  /** The image's statistics. Not to be written to. */
  async of(image: Image, engine: Engine): Promise<Features['style']> {
    const { data, width, height } = image;
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${width}×${height} ${hashBytes(pixels)}`;
    const statistics = this.known.get(key) ?? (await engine.features(image)).style;
    // The latest come last, so that the first is the one that was not needed for longest.
    this.known.delete(key);
    this.known.set(key, statistics);
    if (this.known.size > kept) this.known.delete(this.known.keys().next().value!);
    return statistics;
  }
}
