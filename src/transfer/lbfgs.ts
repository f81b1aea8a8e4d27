/**
 * L-BFGS (Nocedal 1980), the two-loop recursion, without a line search: each step costs one evaluation. The first
 * step, with no history yet, moves pixels by about `firstStep` grey levels.
 */
import type { Memory, Optimiser } from './optimiser.js';

export interface LbfgsOptions {
  /** Pairs of steps and gradient changes that are kept. */
  history?: number;
  /** Mean change of a pixel in a step without history, in grey levels. */
  firstStep?: number;
  /** Mean change of a pixel in any step is held below this: a quadratic model is not trusted further. */
  longestStep?: number;
  /** What the inverse Hessian is like before anything is learnt, but for a factor: a new array; symmetric, positive. */
  shape?: (values: Float32Array) => Float32Array;
}

/** Twice as many are hardly better: docs/performance.md. */
const mostPairs = 10;

/**
 * Pairs that are kept: of a large picture fewer, so that they take no more than a quarter of a gigabyte, but one at least.
 * By size alone, not by what memory is free: a recipe must give the same picture everywhere.
 * @param length of an image's array
 */
export const pairsKept = (length: number): number =>
  Math.max(1, Math.min(mostPairs, Math.floor(256e6 / (8 * length))));

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
  { history, firstStep = 3, longestStep = 15, shape = (values) => values.slice() }: LbfgsOptions = {},
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
        const s = sum(image, -1, previous.image);
        const y = sum(gradient, -1, previous.gradient);
        const curvature = dot(s, y);
        // A pair without positive curvature would turn the search uphill.
        if (curvature > 1e-10 * dot(y, y))
          pairs = [...pairs, { s, y, rho: 1 / curvature }].slice(-(history ?? pairsKept(image.length)));
      }
      previous = { image, gradient };
      const uphill = ascent(gradient, pairs, shape);
      const length = meanSize(uphill);
      const step = pairs.length === 0 ? first / length : Math.min(1, longestStep / length);
      return sum(image, -step, uphill);
    },
    reset,
    retreat() {
      reset();
      first /= 2;
    },
    remember() {
      const arrays: Memory['arrays'] = { ...previous };
      for (const [i, { s, y }] of pairs.entries()) Object.assign(arrays, { [`s${i}`]: s, [`y${i}`]: y });
      return { numbers: { first }, arrays };
    },
  };
}

/** The pairs that `remember` wrote down. */
function recall({ arrays }: Memory): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; `s${i}` in arrays; i++) {
    const [s, y] = [arrays[`s${i}`], arrays[`y${i}`]];
    pairs.push({ s, y, rho: 1 / dot(s, y) });
  }
  return pairs;
}

/** H g, H being the approximate inverse Hessian that the pairs describe, and γ · `shape` before them. */
function ascent(
  gradient: Float32Array,
  pairs: readonly Pair[],
  shape: NonNullable<LbfgsOptions['shape']>,
): Float32Array {
  const latest = pairs.at(-1);
  if (!latest) return shape(gradient);
  const q = gradient.slice();
  const alphas: number[] = [];
  let product = dot(latest.s, q);
  for (let i = pairs.length - 1; i >= 0; i--) {
    alphas[i] = pairs[i].rho * product;
    product = addAndDot(q, -alphas[i], pairs[i].y, pairs[i - 1]?.s);
  }
  const r = shape(q);
  const gamma = 1 / (latest.rho * dot(latest.y, shape(latest.y)));
  for (let i = 0; i < r.length; i++) r[i] *= gamma;
  product = dot(pairs[0].y, r);
  for (const [i, { s, rho }] of pairs.entries())
    product = addAndDot(r, alphas[i] - rho * product, s, pairs[i + 1]?.y);
  return r;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Adds factor · values to `target`, and returns its product with `other` from the same pass: memory is what is slow. */
function addAndDot(target: Float32Array, factor: number, values: Float32Array, other = target): number {
  let sum = 0;
  for (let i = 0; i < target.length; i++) {
    target[i] += factor * values[i];
    sum += target[i] * other[i];
  }
  return sum;
}

/** a + factor · b */
function sum(a: Float32Array, factor: number, b: Float32Array): Float32Array {
  const total = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) total[i] = a[i] + factor * b[i];
  return total;
}

/** Mean absolute value, never zero. */
function meanSize(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length || Number.MIN_VALUE;
}
