/** Files appear whole or not at all: written beside their place, synced, then put there. */
import { randomUUID } from 'node:crypto';
import { access, constants, link, lstat, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from './errors.js';
import { filesBelow } from './walk.js';

type Bytes = Uint8Array | readonly Uint8Array[];

export interface WriteOptions {
  /** Whether a file of that name may be replaced. */
  overwrite: boolean;
  /** A folder that must be there: were it made anew, a disk that is away would be filled beside itself. */
  within?: string;
}

/**
 * Writes a file, and makes the folders for it.
 * @param data its bytes, or pieces of them one after the other
 * @throws UserError if the folder cannot be written or the file exists; its cause is the system's error
 */
export async function writeWhole(
  path: string,
  data: Bytes,
  { overwrite, within }: WriteOptions,
): Promise<void> {
  const folder = dirname(path);
  // A dotfile with a .tmp ending: every watcher leaves it alone, ours included. See removeLeftovers().
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    if (within !== undefined) await access(within);
    await mkdir(folder, { recursive: true });
    await writeSynced(temporary, data);
    if (overwrite) await rename(temporary, path);
    else await place(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    throw new UserError(explain(error as NodeJS.ErrnoException, path), { cause: error });
  } finally {
    // What went wrong before is what counts.
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Gives a file its name, unless that is taken. A link cannot replace anything; not every file system has links. */
async function place(temporary: string, path: string): Promise<void> {
  await link(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
    const isTaken = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isTaken || error.code === 'EEXIST') throw Object.assign(error, { code: 'EEXIST' });
    await rename(temporary, path);
  });
}

/** Removes what a process that was killed in the very moment of writing left in a folder, as far as it may be removed. */
export async function removeLeftovers(folder: string): Promise<void> {
  for await (const path of filesBelow(folder))
    if (/^\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/.test(basename(path)))
      await rm(path, { force: true }).catch(() => {});
}

/** No file system in use takes longer names, in bytes of UTF-8. */
const longestName = 255;

/** A file's name: as much of its stem as fits before the ending, cut between two characters as people see them. */
export function fittingName(stem: string, ending: string): string {
  const room = longestName - Buffer.byteLength(ending);
  if (Buffer.byteLength(stem) <= room) return stem + ending;
  let fitting = '';
  for (const { segment } of new Intl.Segmenter().segment(stem)) {
    if (Buffer.byteLength(fitting + segment) > room) break;
    fitting += segment;
  }
  return fitting + ending;
}

/** Makes a folder that can be written in. Throws UserError otherwise: better before painting than after. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'it is a file, not a folder' : code;
    throw new UserError(`${folder}: pictures cannot be written there (${why}). Choose another folder.`);
  }
}

async function writeSynced(path: string, data: Bytes): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await writeFile(handle, data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the new name itself last through a power cut; not every platform can open a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function explain(error: NodeJS.ErrnoException, path: string): string {
  switch (error.code) {
    case 'EEXIST':
      return `${path}: the file exists already. Choose another name, or pass --overwrite.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${dirname(path)}: cannot write there (${error.code}). Check its permissions or choose another --output.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `${path}: the disk is full (${error.code}). Make room.`;
    case 'ENOENT':
      return `${dirname(path)}: is not there any more. Bring it back, or make it again.`;
    default:
      return `${path}: could not be written (${error.code ?? error.message}).`;
  }
}
