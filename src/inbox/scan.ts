/** Lists the files in an inbox that may be pictures, and those to report as problems. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isPictureName, unreadKind } from '../image/formats.js';
import { isReadTrouble } from '../util/transient.js';
import { isGallery } from '../util/walk.js';
import { Selection, type SelectionOptions } from './selection.js';
import { folderSidecar, inboxDefaults, ownSidecar } from './sidecar.js';
import { type FileStamp, type FileStamps, stampOf, type Verdict } from './stability.js';

export interface ScannedFile {
  path: string;
  /** The stamps of the file and its sidecars. */
  look: FileStamps;
  /** Set if it needs no examination. */
  verdict?: Verdict;
}

export interface Scanned {
  /** In no particular order. */
  files: ScannedFile[];
  /** Paths of photos that are of a kind that is not read. */
  unread: string[];
  /** Counts of what --include and --exclude leave out; a folder counts as one. */
  leftOut: { photos: number; folders: number };
}

export interface ScanOptions extends SelectionOptions {
  folder: string;
  /** Never scanned, even if it is inside the folder. */
  outbox: string;
  /** Other folders that are never scanned. */
  aside?: readonly string[];
  /** Include subfolders. */
  recursive: boolean;
}

/**
 * Lists the files. Links are not followed, since they may lead anywhere; galleries are left out.
 * @throws the file system's error if the folder itself cannot be read
 */
export async function scan(options: ScanOptions): Promise<Scanned> {
  const { folder: inbox, outbox, aside = [], recursive } = options;
  const selection = new Selection(options);
  const scanned: Scanned = { files: [], unread: [], leftOut: { photos: 0, folders: 0 } };
  const { files, unread, leftOut } = scanned;

  /** @param above stamps of the inbox's defaults and of the sidecars of the folders above, from the inbox down */
  async function scanFolder(folder: string, above: readonly (FileStamp | undefined)[]): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true });
    if (isGallery(entries)) return;
    const ofFolders = [...above, await stampOf(join(folder, folderSidecar))];
    const add = async (path: string, verdict?: Verdict) => {
      // Looked up by name, as later, since the directory listing does not show which names the file system considers equal.
      const [look, own] = await Promise.all([path, ownSidecar(path)].map(stampOf));
      if (look) files.push({ path, look: [look, ...ofFolders, own], verdict });
      else if (path.includes('\ufffd')) files.push(unnameable(path));
    };
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (path === outbox || aside.includes(path) || selection.ignores(entry.name)) continue;
      const here = relative(inbox, path);
      if (entry.isDirectory() && (!recursive || selection.leavesOutFolder(here))) {
        if (recursive) leftOut.folders++;
        continue;
      }
      if (!entry.isDirectory() && !selection.takesFile(here)) {
        if (isPictureName(path) || unreadKind(path)) leftOut.photos++;
        continue;
      }
      if (entry.isFile() && isPictureName(path)) await add(path);
      if (entry.isFile() && unreadKind(path)) unread.push(path);
      if (entry.isSymbolicLink() && (isPictureName(path) || (recursive && (await isFolder(path)))))
        await add(path, {
          kind: 'link',
          reason: `${path}: links are not followed. Put in what it leads to.`,
        });
      if (entry.isDirectory())
        await scanFolder(path, ofFolders).catch((error: NodeJS.ErrnoException) =>
          add(path, unreadableFolder(path, error)),
        );
    }
  }

  await scanFolder(inbox, [await stampOf(join(inbox, inboxDefaults))]);
  return scanned;
}

function unreadableFolder(path: string, error: NodeJS.ErrnoException): Verdict {
  const what = `${path}: the folder cannot be read`;
  return isReadTrouble(error)
    ? { kind: 'away', reason: `${what} at the moment (${error.code}).` }
    : { kind: 'bad', hash: '', reason: `${what} (${error.code}). Check its permissions.` };
}

/** A file whose name is not valid UTF-8 cannot be opened by Node. */
function unnameable(path: string): ScannedFile {
  const look = { size: 0, mtime: 0, ctime: 0, inode: 0 };
  const reason = `${path}: its name is not in UTF-8, so it cannot be opened. Rename it.`;
  return { path, look: [look], verdict: { kind: 'bad', hash: '', reason } };
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
