/**
 * The network in the box: VGG-19 in 8 bit, a byte per weight that points into a table of 256 values per layer
 * (weight = codebook[codes]). Its rights are in NOTICE.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { UserError } from '../settings/errors.js';
import { floats, readSafetensors, type Safetensors, type Tensor } from './safetensors.js';
import { convolutions } from './vgg19.js';

export interface Network {
  /** SHA-256 of the weight file. */
  hash: string;
  /** Mean pixel, red, green, blue, 0..255: what is subtracted from an image before it enters. */
  mean: [number, number, number];
  /** By convolution name. weight is [out, in, 3, 3], its input channels in RGB order; bias is [out]. */
  convolutions: Map<string, { weight: Float32Array; bias: Float32Array }>;
}

const box = {
  path: fileURLToPath(new URL('../../models/vgg19-8bit.safetensors', import.meta.url)),
  hash: '62a75c2f53f78fc66b7b1ff2187ea1d6acc91e877f3e5b01be0b8b2900a89361',
};

/** SHA-256 of the network that the program comes with, known without reading it. */
export const boxHash = box.hash;

/** Reads the network in the box. Throws UserError if the file is missing or is not the one that was shipped. */
export async function loadNetwork(path = box.path): Promise<Network> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `${path}: the network's weights cannot be read (${error.code}). Install stylize-tui again.`,
    );
  });
  const hash = createHash('sha256').update(file).digest('hex');
  if (hash !== box.hash) {
    throw new UserError(
      `${path}: the network's weights are damaged: SHA-256 is ${hash}, expected ${box.hash}. Install stylize-tui again.`,
    );
  }
  return networkFrom(readSafetensors(file, path), path, hash);
}

/** Unpacks the 8-bit layout. Throws UserError where a tensor is missing or has another shape than VGG-19's. */
export function networkFrom({ metadata, tensors }: Safetensors, name: string, hash: string): Network {
  const take = (key: string, dtype: string, shape: number[]): Tensor => {
    const tensor = tensors.get(key);
    if (!tensor) throw new UserError(`${name}: tensor ${key} is missing; this is not a VGG-19 in 8 bit.`);
    if (tensor.dtype !== dtype || String(tensor.shape) !== String(shape)) {
      throw new UserError(
        `${name}: tensor ${key} is ${tensor.dtype} [${tensor.shape}], expected ${dtype} [${shape}] as in VGG-19.`,
      );
    }
    return tensor;
  };
  const bgr = metadata.channel_order === 'bgr';
  const mean: number[] = JSON.parse(metadata.mean_pixel ?? '[0,0,0]');
  const network: Network = {
    hash,
    mean: (bgr ? mean.reverse() : mean) as [number, number, number],
    convolutions: new Map(),
  };
  for (const { name: key, inputs, outputs } of convolutions) {
    const codes = take(`${key}.weight.codes`, 'U8', [outputs, inputs, 3, 3]).bytes;
    const codebook = floats(take(`${key}.weight.codebook`, 'F32', [256]));
    const bias = floats(take(`${key}.bias`, 'F32', [outputs]));
    const weight = Float32Array.from(codes, (code) => codebook[code]);
    if (inputs === 3 && bgr) swapRedAndBlue(weight);
    network.convolutions.set(key, { weight, bias });
  }
  return network;
}

/** Turns the input channels of [out, 3, 3, 3] around, in place. */
function swapRedAndBlue(weight: Float32Array): void {
  for (let out = 0; out < weight.length; out += 27) {
    const first = weight.slice(out, out + 9);
    weight.copyWithin(out, out + 18, out + 27);
    weight.set(first, out + 18);
  }
}
