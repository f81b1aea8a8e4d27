/** Tells that there may be something to look at: a ring is never lost, and many are as good as one. */
export class WakeSignal {
  private notified = false;
  private wake = () => {};

  notify(): void {
    this.notified = true;
    this.wake();
  }

  /** Settles at the next ring, at once if it rang since the last time, and in any case after some milliseconds. */
  async wait(atLatest: number): Promise<void> {
    if (!this.notified) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atLatest);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.notified = false;
  }
}
