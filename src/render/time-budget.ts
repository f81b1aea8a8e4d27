/** Plans how many evaluations a painting takes, so that it ends in the time allowed. */
import { lastOf, type Plan, replan } from '../transfer/scales.js';
import type { Iterate } from '../transfer/stylize.js';
import type { EvaluationTime } from './evaluation-time.js';
import { secondsOf } from './stopwatch.js';

/** Steps that a painting takes however little time there is: with fewer it would be no painting. */
export const leastSteps = 8;

/** The most that settings allow. */
const mostSteps = 100_000;

/** A plan that ends so much too early or too late is kept: a share of the time left, and of an evaluation at the final size. */
const tolerance = { share: 0.02, evaluation: 0.5 };

type Standing = Pick<Iterate, 'plan' | 'scale' | 'iteration'>;

/**
 * The total number of steps with which the painting ends in about so many seconds.
 * @param least steps in a pass, even if they take longer
 * @returns undefined where the plan is right as it is, or no evaluation was timed yet
 */
export function stepsWithin(
  seconds: number,
  { plan, scale, iteration }: Standing,
  times: EvaluationTime,
  least = leastSteps,
): number | undefined {
  const duration = (plan: Plan) => secondsOf(plan, scale, iteration, times)?.seconds;
  const { width, height } = plan.scales.at(-1)!;
  const final = times.estimate(width * height)?.seconds;
  const now = duration(plan);
  if (final === undefined || now === undefined) return undefined;
  const spare = tolerance.evaluation * final;
  if (Math.abs(now - seconds) <= Math.max(spare, tolerance.share * seconds)) return undefined;
  const index = scale - 1;
  const fits = (steps: number) => duration(replan(plan, index, iteration, steps))! <= seconds + spare;
  let low = Math.min(mostSteps, Math.max(iteration, plan.begun + least));
  let high = mostSteps;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  // Each scale still to come keeps a step at least.
  const steps = lastOf(replan(plan, index, iteration, low));
  return steps === lastOf(plan) ? undefined : steps;
}
