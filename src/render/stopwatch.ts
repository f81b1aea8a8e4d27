/** Time painted without pauses, and what is left: an evaluation's time grows with the pixels of its scale. */
import type { Scale } from '../transfer/scales.js';

export class Stopwatch {
  private started: number | undefined = performance.now();
  private readonly total: number;
  private first: { seconds: number; done: number } | undefined;

  /** @param elapsed seconds painted before, in another process */
  constructor(
    private readonly plan: readonly Scale[],
    private elapsed = 0,
  ) {
    this.total = plan.reduce((sum, scale) => sum + work(scale, scale.iterations), 0);
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
   * After so many steps at `scale`, counted from 1, and the evaluation that followed. What is left is an upper bound:
   * scales may end early.
   */
  lap(scale: number, steps: number): { seconds: number; secondsLeft: number } {
    let done = work(this.plan[scale - 1], steps);
    for (const earlier of this.plan.slice(0, scale - 1)) done += work(earlier, earlier.iterations);
    const { seconds } = this;
    // The first lap holds what is done once: targets are measured, the engine starts. It tells nothing of the pace.
    this.first ??= { seconds, done };
    const pace =
      done > this.first.done
        ? (seconds - this.first.seconds) / (done - this.first.done)
        : seconds / work(this.plan[0], 1);
    return { seconds, secondsLeft: pace * (this.total - done) };
  }
}

const work = ({ width, height }: Scale, evaluations: number) => width * height * evaluations;
