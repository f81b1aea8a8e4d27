/** When a scale has been painted enough: its best loss hardly falls any more. */

/** Iterations over which the fall is looked at: a single one may fall little, or none at all. */
const window = 20;

/** The best losses at the ends of the latest iterations, under the same weights; enough of them to tell. */
export type LossTrail = readonly number[];

export const appendLoss = (trail: LossTrail, best: number): LossTrail => [...trail.slice(-window), best];

/** @param until share of the loss that 20 iterations must still take off; 0 or undefined: it is never enough */
export function stopsEarly(trail: LossTrail, until: number | undefined): boolean {
  if (!until || trail.length <= window) return false;
  const [then, now] = [trail[0], trail[window]];
  return then - now < until * then;
}
