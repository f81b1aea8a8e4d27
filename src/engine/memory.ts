/** How much memory on the host an engine takes, to predict whether a picture fits. */
import type { TiledMemoryUse } from './description.js';
import { engines } from './engines.js';
import type { EngineName } from './placement.js';

/** Other layers, masks and processors than those of the measurements may take more. */
const margin = 1.1;

/** Bytes of the process while it evaluates an image of so many pixels. */
export function evaluationMemory(engine: EngineName, pixels: number): number {
  const { fixed, evaluate } = engines[engine].memory;
  return margin * (fixed + evaluate * pixels);
}

/** Bytes of the process while it measures the features of an image of so many pixels. */
export function featuresMemory(engine: EngineName, pixels: number): number {
  const { fixed, features } = engines[engine].memory;
  return margin * (fixed + features * pixels);
}

/**
 * Bytes of the process while it evaluates an image in tiles of so many pixels.
 * @throws Error if the engine cannot: see canTile()
 */
export function tiledMemory(engine: EngineName, pixels: number): number {
  const { fixed, pixel } = tiledUse(engine);
  return margin * (fixed + pixel * pixels);
}

/**
 * Pixels of the largest tile that fits into so many bytes; negative if not even the network fits.
 * @throws Error if the engine cannot paint in tiles: see canTile()
 */
export function tileWithin(engine: EngineName, bytes: number): number {
  const { fixed, pixel } = tiledUse(engine);
  return Math.floor((bytes / margin - fixed) / pixel);
}

function tiledUse(engine: EngineName): TiledMemoryUse {
  const { tiledMemory } = engines[engine];
  if (!tiledMemory) throw new Error(`the engine ${engine} cannot paint in tiles`);
  return tiledMemory;
}
