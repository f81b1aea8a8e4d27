/**
 * Whether another process still renews what it holds. Only one's own clock counts, and it only goes forward: the clocks of
 * two machines differ, and each of them may be set.
 */
export class Heartbeat {
  private latest: string | undefined;
  private since = 0;

  /**
   * Milliseconds since this mark was first seen, 0 for a new one.
   * @param mark what the other process writes anew at each renewal
   */
  stillFor(mark: string): number {
    if (mark !== this.latest) [this.latest, this.since] = [mark, performance.now()];
    return performance.now() - this.since;
  }
}
