/** How long pictures take here, and so how long all that wait will. */
import type { Painting } from './painting.js';

/** Of the pictures that were finished. */
export interface Pace {
  pictures: number;
  seconds: number;
}

export const unknownPace: Pace = { pictures: 0, seconds: 0 };

/**
 * Seconds until nothing waits any more, in as many slots as paint now. Undefined as long as it cannot be known: before
 * each picture under way knows its own time, or where one is paused.
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

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
