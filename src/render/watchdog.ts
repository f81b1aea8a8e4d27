/**
 * Notices that a child has fallen silent, knowing how long its iterations usually take. Only time in which this
 * process ran counts: after a night asleep nobody hangs.
 */
import type { FromChild } from './messages.js';

/** A child that says nothing for this many times its usual iteration, and at least for its patience, hangs. */
const hangFactor = 20;

/** Milliseconds that the slowest of cores takes for a pixel, until the first evaluation is done: its targets' too. */
const slowestPixel = 0.2;

/** Looks at the clock this many times in the span of its patience. */
const looks = 20;

export class Watchdog {
  private readonly timer: NodeJS.Timeout;
  /** Milliseconds since the last message, and the most before an iteration or a tile was done. */
  private silence = 0;
  private slowest = 0;
  /** Milliseconds that the first evaluation may take, for the size that is painted. */
  private first = 0;
  /** It said that it rests. */
  private resting = false;

  /**
   * @param patience milliseconds
   * @param bite is called once
   */
  constructor(patience: number, bite: () => void) {
    const every = patience / looks;
    this.timer = setInterval(() => {
      if (!this.resting) this.silence += every;
      const usual = this.slowest > 0 ? hangFactor * this.slowest : this.first;
      if (this.silence < Math.max(patience, usual)) return;
      this.end();
      bite();
    }, every);
  }

  heard(message: FromChild): void {
    if ('event' in message) {
      const { event } = message;
      if (event === 'started') this.first = slowestPixel * message.width * message.height;
      if (event === 'iteration' || event === 'working') this.slowest = Math.max(this.slowest, this.silence);
      if (event === 'paused' || event === 'waiting') this.resting = true;
      if (event === 'resumed' || event === 'started') this.resting = false;
    }
    this.silence = 0;
  }

  end(): void {
    clearInterval(this.timer);
  }
}
