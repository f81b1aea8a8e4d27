/** Measures the painting time without pauses, and estimates the remaining time from the pixels of the evaluations to come. */
import { endOf, type Plan, type Scale } from '../transfer/scales.js';

export class Stopwatch {
  private started: number | undefined = performance.now();
  /** Pixels evaluated since the first lap. */
  private done = 0;
  /** Seconds at the first lap. */
  private first: number | undefined;

  private elapsed: number;

  /** @param earlier seconds of painting in an earlier process */
  constructor(private readonly earlier = 0) {
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

  /** To be called after each evaluation. `iteration`: steps so far; `scale`: of the plan, from 1. */
  lap(plan: Plan, scale: number, iteration: number): { seconds: number; secondsLeft: number } {
    const { seconds } = this;
    const index = scale - 1;
    const now = plan.scales[index];
    const following = plan.scales.slice(scale);
    const left = following.reduce(
      (work, scale) => work + area(scale) * scale.iterations,
      area(now) * (endOf(plan, index) - iteration),
    );
    // The first lap includes one-time work, such as measuring targets, so it is left out if possible.
    if (this.first !== undefined) this.done += area(now);
    this.first ??= seconds;
    const pace = this.done > 0 ? (seconds - this.first) / this.done : (seconds - this.earlier) / area(now);
    return { seconds, secondsLeft: pace * left };
  }
}

const area = ({ width, height }: Scale) => width * height;
