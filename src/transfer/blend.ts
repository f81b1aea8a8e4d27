/** Blend weights: the share of each style, summing to 1. */
import { UserError } from '../util/errors.js';

/**
 * Scales the weights so that they sum to 1; equal shares when none are given.
 * @param styles number of styles
 * @param name flag or setting that the weights come from, for messages
 * @throws UserError for a wrong count, a negative weight, or weights that are all zero
 */
export function normalizeBlend(
  weights: readonly number[] | undefined,
  styles: number,
  name = '--blend',
): number[] {
  if (!weights) return Array.from({ length: styles }, () => 1 / styles);
  const given = weights.join(',');
  if (weights.length !== styles) {
    throw new UserError(
      `${name} ${given} has ${weights.length} weights for ${styles} ${styles === 1 ? 'style' : 'styles'}. Give one per style.`,
    );
  }
  if (weights.some((weight) => !(weight >= 0 && weight < Infinity))) {
    throw new UserError(`${name} ${given}: every weight must be a number from 0 up.`);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) throw new UserError(`${name} ${given}: at least one weight must be above 0.`);
  return weights.map((weight) => weight / sum);
}
