/** Measures the painting time without pauses, and estimates the remaining time from the evaluations to come. */
import { endOf, type Plan, type Scale } from '../transfer/scales.js';
import type { EvaluationTime } from './evaluation-time.js';

export class Stopwatch {
  private started: number | undefined = performance.now();
  private elapsed: number;
  /** The latest lap. */
  private last: { seconds: number; scale: number; iteration: number } | undefined;

  /**
   * @param times of evaluations with the same engine, which are added to
   * @param earlier seconds of painting in an earlier process
   */
  constructor(
    private readonly times: EvaluationTime,
    earlier = 0,
  ) {
    this.elapsed = earlier;
  }

  start(): void {
    this.started ??= performance.now();
  }

  stop(): void {
    this.elapsed = this.seconds;
    this.started = undefined;
  }

  /** Seconds so far. */
  get seconds(): number {
    return this.elapsed + (this.started === undefined ? 0 : (performance.now() - this.started) / 1000);
  }

  /**
   * To be called after each evaluation, or after several that were made at once.
   * @param scale of the plan, from 1
   * @param iteration steps so far
   * @returns `secondsLeft` is undefined until it is known to about a quarter
   */
  lap(plan: Plan, scale: number, iteration: number): { seconds: number; secondsLeft?: number } {
    const { seconds, last } = this;
    const pixels = area(plan.scales[scale - 1]);
    // The first lap includes one-time work, such as measuring targets.
    if (last?.scale === scale && iteration > last.iteration)
      this.times.record(pixels, (seconds - last.seconds) / (iteration - last.iteration));
    else if (last && last.scale < scale) this.times.recordEntering(pixels, seconds - last.seconds);
    this.last = { seconds, scale, iteration };
    const left = secondsOf(plan, scale, iteration, this.times);
    return { seconds, secondsLeft: left?.isKnown ? left.seconds : undefined };
  }
}

/** The time that the rest of a plan takes; undefined if no evaluation was timed. */
export function secondsOf(plan: Plan, scale: number, iteration: number, times: EvaluationTime) {
  let seconds = 0;
  let isKnown = true;
  for (const [index, now] of plan.scales.entries()) {
    if (index < scale - 1) continue;
    const pixels = area(now);
    const isFinal = index === plan.scales.length - 1;
    // The picture after the last step of a scale is evaluated only at the final one.
    const evaluations =
      index === scale - 1
        ? endOf(plan, index) - iteration - Number(!isFinal)
        : now.iterations + Number(isFinal);
    const each = times.estimate(pixels);
    if (!each) return evaluations > 0 ? undefined : { seconds, isKnown };
    seconds += Math.max(0, evaluations) * each.seconds;
    if (index > scale - 1) seconds += times.estimateEntering(pixels) ?? 0;
    isKnown &&= each.isKnown || evaluations <= 0;
  }
  return { seconds, isKnown };
}

const area = ({ width, height }: Scale) => width * height;
