/**
 * Detects a hanging child by comparing its silence with the time of its iterations. Only time in which this process itself
 * runs counts, so that a machine waking from sleep is not taken for a hang.
 */
import type { FromChild } from './messages.js';

/** A child hangs if it is silent for this many times its slowest iteration so far, and for the patience. */
const hangFactor = 20;

/** Milliseconds per pixel that a slow core needs until the first evaluation is done, including the targets. */
const firstPerPixel = 0.2;

/** Number of checks within the patience. */
const checksPerPatience = 20;

export class Watchdog {
  private readonly timer: NodeJS.Timeout;
  /** Milliseconds since the last message. */
  private silence = 0;
  /** The longest silence before an iteration or a tile was done, in milliseconds. */
  private slowest = 0;
  /** Milliseconds allowed for the first evaluation at the painted size. */
  private first = 0;
  /** The child is paused, or waits for a disk. */
  private resting = false;

  /**
   * @param patience milliseconds of silence that are always allowed
   * @param onHang called once
   */
  constructor(patience: number, onHang: () => void) {
    const interval = patience / checksPerPatience;
    this.timer = setInterval(() => {
      if (!this.resting) this.silence += interval;
      const allowed = this.slowest > 0 ? hangFactor * this.slowest : this.first;
      if (this.silence < Math.max(patience, allowed)) return;
      this.end();
      onHang();
    }, interval);
  }

  onMessage(message: FromChild): void {
    if ('event' in message) {
      const { event } = message;
      if (event === 'started') this.first = firstPerPixel * message.width * message.height;
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
