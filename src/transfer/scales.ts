/**
 * Coarse to fine: the picture is first painted small, where broad strokes are cheap, then enlarged and painted on.
 */

export interface Scale {
  width: number;
  height: number;
  /** Evaluations spent at this scale. */
  iterations: number;
}

/** One way through all scales. Painting again from what there is begins another. */
export interface Plan {
  /** Steps taken before it. */
  begun: number;
  scales: readonly Scale[];
}

/** Smaller than this the deepest layer has next to nothing to look at. */
const smallestScaleSide = 48;

/** Share of the evaluations that the final size gets, when there are smaller scales before it. */
const finalShare = 0.5;

/**
 * Sizes from coarse to fine, each half of the next, and how `iterations` evaluations spread over them: the final size
 * gets fewer, being the dearest and only having to sharpen. Scales too small to be of use are left out.
 * @param scales at most so many; when left out, all that are of use, so that strokes are begun as broad at any size
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

/** Steps taken when the scale of this index is done; those taken before the plan for index −1. */
export function endOf({ begun, scales }: Plan, index: number): number {
  return scales.slice(0, index + 1).reduce((steps, { iterations }) => steps + iterations, begun);
}

/** Steps taken when all is done. */
export const lastOf = (plan: Plan) => endOf(plan, plan.scales.length - 1);

/**
 * Another number of steps for a plan under way: what is left is spread over this scale and those that follow as it was
 * before. None of them is left out, so that a number too small for that becomes the least that is possible.
 * @param index scale that is being painted
 * @param iteration steps taken
 * @param iterations steps taken when all is done
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

/** The plan where the scale of this index ends with the image that `iteration` steps have led to. */
export function cutShort(plan: Plan, index: number, iteration: number): Plan {
  const end = index === plan.scales.length - 1 ? iteration : iteration + 1;
  const iterations = end - endOf(plan, index - 1);
  return { ...plan, scales: plan.scales.with(index, { ...plan.scales[index], iterations }) };
}
