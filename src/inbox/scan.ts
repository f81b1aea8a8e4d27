/** Lists the files in an inbox that may be pictures, and those to report as problems. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPictureName, unreadKind } from '../image/formats.js';
import { isReadTrouble } from '../util/transient.js';
import { isGallery } from '../util/walk.js';
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
}

export interface ScanOptions {
  folder: string;
  /** Never scanned, even if it is inside the folder. */
  outbox: string;
  /** Include subfolders. */
  recursive: boolean;
  /** Names of system folders to scan nevertheless. */
  include?: readonly string[];
}

/** Folders in which network storage, operating systems and archives keep thumbnails, trash and snapshots. */
const ofSystems = new Set(
  ['@eaDir', '#recycle', '@Recycle', '$RECYCLE.BIN', '@Recently-Snapshot', '.@__thumb', '.Trashes'].concat([
    'lost+found',
    '__MACOSX',
  ]),
);

/** Hidden files, and temporary files of browsers, editors and copying programs. */
const unfinished = /^[.~]|\.(part|crdownload|tmp)$/i;

/**
 * Lists the files. Links are not followed, since they may lead anywhere; galleries are left out.
 * @param above stamps of the inbox's defaults and of the sidecars of its parent folders, from the inbox down; for an inbox
 * itself, undefined
 * @throws the file system's error if the folder itself cannot be read
 */
export async function scan(
  { folder, outbox, recursive, include = [] }: ScanOptions,
  above?: readonly (FileStamp | undefined)[],
): Promise<Scanned> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (isGallery(entries)) return { files: [], unread: [] };
  const ofInbox = above ?? [await stampOf(join(folder, inboxDefaults))];
  const ofFolders = [...ofInbox, await stampOf(join(folder, folderSidecar))];
  const files: ScannedFile[] = [];
  const unread: string[] = [];
  const add = async (path: string, verdict?: Verdict) => {
    // Looked up by name, as later, since the directory listing does not show which names the file system considers equal.
    const [look, own] = await Promise.all([path, ownSidecar(path)].map(stampOf));
    if (look) files.push({ path, look: [look, ...ofFolders, own], verdict });
    else if (path.includes('\ufffd')) files.push(unnameable(path));
  };
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (path === outbox || (ofSystems.has(entry.name) && !include.includes(entry.name))) continue;
    if (unfinished.test(entry.name) && !include.includes(entry.name)) continue;
    if (entry.isFile() && isPictureName(path)) await add(path);
    if (entry.isFile() && unreadKind(path)) unread.push(path);
    if (entry.isSymbolicLink() && (isPictureName(path) || (recursive && (await isFolder(path)))))
      await add(path, { kind: 'link', reason: `${path}: links are not followed. Put in what it leads to.` });
    if (entry.isDirectory() && recursive) {
      await scan({ folder: path, outbox, recursive, include }, ofFolders).then(
        (inside) => {
          files.push(...inside.files);
          unread.push(...inside.unread);
        },
        (error: NodeJS.ErrnoException) => add(path, unreadableFolder(path, error)),
      );
    }
  }
  return { files, unread };
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
