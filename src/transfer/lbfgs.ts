/**
 * L-BFGS (Nocedal 1980), the two-loop recursion, without a line search: each step costs one evaluation. The first
 * step, with no history yet, moves pixels by about `firstStep` grey levels.
 */
import type { Memory, Optimiser } from './optimiser.js';

export interface LbfgsOptions {
  /** Pairs of steps and gradient changes that are kept; see pairsKept(). */
  history?: number;
  /** Mean change of a pixel in a step without history, in grey levels. */
  firstStep?: number;
  /** Mean change of a pixel in any step is held below this: a quadratic model is not trusted further. */
  longestStep?: number;
}

const mostPairs = 20;

/**
 * Pairs of images that are kept: fewer of large ones, so that they take no more than a quarter of a gigabyte, but one at least.
 * By size alone, not by what memory is free: a recipe must give the same picture everywhere.
 * @param length of an image's array
 */
export const pairsKept = (length: number): number =>
  Math.max(1, Math.min(mostPairs, Math.floor(256e6 / (8 * length))));

/** Pairs that are written down: the others are learnt anew, and would fill the disk. */
const remembered = 5;

interface Pair {
  /** Change of the image. */
  s: Float32Array;
  /** Change of the gradient. */
  y: Float32Array;
  /** 1 / s·y */
  rho: number;
}

/** @param memory of an earlier one, to go on from */
export function lbfgs(
  { history, firstStep = 3, longestStep = 15 }: LbfgsOptions = {},
  memory?: Memory,
): Optimiser {
  let pairs = memory ? recall(memory) : [];
  let previous = memory?.arrays.image && { image: memory.arrays.image, gradient: memory.arrays.gradient };
  let first = memory?.numbers.first ?? firstStep;
  const reset = () => {
    pairs = [];
    previous = undefined;
  };
  return {
    step(image, gradient) {
      if (previous) {
        const s = difference(image, previous.image);
        const y = difference(gradient, previous.gradient);
        const curvature = dot(s, y);
        // A pair without positive curvature would turn the search uphill.
        if (curvature > 1e-10 * dot(y, y))
          pairs = [...latest(pairs, (history ?? pairsKept(image.length)) - 1), { s, y, rho: 1 / curvature }];
      }
      previous = { image, gradient };
      const direction = towardsMinimum(gradient, pairs);
      const length = meanSize(direction);
      const step = pairs.length === 0 ? first / length : Math.min(1, longestStep / length);
      return image.map((value, i) => value + step * direction[i]);
    },
    reset,
    retreat() {
      reset();
      first /= 2;
    },
    remember() {
      const arrays: Memory['arrays'] = { ...previous };
      for (const [i, { s, y }] of latest(pairs, remembered).entries())
        Object.assign(arrays, { [`s${i}`]: s, [`y${i}`]: y });
      return { numbers: { first }, arrays };
    },
  };
}

const latest = (pairs: Pair[], count: number) => (count > 0 ? pairs.slice(-count) : []);

/** The pairs that `remember` wrote down. */
function recall({ arrays }: Memory): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; `s${i}` in arrays; i++) {
    const [s, y] = [arrays[`s${i}`], arrays[`y${i}`]];
    pairs.push({ s, y, rho: 1 / dot(s, y) });
  }
  return pairs;
}

/** −H g, H being the approximate inverse Hessian that the pairs describe. */
function towardsMinimum(gradient: Float32Array, pairs: readonly Pair[]): Float32Array {
  const q = gradient.map((value) => -value);
  const alphas = new Map<Pair, number>();
  for (const pair of pairs.toReversed()) {
    const alpha = pair.rho * dot(pair.s, q);
    alphas.set(pair, alpha);
    addScaled(q, -alpha, pair.y);
  }
  const newest = pairs.at(-1);
  if (newest) {
    const gamma = 1 / (newest.rho * dot(newest.y, newest.y));
    for (let i = 0; i < q.length; i++) q[i] *= gamma;
  }
  for (const pair of pairs) addScaled(q, alphas.get(pair)! - pair.rho * dot(pair.y, q), pair.s);
  return q;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(target: Float32Array, factor: number, values: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * values[i];
}

const difference = (a: Float32Array, b: Float32Array) => a.map((value, i) => value - b[i]);

/** Mean absolute value, never zero. */
function meanSize(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum / values.length || Number.MIN_VALUE;
}
