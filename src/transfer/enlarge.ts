/**
 * Enlarges a painting to the size of the next scale. Resampling alone leaves it blurred, and the optimizer would spend most
 * of a scale's evaluations on recovering brushwork. So high-frequency detail is added from two sources:
 *
 *   - the styles: each patch of the painting gets the detail of the style patch that is nearest to it at the smaller size
 *     (Hertzmann et al. 2001, "Image Analogies");
 *   - the photo: half of its detail, without which small faces dissolve.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Algebra } from '../engine/engine.js';
import type { Picture, Size } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { styleSizeAt } from './targets.js';

export interface DetailSources {
  styles: readonly Picture[];
  /** Factor that brings the styles to their size at the new scale: see styleSizeAt(). */
  styleScale: number;
  /** Share of each style, 0..1: for each pixel of the enlarged painting, [H·W], or one for all. */
  shares: readonly (Float32Array | number)[];
  /** The photo, or another picture that painting started from, at any size. */
  photo?: Picture;
}

/** Factors for the added detail. With 1 for the style edges fray and specks appear; with 1 for the photo its grain shows: docs/looks.md. */
const styleShare = 0.6;
const photoShare = 0.5;

/** Side of the square patches, and their distance in the painting, in pixels: they overlap. */
const patchSide = 5;
const patchSpacing = 3;
const patchLength = 3 * patchSide ** 2;

/** Upper left corner of a patch. */
type Corner = readonly [x: number, y: number];

/** Number of candidate patches at most, spread evenly over the style. */
const maxCandidates = 64_000;

/**
 * The candidates are divided into batches at random, and each patch of the painting is compared with one batch. With a single
 * batch, an even sky would get the same patch everywhere, which shows as a grid.
 */
const batches = 16;

/**
 * The painting at the new size, with detail added. Where it is not enlarged, it is only resampled.
 * @param size in pixels
 */
export async function enlarge(
  algebra: Algebra,
  painting: Picture,
  size: Size,
  { styles, styleScale, shares, photo }: DetailSources,
): Promise<Picture> {
  const enlarged = await resize(painting, size.width, size.height);
  if (painting.width >= size.width) return enlarged;
  const { data } = enlarged;
  const plane = size.width * size.height;
  for (const [i, style] of styles.entries()) {
    const share = shares[i];
    if (share === 0) continue;
    const { width, height } = styleSizeAt(style, styleScale);
    const detail = await brushwork(algebra, painting, size, await resize(style, width, height));
    const shareAt = typeof share === 'number' ? () => share : (k: number) => share[k % plane];
    for (let k = 0; k < data.length; k++) data[k] += styleShare * shareAt(k) * detail[k];
  }
  if (photo) {
    const sharp = await resize(photo, size.width, size.height);
    const detail = await detailBeyond(sharp, await resize(photo, painting.width, painting.height));
    for (let k = 0; k < data.length; k++) data[k] += photoShare * detail[k];
  }
  return enlarged;
}

/** High-frequency detail: the picture minus the smaller one enlarged; [3, H, W], around 0. */
async function detailBeyond({ width, height, data }: Picture, smaller: Picture): Promise<Float32Array> {
  const blurred = (await resize(smaller, width, height)).data;
  return data.map((value, i) => value - blurred[i]);
}

/**
 * The style's detail, arranged to match the painting.
 * @param style at its size at the new scale
 * @returns [3, H, W] for the enlarged painting, around 0
 */
async function brushwork(
  algebra: Algebra,
  painting: Picture,
  { width, height }: Size,
  style: Picture,
): Promise<Float32Array> {
  const growth = width / painting.width;
  const shrunk = (n: number) => Math.max(patchSide, Math.round(n / growth));
  const small = await resize(style, shrunk(style.width), shrunk(style.height));
  const places = corners(painting, patchSpacing);
  const candidates = corners(small, Math.ceil(Math.sqrt((small.width * small.height) / maxCandidates)));
  const nearest = await drawNearest(algebra, painting, places, small, candidates);

  const detail = await detailBeyond(style, small);
  const side = Math.ceil(patchSide * growth);
  // Overlapping patches are blended linearly.
  const ramp = Float32Array.from({ length: side }, (_, i) => Math.min(i + 1, side - i));
  const result = new Float32Array(3 * width * height);
  const weights = new Float32Array(width * height);
  for (const [i, [x, y]] of places.entries()) {
    const [fromX, fromY] = nearest[i].map((n) => Math.round(n * growth));
    const [toX, toY] = [Math.round(x * growth), Math.round(y * growth)];
    const columns = Math.min(side, width - toX, style.width - fromX);
    const rows = Math.min(side, height - toY, style.height - fromY);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const weight = ramp[row] * ramp[column];
        const to = (toY + row) * width + toX + column;
        const from = (fromY + row) * style.width + fromX + column;
        weights[to] += weight;
        for (let c = 0; c < 3; c++)
          result[c * width * height + to] += weight * detail[c * style.width * style.height + from];
      }
    }
  }
  for (let i = 0; i < result.length; i++) result[i] /= weights[i % weights.length] || 1;
  return result;
}

/** For each patch of the painting, the corner of the nearest style patch among one random batch. */
async function drawNearest(
  algebra: Algebra,
  painting: Picture,
  places: readonly Corner[],
  style: Picture,
  candidates: readonly Corner[],
): Promise<Corner[]> {
  const generator = xoroshiro128plus(0);
  const draw = (count: number) => {
    const drawn = Array.from({ length: batches }, (): number[] => []);
    for (let i = 0; i < count; i++) drawn[uniformInt(generator, 0, batches - 1)].push(i);
    return drawn;
  };
  const lotsOfStyle = draw(candidates.length);
  const nearest: Corner[] = [];
  for (const [lot, indices] of draw(places.length).entries()) {
    if (indices.length === 0) continue;
    const drawn = lotsOfStyle[lot].map((i) => candidates[i]);
    // A style of a few pixels has fewer candidates than lots.
    const from = drawn.length > 0 ? drawn : candidates;
    const wanted = patches(
      painting,
      indices.map((i) => places[i]),
    );
    const found = await algebra.nearest(wanted, patches(style, from), patchLength);
    for (const [k, i] of indices.entries()) nearest[i] = from[found[k]];
  }
  return nearest;
}

/** Corners of patches, `apart` pixels from each other, that cover the picture up to its edges. */
function corners({ width, height }: Size, apart: number): Corner[] {
  const along = (length: number) => {
    const last = Math.max(0, length - patchSide);
    return Array.from({ length: Math.ceil(last / apart) + 1 }, (_, i) => Math.min(last, i * apart));
  };
  return along(height).flatMap((y) => along(width).map((x): Corner => [x, y]));
}

/** The patches as rows, [n, 3 · patchSide²]. */
function patches({ width, height, data }: Picture, places: readonly Corner[]): Float32Array {
  const rows = new Float32Array(places.length * patchLength);
  let k = 0;
  for (const [x, y] of places)
    for (let c = 0; c < 3; c++)
      for (let row = 0; row < patchSide; row++) {
        const from = (c * height + y + row) * width + x;
        rows.set(data.subarray(from, from + patchSide), k);
        k += patchSide;
      }
  return rows;
}
