/**
 * L-BFGS (Nocedal 1980) without a line search: each step costs one evaluation. The first step, with no history yet, moves
 * pixels by about `firstStep` grey levels.
 */
import type { Algebra } from '../engine/engine.js';
import type { Memory, Optimiser } from './optimiser.js';
import { Pairs, type Shape } from './pairs.js';

export interface LbfgsOptions {
  algebra: Algebra;
  /** Pairs of steps and gradient changes that are kept. */
  history?: number;
  /** Mean change of a pixel in a step without history, in grey levels. */
  firstStep?: number;
  /** Mean change of a pixel in any step is held below this: a quadratic model is not trusted further. */
  longestStep?: number;
  /** The identity when left out. */
  shape?: Shape;
}

/** More learn hardly anything more: docs/performance.md. */
const mostPairs = 40;

/** Pairs that are written down: a picture of some size would else cost its disk megabytes a second. */
const pairsRemembered = 10;

/**
 * Pairs that are kept: of a large picture fewer, so that they take no more than 160 MB, but one at least. By size alone,
 * not by what memory is free: a recipe must give the same picture everywhere.
 * @param length of an image's array
 */
export const pairsKept = (length: number): number =>
  Math.max(1, Math.min(mostPairs, Math.floor(160e6 / (8 * length))));

/** @param memory of an earlier one, to go on from */
export function lbfgs(
  { algebra, history, firstStep = 3, longestStep = 15, shape = copy }: LbfgsOptions,
  memory?: Memory,
): Optimiser {
  let pairs: Pairs | undefined;
  let previous: { image: Float32Array; gradient: Float32Array } | undefined;
  let toRecall = memory?.arrays;
  let first = memory?.numbers.first ?? firstStep;
  /** The latest pair: kept, since fresh memory takes longer to get than a difference. */
  let latest: { s: Float32Array; y: Float32Array } | undefined;

  const recall = async (known: Pairs, arrays: Memory['arrays']) => {
    for (let i = 0; `s${i}` in arrays; i++) await known.add(arrays[`s${i}`], arrays[`y${i}`]);
    if (arrays.image) previous = { image: arrays.image, gradient: arrays.gradient };
  };
  const reset = () => {
    pairs?.clear();
    previous = toRecall = undefined;
  };

  return {
    async step(image, gradient) {
      pairs ??= new Pairs(algebra, history ?? pairsKept(image.length), image.length, shape);
      if (toRecall) await recall(pairs, toRecall);
      toRecall = undefined;
      if (previous) {
        latest ??= { s: new Float32Array(image.length), y: new Float32Array(image.length) };
        const s = sum(image, -1, previous.image, latest.s);
        const y = sum(gradient, -1, previous.gradient, latest.y);
        const curvature = dot(s, y);
        // A pair without positive curvature would turn the search uphill; of a tiny one single precision keeps nothing.
        if (curvature > 1e-10 * dot(y, y) && curvature > 1e-30) await pairs.add(s, y);
      }
      previous = { image, gradient };
      const uphill = pairs.count > 0 ? await pairs.ascent(gradient) : shape(gradient);
      const length = meanSize(uphill);
      const step = pairs.count === 0 ? first / length : Math.min(1, longestStep / length);
      return sum(image, -step, uphill, new Float32Array(image.length));
    },
    reset,
    retreat() {
      reset();
      first /= 2;
    },
    remember() {
      if (toRecall) return { numbers: { first }, arrays: toRecall };
      const arrays: Memory['arrays'] = { ...previous };
      for (const [i, { s, y }] of (pairs?.latest(pairsRemembered) ?? []).entries())
        Object.assign(arrays, { [`s${i}`]: s, [`y${i}`]: y });
      return { numbers: { first }, arrays };
    },
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** a + factor · b, written into `total`. */
function sum(a: Float32Array, factor: number, b: Float32Array, total: Float32Array): Float32Array {
  for (let i = 0; i < a.length; i++) total[i] = a[i] + factor * b[i];
  return total;
}

/** Mean absolute value, never zero. */
function meanSize(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length || Number.MIN_VALUE;
}

function copy(values: Float32Array, shaped: Float32Array = new Float32Array(values.length)): Float32Array {
  shaped.set(values);
  return shaped;
}
