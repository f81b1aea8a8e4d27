/** A map of limited size that evicts the least recently used entry. */
export class LruCache<Key, Value> {
  /** In order of use, most recent last. */
  private readonly entries = new Map<Key, Value>();

  /** @param capacity maximum number of entries, at least 1 */
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
