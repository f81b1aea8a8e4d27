/** How far the queue is, and how long pictures have taken, to estimate the time for the rest. */
import type { Painting } from './painting.js';
import type { ScreenState } from './state.js';

/** Totals over finished pictures. */
export interface Pace {
  pictures: number;
  seconds: number;
}

export const unknownPace: Pace = { pictures: 0, seconds: 0 };

/**
 * Estimated seconds until the queue is empty, with the slots that are painting now. Undefined while a picture in
 * progress has no estimate of its own yet, or is paused.
 */
export function secondsForAll(
  paintings: readonly Painting[],
  waiting: number,
  pace: Pace,
): number | undefined {
  const own = paintings.map(({ paused, secondsLeft }) => (paused ? undefined : secondsLeft));
  if (paintings.length === 0 || !own.every((seconds) => seconds !== undefined)) return undefined;
  const whole = paintings.map(({ seconds, secondsLeft = 0 }) => seconds + secondsLeft);
  const each = pace.pictures > 0 ? pace.seconds / pace.pictures : total(whole) / whole.length;
  return Math.max(...own, (total(own) + waiting * each) / paintings.length);
}

/**
 * How far a sequence is: the number of the frame being painted, from 1, and of all frames. Undefined where the pictures are
 * no frames.
 */
export function frameOf({
  paintings,
  waiting,
  counts,
  frames = 0,
}: Pick<ScreenState, 'paintings' | 'waiting' | 'counts' | 'frames'>):
  | { number: number; of: number }
  | undefined {
  if (paintings.at(0)?.weights.temporal === undefined) return undefined;
  const number = counts.done + counts.failed + counts.skipped + 1;
  return { number, of: Math.max(frames, number + waiting.size) };
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
