/**
 * The coordinates that L-BFGS works in. The losses are flat along broad, smooth changes of a picture and steep along fine
 * grain, so a step along the bare gradient is all grain. Here every wave of a picture counts by its frequency f, in cycles a
 * pixel, and differences between colors less than what they share:
 *
 *   x = B z = M Rᵀ (√gain ⊙ z) C,   gain = ½ / max(f, ½ / max(H, W)),   M² = 0.4 I + 0.6 (mean over colors)
 *
 * R and C are the orthonormal cosine transforms (DCT-II) of H and W points, so that nothing wraps around the edges. A
 * gradient is then passed on to the step by P = B Bᵀ: each frequency in inverse proportion to itself, whatever its direction.
 * A pyramid of boxes or tents does so on average only: what it makes of a pixel depends on where in the grid that lies, and
 * leaves a weave of fine lines.
 */
import type { Algebra } from '../engine/engine.js';
import type { Coordinates } from './lbfgs.js';
import type { Scale } from './scales.js';

/** What P makes of differences between colors, beside what they share. */
const chromaGain = 0.4;

/** For images [3, H, W] of this size. */
export function preconditioner(
  algebra: Algebra,
  { width, height }: Pick<Scale, 'width' | 'height'>,
): Coordinates {
  const { apply, transposed } = algebra.transform({
    width,
    height,
    colors: colors(),
    rows: cosines(height),
    columns: cosines(width),
    gain: gains(width, height),
  });
  return { gradient: apply, step: transposed };
}

/** M, [3, 3] */
function colors(): Float32Array {
  const alone = Math.sqrt(chromaGain);
  return Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? alone : 0) + (1 - alone) / 3);
}

/** The orthonormal DCT-II of n points, [n, n], a wave a row. */
function cosines(n: number): Float32Array {
  // Every angle is one of the 4n whose multiple of π / 2n is whole.
  const circle = Float64Array.from(
    { length: 4 * n },
    (_, i) => Math.sqrt(2 / n) * Math.cos((Math.PI * i) / (2 * n)),
  );
  const matrix = new Float32Array(n * n).fill(Math.sqrt(1 / n));
  for (let k = 1; k < n; k++)
    for (let j = 0; j < n; j++) matrix[k * n + j] = circle[((2 * j + 1) * k) % (4 * n)];
  return matrix;
}

/** √gain of every wave, [H, W]. */
function gains(width: number, height: number): Float32Array {
  const broadest = 0.5 / Math.max(width, height);
  const matrix = new Float32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const frequency = Math.hypot(y / (2 * height), x / (2 * width));
      matrix[y * width + x] = Math.sqrt(0.5 / Math.max(frequency, broadest));
    }
  return matrix;
}
