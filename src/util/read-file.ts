/**
 * Safe reading of files that others can change. The file is opened once, without blocking on a pipe, and checked by its
 * open handle, so that the file checked is the file read. If a folder is given, links cannot lead out of it, not even links
 * created during the check.
 */
import { statSync } from 'node:fs';
import { constants, type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';

export interface ReadOptions {
  maxBytes: number;
  /** The file must be below this folder; neither path may contain links. */
  within?: string;
}

/** Thrown for a file that is a folder or a device, too large, or reached through a link. */
export class Refused extends Error {
  constructor(readonly why: 'kind' | 'size' | 'link') {
    super(`refused because of its ${why}`);
  }
}

/**
 * Opens a regular file; whoever calls closes it.
 * @throws Refused, or the system's error
 */
export async function openRegular(path: string, { maxBytes, within }: ReadOptions): Promise<FileHandle> {
  const noFollow = within === undefined ? 0 : (constants.O_NOFOLLOW ?? 0);
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noFollow).catch(
    (error: NodeJS.ErrnoException) => {
      if (noFollow && error.code === 'ELOOP') throw new Refused('link');
      throw error;
    },
  );
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Refused('kind');
    if (found.size > maxBytes) throw new Refused('size');
    if (within !== undefined && !isBelow(await realPathOf(file, path), within)) throw new Refused('link');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @throws Refused, or the system's error */
export async function readWhole(path: string, options: ReadOptions): Promise<Buffer> {
  const file = await openRegular(path, options);
  try {
    const found = await file.stat();
    // The file may shrink or grow during the read.
    const bytes = Buffer.alloc(found.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Whether a file is gone, links followed; an error in checking does not count. */
export function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Whether a path is below a folder; both must be absolute. */
export function isBelow(path: string, folder: string): boolean {
  const from = relative(folder, path);
  return from !== '' && from !== '..' && !from.startsWith(`..${sep}`) && !isAbsolute(from);
}

/** The real path of an open file. Linux knows it from the handle; elsewhere the path must still lead to the same file. */
async function realPathOf(file: FileHandle, path: string): Promise<string> {
  const own = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
  if (own !== undefined) return own;
  const real = await realpath(path);
  const [opened, found] = await Promise.all([file.stat(), stat(real)]);
  return opened.dev === found.dev && opened.ino === found.ino ? real : '/';
}
