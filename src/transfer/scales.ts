/**
 * Coarse to fine: the picture is first painted at a small size, where broad strokes are cheap, then enlarged and refined.
 */

export interface Scale {
  width: number;
  height: number;
  /** Evaluations spent at this scale. */
  iterations: number;
}

/** One pass through all scales. Painting again from the current picture starts another pass. */
export interface Plan {
  /** Steps taken before this pass. */
  begun: number;
  scales: readonly Scale[];
}

/** Shorter side in pixels of the smallest scale: below this the deepest layer has almost no positions. */
const smallestScaleSide = 48;

/** Share of the evaluations that the final scale gets if there are others. */
const finalShare = 0.5;

/**
 * Sizes from coarse to fine, each half of the next, and the number of evaluations at each. Scales too small to be useful are
 * left out.
 * @param width of the final scale, in pixels
 * @param scales number of scales at most; all useful ones when left out, so that strokes start equally broad at any size
 * @param iterations in total
 */
export function planScales(
  width: number,
  height: number,
  scales: number | undefined,
  iterations: number,
): Scale[] {
  const possible = 1 + Math.max(0, Math.floor(Math.log2(Math.min(width, height) / smallestScaleSide)));
  const count = Math.min(scales ?? possible, possible, iterations);
  const final = count === 1 ? iterations : Math.max(1, Math.round(iterations * finalShare));
  const coarse = count - 1;
  return Array.from({ length: count }, (_, index) => {
    const divisor = 2 ** (coarse - index);
    const spent = (k: number) => Math.floor(((iterations - final) * k) / coarse);
    return {
      width: Math.max(1, Math.round(width / divisor)),
      height: Math.max(1, Math.round(height / divisor)),
      iterations: index === coarse ? final : spent(index + 1) - spent(index),
    };
  });
}

/** Steps taken when the scale of this index is done; for index −1, those before the plan. */
export function endOf({ begun, scales }: Plan, index: number): number {
  return scales.slice(0, index + 1).reduce((steps, { iterations }) => steps + iterations, begun);
}

/** Steps taken when all is done. */
export const lastOf = (plan: Plan) => endOf(plan, plan.scales.length - 1);

/**
 * Changes the total number of steps of a plan in progress. The remaining steps are divided among this scale and the following
 * ones in the same proportions as before. Each keeps at least one, so a total that is too small is raised.
 * @param index the current scale
 * @param iteration steps taken so far
 * @param iterations the new total
 */
export function replan(plan: Plan, index: number, iteration: number, iterations: number): Plan {
  const following = plan.scales.length - 1 - index;
  const left = Math.max(iterations - iteration, following > 0 ? following + 1 : 0);
  const stretch = left / (lastOf(plan) - iteration);
  let end = endOf(plan, index - 1);
  const scales = plan.scales.slice(index).map((scale, k) => {
    const begin = end;
    const wanted = Math.round((endOf(plan, index + k) - iteration) * stretch);
    const least = Math.max(iteration, begin) + 1;
    const most = iteration + left - (following - k);
    end = k === following ? most : Math.max(least, Math.min(most, iteration + wanted));
    return { ...scale, iterations: end - begin };
  });
  return { ...plan, scales: [...plan.scales.slice(0, index), ...scales] };
}

/** The plan with the scale of this index ending at step `iteration`. */
export function cutShort(plan: Plan, index: number, iteration: number): Plan {
  const end = index === plan.scales.length - 1 ? iteration : iteration + 1;
  const iterations = end - endOf(plan, index - 1);
  return { ...plan, scales: plan.scales.with(index, { ...plan.scales[index], iterations }) };
}
