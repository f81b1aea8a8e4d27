/** Atomic file writes: to a temporary file in the same folder, synced, then renamed. */
import { randomUUID } from 'node:crypto';
import { access, constants, link, lstat, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { UserError } from './errors.js';
import { filesBelow } from './walk.js';

type Bytes = Uint8Array | readonly Uint8Array[];

export interface WriteOptions {
  /** Whether an existing file of that name may be replaced. */
  overwrite: boolean;
  /** It can be made again, so a power failure may cost it: it is not synced, which takes long for thousands of files. */
  isDerived?: boolean;
  /** A folder that must exist. It is not created, since that would write below the mount point of an unmounted disk. */
  within?: string;
}

/**
 * Writes a file and creates its parent folders.
 * @param data its bytes, or consecutive pieces of them
 * @throws UserError if the folder is not writable or the file exists; its cause is the system's error
 */
export async function writeWhole(
  path: string,
  data: Bytes,
  { overwrite, within, isDerived = false }: WriteOptions,
): Promise<void> {
  const folder = dirname(path);
  // A dotfile ending in .tmp is ignored by every watcher, ours included. See removeLeftovers().
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    if (within !== undefined) await access(within);
    await mkdir(folder, { recursive: true });
    if (isDerived) await writeFile(temporary, data, { flag: 'wx' });
    else await writeSynced(temporary, data);
    if (overwrite) await rename(temporary, path);
    else await place(temporary, path);
    if (!isDerived) await syncFolder(folder);
  } catch (error) {
    throw new UserError(explain(error as NodeJS.ErrnoException, path), { cause: error });
  } finally {
    // An error here must not hide the one that led here.
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/**
 * Gives a file that another program wrote its final name, in the same file system.
 * @throws UserError as writeWhole()
 */
export async function moveWhole(
  from: string,
  path: string,
  { overwrite }: Pick<WriteOptions, 'overwrite'>,
): Promise<void> {
  try {
    const handle = await open(from, 'r+');
    await handle.sync().finally(() => handle.close());
    if (overwrite) await rename(from, path);
    else await place(from, path);
    await syncFolder(dirname(path));
    await rm(from, { force: true });
  } catch (error) {
    throw new UserError(explain(error as NodeJS.ErrnoException, path), { cause: error });
  }
}

/** Whether a file could not be written because its name is taken. */
export function isTaken(error: unknown): boolean {
  const { code, syscall } = (error as { cause?: NodeJS.ErrnoException }).cause ?? {};
  // A file in place of a folder is a different problem.
  return code === 'EEXIST' && syscall !== 'mkdir';
}

/** Renames a file unless the name is taken. Creating a link never replaces a file, but not every file system has links. */
export async function place(temporary: string, path: string): Promise<void> {
  await link(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
    const isTaken = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isTaken || error.code === 'EEXIST') throw Object.assign(error, { code: 'EEXIST' });
    await rename(temporary, path);
  });
}

/** Removes the temporary files of a process that was killed while writing, as far as permissions allow. */
export async function removeLeftovers(folder: string): Promise<void> {
  for await (const path of filesBelow(folder))
    if (/^\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/.test(basename(path)))
      await rm(path, { force: true }).catch(() => {});
}

/** The longest file name on common file systems, in bytes of UTF-8. */
const longestName = 255;

/** A file name of at most 255 bytes: the stem is truncated between grapheme clusters, the ending is kept. */
export function fittingName(stem: string, ending: string): string {
  const maxStemBytes = longestName - Buffer.byteLength(ending);
  if (Buffer.byteLength(stem) <= maxStemBytes) return stem + ending;
  let fitting = '';
  for (const { segment } of new Intl.Segmenter().segment(stem)) {
    if (Buffer.byteLength(fitting + segment) > maxStemBytes) break;
    fitting += segment;
  }
  return fitting + ending;
}

/** The nth candidate for a file's name: beach.jpg, beach-2.jpg, … */
export function nthName(path: string, n: number): string {
  const ending = extname(path);
  return join(dirname(path), fittingName(basename(path, ending), `${n === 1 ? '' : `-${n}`}${ending}`));
}

/**
 * Creates a folder if needed and checks that it is writable, so that painting does not start in vain.
 * @throws UserError if it is not
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'it is a file, not a folder' : code;
    throw new UserError(`${folder}: cannot write pictures there (${why}). Choose another folder.`);
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

/** Makes the new name survive a power failure. Not every platform can open a folder. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function explain(error: NodeJS.ErrnoException, path: string): string {
  switch (error.code) {
    case 'EEXIST':
      return `${path}: the file already exists. Choose another name, or pass --overwrite.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${dirname(path)}: cannot write there (${error.code}). Check its permissions or choose another --output.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `${path}: the disk is full (${error.code}). Free some space.`;
    case 'ENOENT':
      return `${dirname(path)}: the folder no longer exists. Restore it, or create it again.`;
    default:
      return `${path}: could not be written (${error.code ?? error.message}).`;
  }
}
