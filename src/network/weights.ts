/** The weights of a VGG-19, whatever kind of file they come from, and the bundled network. */
import type { FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../util/errors.js';
import { hashOpen } from '../util/hash.js';
import { openRegular, Refused } from '../util/read-file.js';
import { unreadable } from '../util/transient.js';
import { readKeras } from './files/keras.js';
import { readMatConvNet } from './files/matconvnet.js';
import { recognizeNetwork } from './files/recognize.js';
import { readSafetensorsNetwork } from './files/safetensors-network.js';
import { type Convolution, convolutions, type Weights } from './vgg19.js';

export interface Network extends Weights {
  /** SHA-256 of the weight file. */
  hash: string;
}

/** The network that comes with the program. */
export const bundled = {
  path: fileURLToPath(new URL('../../models/vgg19-8bit.safetensors', import.meta.url)),
  hash: '62a75c2f53f78fc66b7b1ff2187ea1d6acc91e877f3e5b01be0b8b2900a89361',
};

/**
 * Reads a weight file, of whatever kind its content shows; the bundled network when none is named.
 * @param expected SHA-256 that it must have
 * @throws UserError that names the file and says what is wrong with it
 */
export async function loadNetwork(path = bundled.path, expected?: string): Promise<Network> {
  const file = await openNetwork(path);
  const hash = await hashOpen(file)
    .catch((error) => {
      throw cannotRead(path, error);
    })
    .finally(() => file.close());
  const wanted = expected ?? (path === bundled.path ? bundled.hash : hash);
  if (hash !== wanted) {
    throw new UserError(
      `${path}: the network's weights are not what they were: SHA-256 is ${hash}, expected ${wanted}. ${advice(path)}`,
    );
  }
  return { ...(await readWeights(path)), hash };
}

/**
 * Reads a weight file without hashing it.
 * @throws UserError if it cannot be read or is damaged
 */
export async function readWeights(path: string): Promise<Weights> {
  const file = await openNetwork(path);
  try {
    const weights = await readers[await recognizeNetwork(file, path)](file, path);
    for (const convolution of convolutions) check(convolution, weights, path);
    return weights;
  } finally {
    await file.close();
  }
}

/** More than any VGG-19 with all that training may leave beside it. */
const maxBytes = 4 * 1024 ** 3;

/** Whoever wrote a recipe or a sidecar chose what it names: a device has no end, and a pipe perhaps no writer. */
const openNetwork = (path: string): Promise<FileHandle> =>
  openRegular(path, { maxBytes }).catch((error) => {
    throw error instanceof Refused
      ? new UserError(`${path}: expected VGG-19's weights, got ${refusals[error.why]}. ${advice(path)}`)
      : cannotRead(path, error);
  });

const refusals: Record<Refused['why'], string> = {
  kind: 'a folder or a device',
  size: 'more than four gigabytes',
  link: 'a link',
};

const readers: Record<
  Awaited<ReturnType<typeof recognizeNetwork>>,
  (file: FileHandle, path: string) => Promise<Weights>
> = { safetensors: readSafetensorsNetwork, mat: readMatConvNet, hdf5: readKeras };

function check({ name, inputs, outputs }: Convolution, { format, convolutions }: Weights, path: string) {
  const { weight, bias } = convolutions.get(name)!;
  if (weight.length !== outputs * inputs * 9 || bias.length !== outputs)
    throw new Error(`${format} reader: ${name} came with ${weight.length} weights and ${bias.length} biases`);
  if (areFinite(weight) && areFinite(bias)) return;
  throw new UserError(`${path}: ${name} holds NaN or infinite weights; the file is damaged. Get it again.`);
}

/** A sum of floats cannot overflow a double, so it is finite exactly if all of them are. */
const areFinite = (values: Float32Array) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return Number.isFinite(sum);
};

const cannotRead = (path: string, error: NodeJS.ErrnoException) =>
  unreadable(path, error, ` ${advice(path)}`);

const advice = (path: string) =>
  path === bundled.path
    ? 'Install stylize-tui again.'
    : 'Check the name and its permissions, or name another file; --network bundled is the one that comes with the program.';
