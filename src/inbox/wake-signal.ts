/** Wakes a waiting loop. A notification is never lost; several count as one. */
export class WakeSignal {
  private notified = false;
  private wake = () => {};

  notify(): void {
    this.notified = true;
    this.wake();
  }

  /**
   * Resolves at the next notification, at once if there was one since the last call, or after `atLatest` milliseconds.
   * @returns whether there was a notification
   */
  async wait(atLatest: number): Promise<boolean> {
    if (!this.notified) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, atLatest);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const hasRung = this.notified;
    this.notified = false;
    return hasRung;
  }
}
