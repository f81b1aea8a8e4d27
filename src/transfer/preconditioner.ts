/**
 * A preconditioner for L-BFGS. The losses are flat along low frequencies of a picture and steep along high ones, so the bare
 * gradient is mostly high-frequency noise. The change of variables weights each wave by its frequency f, in cycles per pixel,
 * and chroma less than luma:
 *
 *   x = B z = M Rᵀ (√gain ⊙ z) C,   gain = ½ / max(f, ½ / max(H, W)),   M² = 0.4 I + 0.6 (mean over colors)
 *
 * R and C are the orthonormal DCT-II of H and W points, so nothing wraps around the edges. P = B Bᵀ then scales each frequency
 * by its inverse, isotropically. An image pyramid does so only approximately and is not shift-invariant: its grid shows in
 * paintings as a weave of fine lines.
 */
import type { Algebra } from '../engine/engine.js';
import type { Coordinates } from './lbfgs.js';
import type { Scale } from './scales.js';

/** Gain of P for differences between channels, relative to that for their mean. */
const chromaGain = 0.4;

/** The preconditioner for images [3, H, W] of this size. */
export function preconditioner(
  algebra: Algebra,
  { width, height }: Pick<Scale, 'width' | 'height'>,
): Coordinates {
  const matrices = {
    width,
    height,
    colors: colors(),
    rows: cosines(height),
    columns: cosines(width),
    gain: gains(width, height),
  };
  const { apply, transposed } = algebra.transform(matrices);
  return { gradient: apply, step: transposed, matrices };
}

/** M, [3, 3] */
function colors(): Float32Array {
  const alone = Math.sqrt(chromaGain);
  return Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? alone : 0) + (1 - alone) / 3);
}

/** Matrix of the orthonormal DCT-II, [n, n], one frequency per row. */
function cosines(n: number): Float32Array {
  // All angles are multiples of π / 2n, so 4n cosines are enough.
  const circle = Float64Array.from(
    { length: 4 * n },
    (_, i) => Math.sqrt(2 / n) * Math.cos((Math.PI * i) / (2 * n)),
  );
  const matrix = new Float32Array(n * n).fill(Math.sqrt(1 / n));
  for (let k = 1; k < n; k++)
    for (let j = 0; j < n; j++) matrix[k * n + j] = circle[((2 * j + 1) * k) % (4 * n)];
  return matrix;
}

/** √gain of each frequency, [H, W]. */
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
