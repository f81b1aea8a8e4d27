/** Lists the regular files below a folder, without following links. Subfolders that cannot be read are skipped. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Yields paths that start with the folder's path.
 * @throws the system's error if the folder itself cannot be read
 */
export async function* filesBelow(folder: string): AsyncGenerator<string, void> {
  const pending = [await entriesOf(folder)];
  for (let entries = pending.pop(); entries; entries = pending.pop()) {
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) yield path;
      else if (entry.isDirectory()) pending.push(await entriesOf(path).catch(() => []));
    }
  }
}

const entriesOf = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true });
