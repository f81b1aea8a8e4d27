/** A value's history over a whole run, downsampled to a bounded number of points. */

export interface Trend {
  points: readonly number[];
  /** Iterations from one point to the next. */
  stride: number;
  /** Iterations since the last point. */
  since: number;
  /** The latest values, one per iteration, oldest first. */
  recent: readonly number[];
}

export const emptyTrend: Trend = { points: [], stride: 1, since: 0, recent: [] };

const mostPoints = 512;
/** Iterations over which a change is reported. */
export const recentSpan = 20;

/** Adds a value; when there are too many points, every other one is dropped and the stride doubles. */
export function appendValue({ points, stride, since, recent }: Trend, value: number): Trend {
  const latest = [...recent.slice(-recentSpan), value];
  if (since + 1 < stride) return { points, stride, since: since + 1, recent: latest };
  const longer = [...points, value];
  if (longer.length <= mostPoints) return { points: longer, stride, since: 0, recent: latest };
  return { points: longer.filter((_, i) => i % 2 === 0), stride: stride * 2, since: 0, recent: latest };
}

/** Relative change over the last iterations; undefined until there are enough. */
export function recentChange({ recent }: Trend): number | undefined {
  if (recent.length <= recentSpan || recent[0] === 0) return undefined;
  return recent[recent.length - 1] / recent[0] - 1;
}
