/** Requests to the current job, kept until the painting loop handles them. */
import type { TransferChange } from '../transfer/stylize.js';
import type { Control } from './messages.js';

export class Controls {
  paused = false;
  snapshot = false;
  ending: 'skip' | 'accept' | 'stop' | undefined;
  /** Aborted when the picture is abandoned. */
  readonly dropped = new AbortController();
  /** When the painting should end, by performance.now(). */
  deadline: number | undefined;
  /** The number of the last change that was applied. */
  lastChange: number | undefined;
  private pending: TransferChange | undefined;
  private pendingNumber: number | undefined;
  private wake = () => {};

  apply(control: Control): void {
    switch (control.type) {
      case 'pause':
        this.paused = true;
        break;
      case 'resume':
        this.paused = false;
        break;
      case 'change': {
        const { type: _, number, ...change } = control;
        this.pending = { ...this.pending, ...change };
        // A change without a number keeps the previous number.
        this.pendingNumber = number ?? this.pendingNumber;
        break;
      }
      case 'within':
        this.deadline = performance.now() + 1000 * control.seconds;
        break;
      case 'snapshot':
        this.snapshot = true;
        break;
      case 'skip':
      case 'accept':
      case 'stop':
        this.ending = control.type;
        if (control.type !== 'accept') this.dropped.abort();
        break;
    }
    this.wake();
  }

  /** The changes since the last call, merged; undefined if there are none. */
  takeChange(): TransferChange | undefined {
    const change = this.pending;
    this.pending = undefined;
    if (change) this.lastChange = this.pendingNumber ?? this.lastChange;
    return change;
  }

  /** Resolves at the next control. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
