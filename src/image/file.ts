/**
 * A picture's file, read once: what is judged, hashed and decoded are then the same bytes, whatever happens to the
 * file meanwhile.
 */
import { readFile, stat } from 'node:fs/promises';
import { UserError } from '../util/errors.js';
import { hashBytes } from '../util/hash.js';
import { isShortage, retryUntilAvailable } from '../util/transient.js';

export interface PictureFile {
  /** For messages. */
  path: string;
  bytes: Buffer;
}

/** More than any picture of the size that is read, 16 bits deep and uncompressed, takes. */
const maxBytes = 1024 ** 3;

/** @throws UserError that names the file and says why it cannot be read */
export async function readPictureFile(path: string): Promise<PictureFile> {
  const found = await whenPossible(() => stat(path)).catch(refuse(path));
  // Asked first: opening a pipe would wait for someone to write into it.
  if (!found.isFile()) throw new UserError(`${path}: expected a picture, got a folder or a device.`);
  if (found.size > maxBytes)
    throw new UserError(`${path}: the file has more than a gigabyte. Shrink it first.`);
  const bytes = await whenPossible(() => readFile(path)).catch(refuse(path));
  if (bytes.length === 0) throw new UserError(`${path}: the file is empty. Copy it again.`);
  return { path, bytes };
}

/** Too many open files, say, are no fault of this one. */
const whenPossible = <T>(work: () => Promise<T>) => retryUntilAvailable(work, { when: isShortage });

export const hashOf = ({ bytes }: PictureFile): string => hashBytes(bytes);

function refuse(path: string) {
  return ({ code }: NodeJS.ErrnoException): never => {
    if (code === 'ENOENT') throw new UserError(`${path}: there is no such file.`);
    const advice = code === 'EACCES' || code === 'EPERM' ? ' Check its permissions.' : '';
    throw new UserError(`${path}: cannot be read (${code}).${advice}`);
  };
}
