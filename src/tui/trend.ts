/** The course of a number over a whole run, in a bounded number of points. */

export interface Trend {
  points: readonly number[];
  /** Iterations from one point to the next. */
  stride: number;
  /** Iterations since the last point. */
  since: number;
}

export const emptyTrend: Trend = { points: [], stride: 1, since: 0 };

const mostPoints = 256;

/** Adds a value; when there are too many, every other point goes and the stride doubles. */
export function extend({ points, stride, since }: Trend, value: number): Trend {
  if (since + 1 < stride) return { points, stride, since: since + 1 };
  const longer = [...points, value];
  if (longer.length <= mostPoints) return { points: longer, stride, since: 0 };
  return { points: longer.filter((_, i) => i % 2 === 0), stride: stride * 2, since: 0 };
}
