/**
 * L-BFGS (Nocedal 1980) without a line search: each step costs one evaluation. The first step, with no history yet, moves
 * pixels by about `firstStep` grey levels.
 */
import type { Algebra } from '../engine/engine.js';
import { History, type Pair, type Preconditioner } from './history.js';
import type { Optimizer, OptimizerState } from './optimizer.js';

export interface LbfgsOptions {
  algebra: Algebra;
  /** History of steps and gradient changes that are kept. */
  history?: number;
  /** Mean change of a pixel in a step without history, in grey levels. */
  firstStep?: number;
  /** Mean change of a pixel in any step is held below this: a quadratic model is not trusted further. */
  longestStep?: number;
  /** The identity when left out. */
  precondition?: Preconditioner;
}

/** An image and the loss's gradient there. */
interface Point {
  image: Float32Array;
  gradient: Float32Array;
}

/** More learn hardly anything more: docs/performance.md. */
const mostPairs = 40;

/** History that are written down: a picture of some size would else cost its disk megabytes a second. */
const pairsRemembered = 10;

/**
 * History that are kept: of a large picture fewer, so that they take no more than 160 MB, but one at least. By size alone,
 * not by what memory is free: a recipe must give the same picture everywhere.
 * @param length of an image's array
 */
export const pairsKept = (length: number): number =>
  Math.max(1, Math.min(mostPairs, Math.floor(160e6 / (8 * length))));

/** @param saved of an earlier one, to go on from */
export function lbfgs(
  { algebra, history, firstStep = 3, longestStep = 15, precondition = copy }: LbfgsOptions,
  saved?: OptimizerState,
): Optimizer {
  let pairs: History | undefined;
  let previous: Point | undefined;
  let toRecall = saved?.arrays;
  let first = saved?.numbers.first ?? firstStep;
  /** The latest pair: kept, since fresh memory takes longer to get than a difference. */
  let latest: Pair | undefined;

  const recall = async (known: History, arrays: OptimizerState['arrays']) => {
    for (let i = 0; `s${i}` in arrays; i++) await known.add({ s: arrays[`s${i}`], y: arrays[`y${i}`] });
    if (arrays.image) previous = { image: arrays.image, gradient: arrays.gradient };
  };
  const reset = () => {
    pairs?.clear();
    previous = toRecall = undefined;
  };

  return {
    async step(image, gradient) {
      pairs ??= new History(algebra, history ?? pairsKept(image.length), image.length, precondition);
      if (toRecall) await recall(pairs, toRecall);
      toRecall = undefined;
      if (previous) {
        latest ??= { s: new Float32Array(image.length), y: new Float32Array(image.length) };
        // A pair without positive curvature would turn the search uphill; of a tiny one single precision keeps nothing.
        const { sy, yy } = difference({ image, gradient }, previous, latest);
        if (sy > 1e-10 * yy && sy > 1e-30) await pairs.add(latest);
      }
      previous = { image, gradient };
      const uphill = pairs.count > 0 ? await pairs.ascent(gradient) : precondition(gradient);
      const length = meanSize(uphill);
      const step = pairs.count === 0 ? first / length : Math.min(1, longestStep / length);
      return moved(image, -step, uphill);
    },
    reset,
    retreat() {
      reset();
      first /= 2;
    },
    state() {
      if (toRecall) return { numbers: { first }, arrays: toRecall };
      const arrays: OptimizerState['arrays'] = { ...previous };
      for (const [i, { s, y }] of (pairs?.latest(pairsRemembered) ?? []).entries())
        Object.assign(arrays, { [`s${i}`]: s, [`y${i}`]: y });
      return { numbers: { first }, arrays };
    },
  };
}

/** The step s and the change y of the gradient over it, written into the pair; s·y and y·y in the same pass. */
function difference(now: Point, before: Point, { s, y }: Pair): { sy: number; yy: number } {
  let sy = 0;
  let yy = 0;
  for (let i = 0; i < s.length; i++) {
    s[i] = now.image[i] - before.image[i];
    y[i] = now.gradient[i] - before.gradient[i];
    sy += s[i] * y[i];
    yy += y[i] * y[i];
  }
  return { sy, yy };
}

/** image + length · direction */
function moved(image: Float32Array, length: number, direction: Float32Array): Float32Array {
  const result = new Float32Array(image.length);
  for (let i = 0; i < image.length; i++) result[i] = image[i] + length * direction[i];
  return result;
}

/** Mean absolute value, never zero. */
function meanSize(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length || Number.MIN_VALUE;
}

function copy(
  values: Float32Array,
  preconditioned: Float32Array = new Float32Array(values.length),
): Float32Array {
  preconditioned.set(values);
  return preconditioned;
}
