/** Content hashes: pictures are identified by content, not by name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file's bytes. */
export const hashFile = (path: string): Promise<string> => hashStream(createReadStream(path));

/** SHA-256 of the bytes of an open file, which stays open. */
export const hashOpen = (file: FileHandle): Promise<string> =>
  hashStream(file.createReadStream({ start: 0, autoClose: false }));

async function hashStream(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(stream, hash);
  return hash.digest('hex');
}

/** SHA-256 of bytes in memory. */
export const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
