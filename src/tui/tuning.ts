/** Changes to a painting in progress, with undo and redo. */
import type { Weights } from '../render/events.js';

/** What can be changed while a picture is being painted. */
export interface Tuning {
  weights: Weights;
  /** Total number of iterations, from 1. */
  iterations: number;
}

export interface Changes {
  /** The values that each change replaced, latest last: the undo stack. */
  past: readonly Partial<Tuning>[];
  /** The redo stack, latest last. */
  future: readonly Partial<Tuning>[];
  /** Number of changes sent to the painting process, and of the latest: until it is echoed, reported values are stale. */
  sent: number;
}

export const noChanges: Changes = { past: [], future: [], sent: 0 };

/** The part of a painting that changes apply to. */
type Tunable = Tuning & Changes;

/** More changes than anyone makes to one painting, unless a key is held down. */
const kept = 200;

/** Whether the painting process has applied every change; `echoed` is the number of the last one it did, 0 before any. */
export const isSettled = ({ sent }: Changes, echoed: number) => echoed >= sent;

export function withChange<P extends Tunable>(painting: P, change: Partial<Tuning>): P {
  const past = [...painting.past, previousValues(painting, change)].slice(-kept);
  return counted(painting, { ...painting, ...change, past, future: [] });
}

/** Undoes the latest change; undefined where there is none. */
export function undo<P extends Tunable>(painting: P): P | undefined {
  const change = painting.past.at(-1);
  if (!change) return undefined;
  const future = [...painting.future, previousValues(painting, change)];
  return counted(painting, { ...painting, ...change, past: painting.past.slice(0, -1), future });
}

export function redo<P extends Tunable>(painting: P): P | undefined {
  const change = painting.future.at(-1);
  if (!change) return undefined;
  const past = [...painting.past, previousValues(painting, change)];
  return counted(painting, { ...painting, ...change, past, future: painting.future.slice(0, -1) });
}

/** Counts a change, unless nothing differs: only what differs is sent. */
function counted<P extends Tunable>(from: P, to: P): P {
  return Object.keys(difference(from, to)).length > 0 ? { ...to, sent: from.sent + 1 } : to;
}

/** Drops changes of the number of iterations, which no longer apply once a painting is repainted from where it is. */
export function dropIterationChanges<P extends Tunable>(painting: P): P {
  const kept = (changes: Changes['past']) => changes.filter(({ weights }) => weights);
  return { ...painting, past: kept(painting.past), future: kept(painting.future) };
}

/** What differs in `to`, as sent to the painting process. */
export function difference(from: Tuning, to: Tuning): Partial<Tuning> {
  return {
    ...(to.weights !== from.weights && { weights: to.weights }),
    ...(to.iterations !== from.iterations && { iterations: to.iterations }),
  };
}

/** The current values that `change` replaces. */
function previousValues({ weights, iterations }: Tuning, change: Partial<Tuning>): Partial<Tuning> {
  return { ...(change.weights && { weights }), ...(change.iterations !== undefined && { iterations }) };
}
