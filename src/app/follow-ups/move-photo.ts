/**
 * Moves a photo and its sidecar to another folder. Nothing is overwritten, and the photo is removed only once it is whole at its
 * new place. Each step can be repeated, so that a crash between any two is repaired by moving it again.
 */
import { access, copyFile, link, lstat, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { ownSidecar } from '../../inbox/sidecar.js';
import type { FollowUp } from '../../queue/follow-ups.js';
import { nthName, place, syncFolder } from '../../util/atomic-write.js';
import { hashBytes, hashFile } from '../../util/hash.js';

/** Why a photo stays where it is. */
export class NotMoved extends Error {}

export interface MoveOptions {
  /** The folder that its path in the new folder is relative to. */
  root: string;
  /** Records where it goes, before it goes. */
  begin(target: string): void;
}

/**
 * @returns the photo's new path
 * @throws NotMoved, or the system's error
 */
export async function movePhoto(
  { source, sourceHash, what: folder, target: begun }: FollowUp,
  { root, begin }: MoveOptions,
): Promise<string> {
  const isOurs = async (path: string) =>
    (await isOneFile(path, source)) || ((await exists(path)) && (await hashFile(path)) === sourceHash);
  let target = begun !== null && (await isOurs(begun)) ? begun : undefined;
  if (target === undefined) {
    if (!(await exists(source))) throw new NotMoved('it is no longer there');
    if (!(await lstat(source)).isFile()) throw new NotMoved('it is no file');
    if (sourceHash !== '' && (await hashFile(source)) !== sourceHash)
      throw new NotMoved('its content has changed since; it stays');
    // Created below, that may be the mount point of an unmounted disk.
    await access(folder);
    const first = join(folder, relative(root, dirname(source)), basename(source));
    await mkdir(dirname(first), { recursive: true });
    target = await placeFree(source, first, begin);
  }
  const [sidecar, itsTarget] = [source, target].map(ownSidecar);
  if (await exists(sidecar)) {
    if (!(await exists(itsTarget))) await placeAt(sidecar, itsTarget);
    if (await exists(sidecar)) await removeCopied(sidecar, itsTarget);
  }
  if (await exists(source)) await removeCopied(source, target);
  await syncFolder(dirname(target));
  await syncFolder(dirname(source));
  return target;
}

/** Places it under the first name that is free, for its sidecar too. */
async function placeFree(source: string, first: string, begin: (target: string) => void): Promise<string> {
  for (let n = 1; ; n++) {
    const target = nthName(first, n);
    if ((await exists(target)) || (await exists(ownSidecar(target)))) continue;
    begin(target);
    try {
      await placeAt(source, target);
      return target;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Puts a file at a free path; the original may be gone after that. */
async function placeAt(source: string, target: string): Promise<void> {
  try {
    // Never replaces a file, as a rename would.
    await link(source, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw error;
    if (code === 'EXDEV') await copyTo(source, target);
    // Not every file system has links.
    else await rename(source, target);
  }
}

/** Copies a file to another file system, synced and compared. */
async function copyTo(source: string, target: string): Promise<void> {
  // The same name at each attempt, so that a crash leaves no more than one.
  const temporary = join(dirname(target), `.${hashBytes(Buffer.from(target)).slice(0, 24)}.tmp`);
  try {
    await copyFile(source, temporary);
    const { atime, mtime } = await lstat(source);
    await utimes(temporary, atime, mtime);
    // Windows syncs only what is open for writing; elsewhere the photo may be read-only.
    const file = await open(temporary, process.platform === 'win32' ? 'r+' : 'r');
    await file.sync().finally(() => file.close());
    if ((await hashFile(temporary)) !== (await hashFile(source)))
      throw new NotMoved('its copy is not the same; it stays');
    await place(temporary, target);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Removes an original whose other name or copy is there. */
async function removeCopied(original: string, copy: string): Promise<void> {
  if (!(await isOneFile(original, copy)) && (await hashFile(original)) !== (await hashFile(copy)))
    throw new NotMoved(`${copy} has other content; ${basename(original)} stays`);
  await rm(original);
}

/** Whether two paths lead to the same file. */
async function isOneFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => lstat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );
