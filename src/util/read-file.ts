/**
 * Reads files that others can change: opened once, without waiting for a pipe's writer, and judged by the open handle, so
 * that what was looked at is what is read. Where a folder is given, no link leads out of it, whenever it is put there.
 */
import { constants, type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';

export interface ReadOptions {
  /** Bytes at most. */
  maxBytes: number;
  /** The file must lie below this folder, without links in either path. */
  within?: string;
}

/** Why a file is not read: it is a folder or a device, too large, or reached through a link. */
export class Refused extends Error {
  constructor(readonly why: 'kind' | 'size' | 'link') {
    super(`refused for its ${why}`);
  }
}

/** @throws Refused, or the system's error */
export async function readWhole(path: string, { maxBytes, within }: ReadOptions): Promise<Buffer> {
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
    if (within !== undefined && !isBelow(await whereIs(file, path), within)) throw new Refused('link');
    // It may grow while it is read.
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

/** Whether a path lies below a folder; both absolute. */
export function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Where an open file lies. Linux says so of the handle itself; elsewhere the path must lead to it still. */
async function whereIs(file: FileHandle, path: string): Promise<string> {
  const own = await readlink(`/proc/self/fd/${file.fd}`).catch(() => undefined);
  if (own !== undefined) return own;
  const real = await realpath(path);
  const [held, there] = await Promise.all([file.stat(), stat(real)]);
  return held.dev === there.dev && held.ino === there.ino ? real : '/';
}
