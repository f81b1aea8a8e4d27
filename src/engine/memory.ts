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

const measured: Record<EngineName, Measured> = {
  onnx: { fixed: 720e6, evaluate: 1780, features: 800 },
  tensorflow: { fixed: 680e6, evaluate: 5500, features: 1700 },
};

/** Layers, masks and processors other than those that were measured may take more. */
const margin = 1.1;

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
