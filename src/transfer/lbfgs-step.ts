/**
 * A step of L-BFGS (src/transfer/lbfgs.ts) as matrix products alone, for engines that take several steps at once. In place of the
 * two loops stands the compact form of the inverse Hessian (Byrd, Nocedal and Schnabel 1994): with the steps S and the changes Y
 * of the gradient as rows, the upper triangle R of S Yᵀ, its diagonal D, and u = R⁻¹ S g,
 *   H g = γ (g − Yᵀ u) + Sᵀ R⁻ᵀ ((D + γ Y Yᵀ) u − γ Y g)
 * R⁻¹ is kept instead of R: a pair adds a column to it, and what is left of it without the oldest pair is the inverse of what is
 * left of R. The rows are in no order; those of pairs that are not there are zeros in R⁻¹, so that nothing comes of them.
 */
import type { StepAlgebra, StepMethod } from '../engine/descent.js';
import type { Matrix } from '../losses/statistics.js';
import { gammaFactor, gammaPairs, type PairMatrices, unused } from './curvature-pairs.js';

/** Beside the pairs: the latest step and the gradient before it, [1, n], and the lengths of steps, [1, 1]. */
export interface StepState extends PairMatrices {
  step: Matrix;
  gradient: Matrix;
  /** n times the mean absolute change of a pixel without pairs, and at most. */
  first: Matrix;
  longest: Matrix;
}

/** What is told of each step: the pair [1, n] and its products with all pairs [m, 1], and whether it was taken in, 0 or 1. */
type Records = 'step' | 'change' | 'sy' | 'yy' | 'isTaken';

const state: readonly (keyof StepState)[] = [
  'steps',
  'changes',
  'inverse',
  'products',
  'diagonal',
  'ratios',
  'age',
  'step',
  'gradient',
  'first',
  'longest',
];

export const lbfgsStep: StepMethod = {
  state,
  handsBack: ['step', 'gradient'] satisfies (keyof StepState)[],
  step(m, { image, gradient: ofImage, state, apply, transposed }) {
    const { first, longest, ...before } = state as Record<keyof StepState, typeof image>;
    const gradient = apply(ofImage);
    const change = m.subtract(gradient, before.gradient);
    const pairs = withPair(m, before, change);
    const { steps, changes, inverse, products, diagonal, ratios, age } = pairs.matrices;

    const [zero, one] = [m.number(0), m.number(1)];
    const recent = m.where(m.less(age, m.number(gammaPairs)), one, zero);
    const count = m.sum(recent);
    const hasNone = m.less(count, m.number(0.5));
    const mean = m.divide(m.sum(m.multiply(recent, ratios)), m.where(hasNone, one, count));
    const gamma = m.multiply(m.exp(mean), m.number(gammaFactor));
    const u = m.product(inverse, m.product(steps, gradient, 'b'));
    const curved = m.add(m.multiply(diagonal, u), m.multiply(gamma, m.product(products, u)));
    const weights = m.product(
      inverse,
      m.subtract(curved, m.multiply(gamma, m.product(changes, gradient, 'b'))),
      'a',
    );
    const unknown = m.subtract(gradient, m.product(u, changes, 'a'));
    const uphill = m.add(m.multiply(gamma, unknown), m.product(weights, steps, 'a'));

    const ofPixels = transposed(uphill);
    // Never zero.
    const length = m.add(m.sum(m.abs(ofPixels)), m.number(1e-30));
    const share = m.divide(longest, length);
    const rate = m.where(hasNone, m.divide(first, length), m.where(m.less(share, one), share, one));
    const records: Record<Records, typeof image> = {
      step: before.step,
      change,
      sy: pairs.sy,
      yy: pairs.yy,
      isTaken: m.where(pairs.isTaken, one, zero),
    };
    const after: Record<keyof StepState, typeof image> = {
      ...pairs.matrices,
      step: m.subtract(zero, m.multiply(rate, uphill)),
      gradient,
      first,
      longest,
    };
    return { image: m.subtract(image, m.multiply(rate, ofPixels)), state: after, records };
  },
};

/** The pairs with the latest step and this change, in place of the oldest or an unused row, if its curvature is positive. */
function withPair<M>(
  m: StepAlgebra<M>,
  { step, ...pairs }: Record<keyof PairMatrices | 'step', M>,
  change: M,
) {
  const [zero, one] = [m.number(0), m.number(1)];
  const sy = m.sum(m.multiply(step, change));
  const yy = m.sum(m.multiply(change, change));
  const least = m.add(m.multiply(yy, m.number(1e-10)), m.number(1e-30));
  const isTaken = m.less(least, sy);
  // No row is older than this where the pair is not taken in.
  const oldest = m.where(isTaken, m.subtract(m.max(pairs.age), m.number(0.5)), m.number(10 * unused));
  const isRow = m.less(oldest, pairs.age);
  const isColumn = m.less(m.transpose(oldest), m.transpose(pairs.age));
  const replaced = (matrix: M, row: M, column: M) => m.where(isRow, row, m.where(isColumn, column, matrix));

  const steps = m.where(isRow, step, pairs.steps);
  const changes = m.where(isRow, change, pairs.changes);
  const withSteps = m.product(steps, change, 'b');
  const withChanges = m.product(changes, change, 'b');
  const left = replaced(pairs.inverse, zero, zero);
  const above = m.subtract(zero, m.divide(m.product(left, withSteps), sy));
  const column = m.where(isRow, m.divide(one, sy), above);
  return {
    isTaken,
    sy: withSteps,
    yy: withChanges,
    matrices: {
      steps,
      changes,
      inverse: m.where(isColumn, column, left),
      products: replaced(pairs.products, m.transpose(withChanges), withChanges),
      diagonal: m.where(isRow, sy, pairs.diagonal),
      ratios: m.where(isRow, m.log(m.divide(sy, yy)), pairs.ratios),
      age: m.where(isRow, zero, m.where(isTaken, m.add(pairs.age, one), pairs.age)),
    },
  };
}
