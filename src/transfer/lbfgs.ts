/**
 * L-BFGS (Nocedal 1980) without a line search: each step costs one evaluation. The first step, without curvature pairs, moves
 * pixels by `firstStep` gray levels on average.
 *
 * It works in preconditioned coordinates z with x = B z, in which the loss is about equally steep in all directions. This is
 * equivalent to L-BFGS on the image with P = B Bᵀ as its initial inverse Hessian, but applies Bᵀ and B only once a step.
 */
import type { Algebra, Separable } from '../engine/engine.js';
import { CurvaturePairs, type Pair } from './curvature-pairs.js';
import { lbfgsStep, type StepState } from './lbfgs-step.js';
import type { InEngine, Optimizer, OptimizerState } from './optimizer.js';

/** A linear change of coordinates x = B z. Arguments are not modified. */
export interface Coordinates {
  /** Bᵀ g: the gradient with respect to z, from that with respect to the image, [3·H·W]. */
  gradient(ofImage: Float32Array): Promise<Float32Array>;
  /** B z: the step of the image, [3·H·W], for a step of z. */
  step(z: Float32Array): Promise<Float32Array>;
  /** Bᵀ as matrices, for steps in the engine; there are none where this is left out. */
  matrices?: Separable;
}

export interface LbfgsOptions {
  algebra: Algebra;
  /** Number of curvature pairs; pairsKept() when left out. */
  history?: number;
  /** Mean absolute change of a pixel in a step without curvature pairs, in gray levels. */
  firstStep?: number;
  /** Upper limit for the mean absolute change of a pixel in any step, in gray levels: the quadratic model holds locally only. */
  longestStep?: number;
  /** The image's own pixels when left out. */
  coordinates?: Coordinates;
}

/** B = I */
const pixels: Coordinates = { gradient: async (g) => g, step: async (z) => z };

/** More pairs improve convergence very little: docs/performance.md. */
const maxPairs = 40;

/** Pairs that are part of a saved state. With all of them, a large picture would write megabytes a second to the disk. */
const pairsSaved = 10;

/**
 * Number of curvature pairs for an image: as many as fit into 160 MB, 1 to 40. It depends on the size alone, not on the
 * memory available, so that a recipe gives the same picture everywhere.
 * @param length number of values, 3·H·W
 */
export const pairsKept = (length: number): number =>
  Math.max(1, Math.min(maxPairs, Math.floor(160e6 / (8 * length))));

/** @param saved state of an earlier optimizer to resume from */
export function lbfgs(
  { algebra, history, firstStep = 3, longestStep = 15, coordinates = pixels }: LbfgsOptions,
  saved?: OptimizerState,
): Optimizer {
  let pairs: CurvaturePairs | undefined;
  /** The pair of the latest step, in z. Its arrays are reused: allocating takes longer than subtracting. */
  let latest: Pair | undefined;
  /** The gradient at the start of the latest step, in z. */
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
  /** For images of this length. */
  const begin = async (length: number) => {
    pairs ??= new CurvaturePairs(algebra, history ?? pairsKept(length), length);
    latest ??= { s: new Float32Array(length), y: new Float32Array(length) };
    if (toRestore) await restore(pairs, latest, toRestore);
    toRestore = undefined;
    return { pairs, latest };
  };
  const inEngine: InEngine = {
    method: lbfgsStep,
    transform: coordinates.matrices,
    async state(length) {
      const { pairs, latest } = await begin(length);
      const row = (data: Float32Array) => ({ rows: 1, columns: data.length, data });
      const none = () => row(new Float32Array(length));
      return {
        ...pairs.matrices(),
        // Without an earlier step there is no pair: a step of zeros has no curvature.
        step: previous ? row(latest.s) : none(),
        gradient: previous ? row(previous) : none(),
        first: row(Float32Array.of(first * length)),
        longest: row(Float32Array.of(longestStep * length)),
      } satisfies StepState;
    },
    take({ state, passes }) {
      for (const { records } of passes)
        if (records.isTaken[0] > 0)
          pairs!.addKnown({ s: records.step, y: records.change }, records.sy, records.yy);
      latest!.s = state.step;
      previous = state.gradient;
    },
  };
  const reset = () => {
    pairs?.clear();
    previous = toRestore = undefined;
  };

  return {
    async step(image, ofImage) {
      const { pairs, latest } = await begin(image.length);
      const gradient = await coordinates.gradient(ofImage);
      if (previous) {
        // Without positive curvature H would not be positive definite; a tiny pair is lost in single precision.
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
    inEngine: coordinates.matrices && inEngine,
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

/** Writes the change y of the gradient into the pair; computes s·y and y·y in the same pass. */
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
