/** What was asked of the job under way, kept until the painting loop comes round to it. */
import type { TransferChange } from '../transfer/stylize.js';
import type { Control } from './messages.js';

export class Controls {
  paused = false;
  snapshot = false;
  ending: 'skip' | 'accept' | 'stop' | undefined;
  /** Aborted when the picture is not to be finished. */
  readonly dropped = new AbortController();
  private pending: TransferChange | undefined;
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
        const { type: _, ...change } = control;
        this.pending = { ...this.pending, ...change };
        break;
      }
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

  /** What was changed since the last call, if anything. */
  takeChange(): TransferChange | undefined {
    const change = this.pending;
    this.pending = undefined;
    return change;
  }

  /** Settles at the next control. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
