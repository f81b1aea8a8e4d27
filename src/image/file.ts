/**
 * A picture's file, read once: what is judged, hashed and decoded are then the same bytes, whatever happens to the
 * file meanwhile.
 */
import { UserError } from '../util/errors.js';
import { hashBytes } from '../util/hash.js';
import { Refused, readWhole } from '../util/read-file.js';
import { unreadable } from '../util/transient.js';

export interface PictureFile {
  /** For messages. */
  path: string;
  bytes: Buffer;
}

/** More than any picture of the size that is read, 16 bits deep and uncompressed, takes. */
const maxBytes = 1024 ** 3;

/**
 * @param within a folder that no link may lead out of: see readWhole()
 * @throws UserError that names the file and says why it cannot be read; isReadTrouble() tells whether it may be later
 */
export async function readPictureFile(path: string, within?: string): Promise<PictureFile> {
  const bytes = await readWhole(path, { maxBytes, within }).catch(refuse(path));
  if (bytes.length === 0) throw new UserError(`${path}: the file is empty. Copy it again.`);
  return { path, bytes };
}

export const hashOf = ({ bytes }: PictureFile): string => hashBytes(bytes);

const refusals: Record<Refused['why'], string> = {
  kind: 'expected a picture, got a folder or a device.',
  size: 'the file has more than a gigabyte. Shrink it first.',
  link: 'links are not followed. Put in what it leads to.',
};

function refuse(path: string) {
  return (error: NodeJS.ErrnoException): never => {
    if (error instanceof Refused) throw new UserError(`${path}: ${refusals[error.why]}`);
    const { code } = error;
    if (code === 'ENOENT') throw new UserError(`${path}: there is no such file.`);
    const advice = code === 'EACCES' || code === 'EPERM' ? ' Check its permissions.' : '';
    throw unreadable(path, error, advice);
  };
}
