/** Files that were found usable once need no second look while they stay as they are, however many recipes name them. */
import { stat } from 'node:fs/promises';

interface Kept {
  /** What the file's entry said. */
  entry: string;
  hash: Promise<string>;
}

export class FileHashCache {
  private readonly kept = new Map<string, Kept>();

  /**
   * The SHA-256 of a file that is good for a use.
   * @param examine looks at the file itself and hashes it; rejects if it is not good for that
   */
  async hash(use: string, path: string, examine: () => Promise<string>): Promise<string> {
    const entry = await entryOf(path);
    const key = `${use} ${path}`;
    const before = this.kept.get(key);
    if (entry !== '' && before?.entry === entry) return before.hash;
    const hash = examine();
    this.kept.set(key, { entry, hash });
    return hash.catch((error) => {
      if (this.kept.get(key)?.hash === hash) this.kept.delete(key);
      throw error;
    });
  }
}

/** Empty where there is no such file: to say so is the examination's part. */
const entryOf = (path: string) =>
  stat(path).then(
    ({ size, mtimeMs, ctimeMs, ino }) => `${size} ${mtimeMs} ${ctimeMs} ${ino}`,
    () => '',
  );
