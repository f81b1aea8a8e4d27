/**
 * Lists the regular files below a folder, without following links. Subfolders that cannot be read are skipped, and so are
 * galleries.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that marks a gallery's folder: what is in it are copies, neither photos nor paintings. */
export const galleryMark = '.stylize-tui-gallery';

/** Whether these are the names of a gallery's files. */
export const isGallery = (entries: readonly Dirent[]) => entries.some(({ name }) => name === galleryMark);

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
      else if (entry.isDirectory()) {
        const inside = await entriesOf(path).catch(() => []);
        if (!isGallery(inside)) pending.push(inside);
      }
    }
  }
}

const entriesOf = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true });
