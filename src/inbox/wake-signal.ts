/** Tells that there may be something to look at: a ring is never lost, and many are as good as one. */
export class Bell {
  private rung = false;
  private wake = () => {};

  ring(): void {
    this.rung = true;
    this.wake();
  }

  /** Settles at the next ring, at once if it rang since the last time, and in any case after some milliseconds. */
  async heard(atLatest: number): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atLatest);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.rung = false;
  }
}
