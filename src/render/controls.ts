/** What was asked of the job under way, kept until the painting loop comes round to it. */
import type { Weights } from '../transfer/losses.js';
import type { Control } from './messages.js';

export class Controls {
  paused = false;
  snapshot = false;
  ending: 'skip' | 'accept' | 'stop' | undefined;
  /** Aborted when the picture is not to be finished. */
  readonly dropped = new AbortController();
  private weights: Weights | undefined;
  private wake = () => {};

  apply(control: Control): void {
    switch (control.type) {
      case 'pause':
        this.paused = true;
        break;
      case 'resume':
        this.paused = false;
        break;
      case 'weights':
        this.weights = control.weights;
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

  /** New weights since the last call, if any. */
  takeWeights(): Weights | undefined {
    const weights = this.weights;
    this.weights = undefined;
    return weights;
  }

  /** Settles at the next control. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
