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
import type { Preconditioner } from './history.js';
import type { Scale } from './scales.js';

type Size = Pick<Scale, 'width' | 'height'>;

/** Broader than this is no different from flat, within a picture. */
const octaves = 7;

/** @returns P, for images [3, H, W] of this size; one call at a time, since it keeps the memory it works in */
export function preconditioner(size: Size): Preconditioner {
  const sizes = [size];
  while (sizes.length < octaves) sizes.push(half(sizes.at(-1)!));
  // The octaves of one plane below the picture's own.
  const coarser = sizes.slice(1).map(({ width, height }) => new Float32Array(width * height));
  const plane = size.width * size.height;
  return (image, preconditioned = new Float32Array(image.length)) => {
    for (let start = 0; start < image.length; start += plane) {
      const end = start + plane;
      shapePlane([image.subarray(start, end), ...coarser], preconditioned.subarray(start, end), sizes);
    }
    return preconditioned;
  };
}

/**
 * The sum above, from its broad end: a_0 + E (a_1 + E (a_2 + …) Eᵀ/4) Eᵀ/4, E being one octave.
 * @param planes the plane, and one for each coarser octave, which are written to
 */
function shapePlane(
  planes: readonly Float32Array[],
  preconditioned: Float32Array,
  sizes: readonly Size[],
): void {
  const last = planes.length - 1;
  for (let octave = 0; octave < last; octave++) reduce(planes[octave], planes[octave + 1], sizes[octave]);
  for (let i = 0; i < planes[last].length; i++) planes[last][i] *= gain(last);
  for (let octave = last - 1; octave >= 0; octave--) {
    const sum = octave === 0 ? preconditioned : planes[octave];
    enlargeOnto(sum, planes[octave], gain(octave), planes[octave + 1], sizes[octave]);
  }
}

/** a_k */
const gain = (octave: number): number => (octave === 0 ? 1 : 2 ** (octave - 1));

const half = ({ width, height }: Size): Size => ({
  width: Math.ceil(width / 2),
  height: Math.ceil(height / 2),
});

/**
 * gain · fine + E coarse, written into `sum`. A pixel of E is 3/4 its parent and 1/4 the parent's neighbour on its side; at
 * an edge the parent alone.
 * @param size of `fine`, which may be `sum`
 */
function enlargeOnto(
  sum: Float32Array,
  fine: Float32Array,
  gain: number,
  coarse: Float32Array,
  { width, height }: Size,
): void {
  const { width: w, height: h } = half({ width, height });
  for (let y = 0; y < height; y++) {
    const parents = (y >> 1) * w;
    const neighbours = Math.min(h - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * w;
    let at = y * width;
    let own = 0.75 * coarse[parents] + 0.25 * coarse[neighbours];
    let left = own;
    for (let x = 1; x < w; x++, at += 2) {
      const right = 0.75 * coarse[parents + x] + 0.25 * coarse[neighbours + x];
      sum[at] = gain * fine[at] + 0.75 * own + 0.25 * left;
      sum[at + 1] = gain * fine[at + 1] + 0.75 * own + 0.25 * right;
      left = own;
      own = right;
    }
    sum[at] = gain * fine[at] + 0.75 * own + 0.25 * left;
    if (width % 2 === 0) sum[at + 1] = gain * fine[at + 1] + own;
  }
}

/**
 * Eᵀ/4, written into `coarse`: every pixel's value goes to where it would be enlarged from. Past an edge lies what the edge's
 * own pixel would have sent there; past an odd one, nothing.
 * @param size of `fine`
 */
function reduce(fine: Float32Array, coarse: Float32Array, { width, height }: Size): void {
  const { width: w, height: h } = half({ width, height });
  // One pixel more on either side spares the loop its edges.
  const row = new Float32Array(2 * w + 2);
  for (let y = 0; y < h; y++) {
    const above = Math.max(0, 2 * y - 1) * width;
    const upper = 2 * y * width;
    const lower = Math.min(height - 1, 2 * y + 1) * width;
    const below = Math.min(height - 1, 2 * y + 2) * width;
    const isPaired = 2 * y + 1 < height ? 1 : 0;
    for (let x = 0; x < width; x++)
      row[x + 1] =
        0.75 * (fine[upper + x] + isPaired * fine[lower + x]) +
        0.25 * (fine[above + x] + isPaired * fine[below + x]);
    row[0] = row[1];
    if (width % 2 === 0) row[2 * w + 1] = row[2 * w];
    for (let x = 0; x < w; x++)
      coarse[y * w + x] = 0.1875 * (row[2 * x + 1] + row[2 * x + 2]) + 0.0625 * (row[2 * x] + row[2 * x + 3]);
  }
}
