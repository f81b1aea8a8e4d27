/** What a person changed at a painting, to be taken back and made again. */
import type { Weights } from '../queue/events.js';

/** What can be changed at a painting under way. */
export interface Tuning {
  weights: Weights;
  /** Steps in all. */
  iterations: number;
}

export interface Changes {
  /** What each change took the place of, the latest last. */
  past: readonly Partial<Tuning>[];
  /** What was taken back, the latest last. */
  future: readonly Partial<Tuning>[];
  /** How many the painting process was sent: until it echoes the latest, what it says is older. */
  sent: number;
}

export const noChanges: Changes = { past: [], future: [], sent: 0 };

/** A painting, as far as it can be changed. */
type Tunable = Tuning & Changes;

/** More than a hand can turn in a painting, unless it rests on a key. */
const kept = 200;

/** Whether what the painting process says holds, going by the number of the last change that it knows of. */
export const isSettled = ({ sent }: Changes, echoed: number) => echoed >= sent;

export function tune<P extends Tunable>(painting: P, change: Partial<Tuning>): P {
  const past = [...painting.past, former(painting, change)].slice(-kept);
  return counted(painting, { ...painting, ...change, past, future: [] });
}

/** Takes the latest change back; undefined where there is none. */
export function undo<P extends Tunable>(painting: P): P | undefined {
  const change = painting.past.at(-1);
  if (!change) return undefined;
  const future = [...painting.future, former(painting, change)];
  return counted(painting, { ...painting, ...change, past: painting.past.slice(0, -1), future });
}

export function redo<P extends Tunable>(painting: P): P | undefined {
  const change = painting.future.at(-1);
  if (!change) return undefined;
  const past = [...painting.past, former(painting, change)];
  return counted(painting, { ...painting, ...change, past, future: painting.future.slice(0, -1) });
}

/** What is no change is not sent. */
function counted<P extends Tunable>(from: P, to: P): P {
  return Object.keys(difference(from, to)).length > 0 ? { ...to, sent: from.sent + 1 } : to;
}

/** Painted again, the number of steps counts from there: earlier ones mean nothing any more. */
export function forgetSteps<P extends Tunable>(painting: P): P {
  const kept = (changes: Changes['past']) => changes.filter(({ weights }) => weights);
  return { ...painting, past: kept(painting.past), future: kept(painting.future) };
}

/** What is different in `to`, as the painting process is told. */
export function difference(from: Tuning, to: Tuning): Partial<Tuning> {
  return {
    ...(to.weights !== from.weights && { weights: to.weights }),
    ...(to.iterations !== from.iterations && { iterations: to.iterations }),
  };
}

/** What `change` takes the place of. */
function former({ weights, iterations }: Tuning, change: Partial<Tuning>): Partial<Tuning> {
  return { ...(change.weights && { weights }), ...(change.iterations !== undefined && { iterations }) };
}
