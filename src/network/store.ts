/** Networks besides the bundled one: which is used, which are known, and where they are kept. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { parseObject } from '../settings/settings.js';
import { writeWhole } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';
import { folders } from '../util/folders.js';

export interface KnownNetwork {
  name: string;
  file: string;
  /** Where its authors publish it. */
  url: string;
  hash: { algorithm: 'sha256' | 'md5'; value: string };
  bytes: number;
  about: string;
}

/** Well-known weight files, by name. */
export const knownNetworks: readonly KnownNetwork[] = [
  {
    name: 'matconvnet',
    file: 'imagenet-vgg-verydeep-19.mat',
    url: 'https://www.vlfeat.org/matconvnet/models/imagenet-vgg-verydeep-19.mat',
    hash: { algorithm: 'sha256', value: 'abdb57167f82a2a1fbab1e1c16ad9373411883f262a1a37ee5db2e6fb0044695' },
    bytes: 534_904_783,
    about: 'MatConvNet, as anishathalye/neural-style takes it',
  },
  {
    name: 'keras',
    file: 'vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5',
    url: 'https://storage.googleapis.com/tensorflow/keras-applications/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5',
    hash: { algorithm: 'md5', value: '253f8cb515780f3b799900260a226db6' },
    bytes: 80_134_624,
    about: 'Keras, without its fully connected layers',
  },
];

const choices = z.object({ network: z.string().optional() });

/** The weight file that `models use` chose; undefined: the bundled one. */
export async function chosenNetwork(): Promise<string | undefined> {
  const text = await readFile(folders.choices, 'utf8').catch(() => '{}');
  try {
    return choices.parse(JSON.parse(text)).network;
  } catch {
    throw new UserError(`${folders.choices}: damaged. Remove it, or choose a network again: models use box.`);
  }
}

/** Selects a weight file for runs that name none; undefined selects the bundled one. Other choices in the file stay. */
export async function chooseNetwork(path: string | undefined): Promise<void> {
  const before = await readFile(folders.choices, 'utf8').then(
    (text) => parseObject(text, folders.choices),
    () => ({}),
  );
  const text = `${JSON.stringify({ ...before, network: path }, null, 2)}\n`;
  await writeWhole(folders.choices, Buffer.from(text), { overwrite: true });
}

const weightFile = /\.(mat|h5|safetensors)$/;

/** Complete weight files in the cache. */
export async function storedNetworks(): Promise<string[]> {
  const files = await readdir(folders.models).catch(() => []);
  return files.filter((file) => weightFile.test(file)).map((file) => join(folders.models, file));
}

export const storedPath = ({ file }: KnownNetwork) => join(folders.models, file);

/**
 * Downloads a known file into the cache, resuming an interrupted download.
 * @param progress called with the bytes received so far and the total
 * @returns the file's path
 * @throws UserError if the server cannot be reached or the file has another hash
 */
export async function pull(
  known: KnownNetwork,
  progress: (done: number, total: number) => void,
): Promise<string> {
  const path = storedPath(known);
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const begun = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  if (begun < known.bytes) await download(known, part, begun, progress);
  const found = await hashOf(part, known.hash.algorithm);
  if (found !== known.hash.value) {
    await rm(part, { force: true });
    throw new UserError(
      `${known.url}: what came is another file: ${known.hash.algorithm} is ${found}, expected ${known.hash.value}. Try again.`,
    );
  }
  await rename(part, path);
  return path;
}

async function download(
  known: KnownNetwork,
  part: string,
  begun: number,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const advice = `Without network: get ${known.file} elsewhere and put it at ${storedPath(known)}, or name it with --network.`;
  let response: Response;
  try {
    response = await fetch(known.url, { headers: begun > 0 ? { range: `bytes=${begun}-` } : {} });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    throw new UserError(`${known.url}: cannot be reached (${cause?.code ?? message}). ${advice}`);
  }
  if (!response.ok || !response.body)
    throw new UserError(`${known.url}: answered ${response.status} ${response.statusText}. ${advice}`);
  // A server without support for ranges sends the whole file again.
  const goesOn = response.status === 206;
  let done = goesOn ? begun : 0;
  const counter = new Transform({
    transform(chunk: Buffer, _, next) {
      done += chunk.length;
      progress(done, known.bytes);
      next(null, chunk);
    },
  });
  try {
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, counter, createWriteStream(part, { flags: goesOn ? 'a' : 'w' }));
  } catch (error) {
    throw new UserError(
      `${known.url}: the connection broke after ${done} bytes (${(error as Error).message}). The same command goes on from there.`,
    );
  }
}

/** Whether a file is the known one. */
export async function isKnown(path: string, { hash }: KnownNetwork): Promise<boolean> {
  return (await hashOf(path, hash.algorithm)) === hash.value;
}

async function hashOf(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
