/** A map of limited size that drops the entry that has not been used for longest. */
export class LruCache<Key, Value> {
  /** In the order of use, the latest last. */
  private readonly entries = new Map<Key, Value>();

  /** @param capacity number of entries at most, 1 or more */
  constructor(private readonly capacity: number) {}

  get(key: Key): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) this.touch(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.touch(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
  }

  private touch(key: Key, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, value);
  }
}
