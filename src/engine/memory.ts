/**
 * How much memory an engine takes on the processor, so that a picture too large for it is foreseen. As measured:
 * docs/performance.md says how.
 */
import type { EngineName } from './placement.js';

interface Measured {
  /** Bytes that a painting process with this engine takes whatever the size. */
  fixed: number;
  /** Bytes for each pixel of an image that is evaluated, and of one whose features are asked for. */
  evaluate: number;
  features: number;
}

/** Of a process that paints in tiles: with both its sessions, and for each pixel of the tile under way. */
const tiled = { fixed: 380e6, pixel: 1600 };

const measured: Record<EngineName, Measured> = {
  onnx: { fixed: 400e6, evaluate: 1950, features: 1100 },
  tensorflow: { fixed: 680e6, evaluate: 5500, features: 1700 },
};

/** Layers, masks and processors other than those that were measured may take more. */
const margin = 1.1;

/** Bytes of the process while it evaluates an image in tiles of so many pixels. */
export const tiledMemory = (pixels: number): number => margin * (tiled.fixed + tiled.pixel * pixels);

/** Pixels of the tiles that so many bytes are enough for; below 0 where they are not enough for the network. */
export const tileWithin = (bytes: number): number => Math.floor((bytes / margin - tiled.fixed) / tiled.pixel);

/** Bytes of the process while it evaluates an image of so many pixels. */
export function evaluationMemory(engine: EngineName, pixels: number): number {
  const { fixed, evaluate } = measured[engine];
  return margin * (fixed + evaluate * pixels);
}

/** Bytes of the process while it takes the features of an image of so many pixels. */
export function featuresMemory(engine: EngineName, pixels: number): number {
  const { fixed, features } = measured[engine];
  return margin * (fixed + features * pixels);
}
