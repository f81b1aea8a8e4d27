/**
 * L-BFGS (Nocedal 1980) without a line search: each step costs one evaluation. The first step, with no history yet, moves
 * pixels by about `firstStep` grey levels.
 *
 * It works in coordinates z of its own, x = B z, where the loss is about as steep in every direction. What it learns there
 * is what preconditioned L-BFGS would learn of the image, with P = B Bᵀ for its first guess of the inverse Hessian; but P is
 * gone through once a step: the gradient on its way there, the step on its way back.
 */
import type { Algebra } from '../engine/engine.js';
import { CurvaturePairs, type Pair } from './curvature-pairs.js';
import type { Optimizer, OptimizerState } from './optimizer.js';

/** B, linear. Neither writes into what it is given. */
export interface Coordinates {
  /** Bᵀ g: the gradient in these coordinates. */
  gradient(ofImage: Float32Array): Promise<Float32Array>;
  /** B z: what a step in them does to the image. */
  step(z: Float32Array): Promise<Float32Array>;
}

export interface LbfgsOptions {
  algebra: Algebra;
  /** Pairs of steps and gradient changes that are kept. */
  history?: number;
  /** Mean change of a pixel in a step without history, in grey levels. */
  firstStep?: number;
  /** Mean change of a pixel in any step is held below this: a quadratic model is not trusted further. */
  longestStep?: number;
  /** The image's own pixels when left out. */
  coordinates?: Coordinates;
}

/** The image's own. */
const pixels: Coordinates = { gradient: async (g) => g, step: async (z) => z };

/** More learn hardly anything more: docs/performance.md. */
const maxPairs = 40;

/** Pairs that are written down: a picture of some size would else cost its disk megabytes a second. */
const pairsSaved = 10;

/**
 * Pairs that are kept: of a large picture fewer, so that they take no more than 160 MB, but one at least. By size alone,
 * not by what memory is free: a recipe must give the same picture everywhere.
 * @param length of an image's array
 */
export const pairsKept = (length: number): number =>
  Math.max(1, Math.min(maxPairs, Math.floor(160e6 / (8 * length))));

/** @param saved of an earlier one, to go on from */
export function lbfgs(
  { algebra, history, firstStep = 3, longestStep = 15, coordinates = pixels }: LbfgsOptions,
  saved?: OptimizerState,
): Optimizer {
  let pairs: CurvaturePairs | undefined;
  /** The latest step's, in the coordinates: kept, since fresh memory takes longer to get than a difference. */
  let latest: Pair | undefined;
  /** The gradient that the latest step went out from, in the coordinates. */
  let previous: Float32Array | undefined;
  let toRestore = saved?.arrays;
  let first = saved?.numbers.first ?? firstStep;

  const restore = async (known: CurvaturePairs, { s }: Pair, arrays: OptimizerState['arrays']) => {
    for (let i = 0; `step${i}` in arrays; i++)
      await known.add({ s: arrays[`step${i}`], y: arrays[`change${i}`] });
    if (!arrays.step) return;
    s.set(arrays.step);
    previous = arrays.gradient;
  };
  const reset = () => {
    pairs?.clear();
    previous = toRestore = undefined;
  };

  return {
    async step(image, ofImage) {
      pairs ??= new CurvaturePairs(algebra, history ?? pairsKept(image.length), image.length);
      latest ??= { s: new Float32Array(image.length), y: new Float32Array(image.length) };
      if (toRestore) await restore(pairs, latest, toRestore);
      toRestore = undefined;
      const gradient = await coordinates.gradient(ofImage);
      if (previous) {
        // A pair without positive curvature would turn the search uphill; of a tiny one single precision keeps nothing.
        const { sy, yy } = difference(gradient, previous, latest);
        if (sy > 1e-10 * yy && sy > 1e-30) await pairs.add(latest);
      }
      const uphill = pairs.count > 0 ? await pairs.applyInverseHessian(gradient) : gradient;
      const ofPixels = await coordinates.step(uphill);
      const length = meanAbsolute(ofPixels);
      const step = pairs.count === 0 ? first / length : Math.min(1, longestStep / length);
      for (let i = 0; i < uphill.length; i++) latest.s[i] = -step * uphill[i];
      previous = gradient;
      return stepped(image, -step, ofPixels);
    },
    reset,
    retreat() {
      reset();
      first /= 2;
    },
    state() {
      if (toRestore) return { numbers: { first }, arrays: toRestore };
      const arrays: OptimizerState['arrays'] =
        latest && previous ? { step: latest.s, gradient: previous } : {};
      for (const [i, { s, y }] of (pairs?.latest(pairsSaved) ?? []).entries())
        Object.assign(arrays, { [`step${i}`]: s, [`change${i}`]: y });
      return { numbers: { first }, arrays };
    },
  };
}

/** The change y of the gradient, written into the pair of its step s; s·y and y·y in the same pass. */
function difference(now: Float32Array, before: Float32Array, { s, y }: Pair): { sy: number; yy: number } {
  let sy = 0;
  let yy = 0;
  for (let i = 0; i < y.length; i++) {
    y[i] = now[i] - before[i];
    sy += s[i] * y[i];
    yy += y[i] * y[i];
  }
  return { sy, yy };
}

/** image + length · direction */
function stepped(image: Float32Array, length: number, direction: Float32Array): Float32Array {
  const result = new Float32Array(image.length);
  for (let i = 0; i < image.length; i++) result[i] = image[i] + length * direction[i];
  return result;
}

/** Mean absolute value, never zero. */
function meanAbsolute(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length || Number.MIN_VALUE;
}
