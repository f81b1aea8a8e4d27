/** Early stopping: a scale ends once its best loss has almost stopped falling. */

/** Iterations over which the decrease is measured, since single steps may not decrease the loss at all. */
const window = 20;

/** Best loss after each of the latest iterations, oldest first, all under the same weights. */
export type LossTrail = readonly number[];

export const appendLoss = (trail: LossTrail, best: number): LossTrail => [...trail.slice(-window), best];

/**
 * @param until relative decrease of the best loss that 20 iterations must still achieve, 0..1; 0 or undefined: never stop
 */
export function stopsEarly(trail: LossTrail, until: number | undefined): boolean {
  if (!until || trail.length <= window) return false;
  const [then, now] = [trail[0], trail[window]];
  return then - now < until * then;
}

/** Iterations that are left until there can be a decision to stop, at least 1. */
export const untilDecision = (trail: LossTrail, until: number | undefined): number =>
  until ? Math.max(1, window + 1 - trail.length) : Infinity;
