/**
 * What L-BFGS takes for its inverse Hessian before it has learnt anything: the multilevel preconditioner of Bramble,
 * Pasciak and Xu 1990. The losses are flat along broad, smooth changes of a picture and steep along fine grain, so a
 * step along the bare gradient is all grain. Here every octave of broadness counts twice as much as the one below:
 *
 *   P = Σ_k a_k E_k E_kᵀ / 4^k,  a_0 = 1,  a_k = 2^k − 2^(k−1)
 *
 * E_k enlarges bilinearly from 1/2^k of the size and E_kᵀ is its transpose, so P is symmetric and positive definite at
 * any size, with no rim at the edges. It passes a frequency on in inverse proportion, nearly, and costs a few passes.
 */
import type { Shape } from './pairs.js';
import type { Scale } from './scales.js';

type Size = Pick<Scale, 'width' | 'height'>;

/** Broader than this is no different from flat, within a picture. */
const octaves = 7;

/** @returns P, for images [3, H, W] of this size */
export function shaping(size: Size): Shape {
  const sizes = [size];
  while (sizes.length < octaves) sizes.push(half(sizes.at(-1)!));
  const plane = size.width * size.height;
  return (image, shaped = new Float32Array(image.length)) => {
    for (let start = 0; start < image.length; start += plane)
      shaped.set(shapePlane(image.subarray(start, start + plane), sizes, 0), start);
    return shaped;
  };
}

/** The sum above, from its broad end: a_0 + E (a_1 + E (a_2 + …) Eᵀ/4) Eᵀ/4, E being one octave. */
function shapePlane(plane: Float32Array, sizes: readonly Size[], octave: number): Float32Array {
  const gain = octave === 0 ? 1 : 2 ** (octave - 1);
  const shaped = new Float32Array(plane.length);
  for (let i = 0; i < shaped.length; i++) shaped[i] = gain * plane[i];
  if (octave + 1 < sizes.length)
    enlargeOnto(shaped, shapePlane(reduce(plane, sizes[octave]), sizes, octave + 1), sizes[octave]);
  return shaped;
}

const half = ({ width, height }: Size): Size => ({
  width: Math.ceil(width / 2),
  height: Math.ceil(height / 2),
});

/** Adds E, an octave: a pixel is 3/4 its parent and 1/4 the parent's neighbour on its side; at an edge the parent alone. */
function enlargeOnto(fine: Float32Array, coarse: Float32Array, { width, height }: Size): void {
  const { width: w, height: h } = half({ width, height });
  // One pixel more on either side spares the loop its edges.
  const row = new Float32Array(w + 2);
  for (let y = 0; y < height; y++) {
    const parent = (y >> 1) * w;
    const neighbour = Math.min(h - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * w;
    for (let x = 0; x < w; x++) row[x + 1] = 0.75 * coarse[parent + x] + 0.25 * coarse[neighbour + x];
    row[0] = row[1];
    row[w + 1] = row[w];
    const start = y * width;
    for (let x = 0; x < w; x++) {
      const own = 0.75 * row[x + 1];
      fine[start + 2 * x] += own + 0.25 * row[x];
      if (2 * x + 1 < width) fine[start + 2 * x + 1] += own + 0.25 * row[x + 2];
    }
  }
}

/** Eᵀ/4: every pixel's value goes to where it would be enlarged from. */
function reduce(fine: Float32Array, { width, height }: Size): Float32Array {
  const { width: w, height: h } = half({ width, height });
  const coarse = new Float32Array(w * h);
  // Past an edge lies what the edge's own pixel would have sent there; past an odd one, nothing.
  const row = new Float32Array(2 * w + 2);
  for (let y = 0; y < height; y++) {
    row.set(fine.subarray(y * width, (y + 1) * width), 1);
    row[0] = row[1];
    row[2 * w + 1] = width % 2 === 0 ? row[2 * w] : 0;
    const parent = (y >> 1) * w;
    const neighbour = Math.min(h - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * w;
    for (let x = 0; x < w; x++) {
      const value = 0.1875 * (row[2 * x + 1] + row[2 * x + 2]) + 0.0625 * (row[2 * x] + row[2 * x + 3]);
      coarse[parent + x] += 0.75 * value;
      coarse[neighbour + x] += 0.25 * value;
    }
  }
  return coarse;
}
