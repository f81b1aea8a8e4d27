/** Caches the hashes of checked files, so that each is read only once until it changes, however many recipes name it. */
import { stat } from 'node:fs/promises';

interface CachedHash {
  /** Size, times and inode of the file. */
  stamp: string;
  hash: Promise<string>;
}

export class FileHashCache {
  private readonly cached = new Map<string, CachedHash>();

  /**
   * The SHA-256 of a file that is valid for a purpose.
   * @param check checks and hashes the file; rejects if it is not valid
   */
  async hash(purpose: string, path: string, check: () => Promise<string>): Promise<string> {
    const stamp = await stampOf(path);
    const key = `${purpose} ${path}`;
    const before = this.cached.get(key);
    if (stamp !== '' && before?.stamp === stamp) return before.hash;
    const hash = check();
    this.cached.set(key, { stamp, hash });
    return hash.catch((error) => {
      if (this.cached.get(key)?.hash === hash) this.cached.delete(key);
      throw error;
    });
  }
}

/** Empty if there is no such file; `check` reports that. */
const stampOf = (path: string) =>
  stat(path).then(
    ({ size, mtimeMs, ctimeMs, ino }) => `${size} ${mtimeMs} ${ctimeMs} ${ino}`,
    () => '',
  );
