/**
 * The files that machines with a shared queue exchange: photos, styles and networks by the SHA-256 of their content, paintings
 * of finished jobs, and checkpoints. They are in a folder that all machines see, or in an S3 bucket.
 */

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { constants, copyFile, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../util/errors.js';
import { hashFile } from '../util/hash.js';
import { openRegular, Refused } from '../util/read-file.js';

export interface StoredFile {
  key: string;
  /** Milliseconds since 1970. */
  modified: number;
}

export interface FileStore {
  /** For people, without credentials. */
  readonly name: string;
  /** Checks that files can be written. @throws UserError */
  check(): Promise<void>;
  /** When a file was stored, in milliseconds since 1970; undefined if there is none. */
  modified(key: string): Promise<number | undefined>;
  /** Stores a file, whole or not at all. */
  put(key: string, path: string): Promise<void>;
  /**
   * Fetches a file to a path, whole or not at all.
   * @returns false if there is none
   * @throws UserError if it is larger than `maxBytes`
   */
  get(key: string, path: string, maxBytes: number): Promise<boolean>;
  /** Removes a file, if there is one. */
  remove(key: string): Promise<void>;
  /** All files whose key begins with this folder and a slash. */
  list(folder: string): AsyncIterable<StoredFile>;
}

/** Keys of files. */
export const keys = {
  file: (hash: string) => `files/${hash}`,
  results: (job: string) => `results/${job}`,
  result: (job: string, token: string) => `results/${job}/${token}`,
  snapshot: (job: string, iteration: number) => `results/${job}/snapshot-${iteration}`,
  checkpoint: (job: string) => `checkpoints/${job}`,
};

/** Folders and names without dots at the beginning, so that a key cannot lead out of the store. */
const keyPattern = /^[a-z]+(\/\w[\w.-]{0,127}){1,2}$/;

/** @throws Error for a key that this program does not make */
export function checkedKey(key: string): string {
  if (!keyPattern.test(key))
    throw new UserError(`${JSON.stringify(key.slice(0, 100))}: not the key of a file in a store.`);
  return key;
}

/** Bytes of the largest file that is exchanged: a network, or the checkpoint of a very large picture. */
export const maxFileBytes = 8 * 2 ** 30;

/**
 * Fetches a file by its content.
 * @param hash its SHA-256, which is checked
 * @throws UserError if the store does not have it, or has something else
 */
export async function fetchFile(store: FileStore, hash: string, path: string): Promise<void> {
  const key = keys.file(hash);
  if (!(await store.get(key, path, maxFileBytes))) throw new UserError(`${store.name}: ${key} is missing.`);
  if ((await hashFile(path)) === hash) return;
  await rm(path, { force: true });
  throw new UserError(`${store.name}: ${key} is damaged: its content does not match its name.`);
}

/** A folder that all machines see, such as one on a NAS. */
export class FolderStore implements FileStore {
  readonly name: string;
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
    this.name = this.folder;
  }

  async check() {
    const found = await stat(this.folder).catch((error: NodeJS.ErrnoException) => error);
    // The folder itself is not created: its disk may not be mounted.
    if (found instanceof Error || !found.isDirectory())
      throw new UserError(
        `--store ${this.folder}: there is no such folder here. Create or mount it; every machine must see the same one.`,
      );
    const probe = join(this.folder, `.${randomUUID()}.tmp`);
    await open(probe, 'wx').then(
      (file) => file.close().then(() => rm(probe)),
      ({ code }: NodeJS.ErrnoException) => {
        throw new UserError(`--store ${this.folder}: cannot be written (${code}). Check its permissions.`);
      },
    );
  }

  modified(key: string) {
    return stat(this.path(key)).then(({ mtimeMs }) => mtimeMs, absent(undefined));
  }

  async put(key: string, path: string) {
    await this.requireFolder();
    const target = this.path(key);
    await mkdir(dirname(target), { recursive: true });
    await copyWhole(path, target);
  }

  async get(key: string, path: string, maxBytes: number) {
    await this.requireFolder();
    const file = await openRegular(this.path(key), { maxBytes, within: this.folder }).catch(
      (error: unknown) => {
        if (error instanceof Refused)
          throw new UserError(`${this.name}: ${key} cannot be used: ${error.message}.`);
        return absent(undefined)(error as NodeJS.ErrnoException);
      },
    );
    if (!file) return false;
    const part = `${path}.part`;
    try {
      await pipeline(file.createReadStream(), createWriteStream(part));
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
    return true;
  }

  async remove(key: string) {
    const path = this.path(key);
    await rm(path, { force: true });
    const [top] = key.split('/');
    // Also the folder of a job, once it is empty.
    if (dirname(path) !== join(this.folder, top)) await rmdir(dirname(path)).catch(() => {});
  }

  async *list(folder: string): AsyncIterable<StoredFile> {
    checkedKey(`${folder}/x`);
    const root = join(this.folder, folder);
    for (const entry of await readdir(root, { withFileTypes: true }).catch(absent([])))
      if (entry.isDirectory()) yield* this.list(`${folder}/${entry.name}`);
      else if (entry.isFile() && !entry.name.startsWith('.')) {
        const found = await stat(join(root, entry.name)).catch(absent(undefined));
        if (found) yield { key: `${folder}/${entry.name}`, modified: found.mtimeMs };
      }
  }

  /** An unmounted disk is waited for: nothing is written below its mount point. */
  private async requireFolder(): Promise<void> {
    await stat(this.folder);
  }

  private path(key: string): string {
    return join(this.folder, checkedKey(key));
  }
}

/** Copies to a temporary file next to the target, synced, then renames. */
async function copyWhole(from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), `.${randomUUID()}.tmp`);
  try {
    await copyFile(from, temporary, constants.COPYFILE_EXCL);
    const file = await open(temporary, 'r+');
    await file.sync().finally(() => file.close());
    await rename(temporary, to);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** A value for a file that is not there; other errors are thrown. */
const absent =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw error;
  };

/**
 * The store at an address: s3://bucket/prefix, or a folder.
 * @throws UserError if it cannot be used
 */
export async function openStore(address: string): Promise<FileStore> {
  const { S3Store } = await import('./s3-store.js');
  const store = address.startsWith('s3://') ? await S3Store.open(address) : new FolderStore(address);
  await store.check();
  return store;
}
