/**
 * VGG-19 in safetensors files. In 8 bit, as the bundled one: a byte per weight that points into a table of 256 values per
 * layer. In F32, F16 or BF16: torchvision's names (features.0.weight …), read as torchvision means them unless the
 * file's metadata says otherwise, as those written by this program do.
 */
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../../util/errors.js';
import type { Weight, Weights } from '../vgg19.js';
import { type Convolution, convolutions } from '../vgg19.js';
import { readHeader, readTensor, type Safetensors, toFloats } from './safetensors.js';

const meanPixel = z.tuple([z.number(), z.number(), z.number()]);

/** torchvision's names of the convolutions. Indices of `features` count ReLUs and poolings too. */
export const torchvisionNames = new Map<string, string>();
let position = 0;
for (const { name, pooled } of convolutions) {
  if (pooled) position++;
  torchvisionNames.set(name, `features.${position}`);
  position += 2;
}

/** torchvision's networks want (x / 255 − mean) / deviation, red, green, blue. */
const torchvision = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/** @throws UserError if a tensor is missing or has another shape than VGG-19's */
export async function readSafetensorsNetwork(file: FileHandle, path: string): Promise<Weights> {
  const contents = await readHeader(file, path);
  const quantized = contents.tensors.has('conv1_1.weight.codes');
  const read = quantized ? readQuantized : readPlain;
  const weights: Weights = { format: '', mean: [0, 0, 0], convolutions: new Map() };
  let dtype = '8 bit';
  for (const convolution of convolutions) {
    const { type, ...weight } = await read(file, path, contents, convolution);
    dtype = type;
    weights.convolutions.set(convolution.name, weight);
  }
  weights.format = `safetensors, ${dtype}`;
  const first = weights.convolutions.get('conv1_1')!.weight;
  const { channel_order: order, mean_pixel: mean } = contents.metadata;
  if (mean === undefined && !quantized) {
    weights.mean = torchvision.mean.map((value) => 255 * value) as Weights['mean'];
    for (let i = 0; i < first.length; i++) first[i] /= 255 * torchvision.deviation[Math.floor((i % 27) / 9)];
    return weights;
  }
  weights.mean = parseMean(mean, path);
  if (order === 'bgr') {
    weights.mean.reverse();
    swapRedAndBlue(first);
  }
  return weights;
}

type Typed = Weight & { type: string };

async function readQuantized(
  file: FileHandle,
  path: string,
  contents: Safetensors,
  { name, inputs, outputs }: Convolution,
): Promise<Typed> {
  const take = (key: string, shape: number[], type: string) =>
    readTensor(file, path, contents, key, shape, [type]);
  const codes = await take(`${name}.weight.codes`, [outputs, inputs, 3, 3], 'U8');
  const codebook = toFloats(await take(`${name}.weight.codebook`, [256], 'F32'));
  const bias = toFloats(await take(`${name}.bias`, [outputs], 'F32'));
  return { weight: decode(codes.bytes, codebook), bias, type: '8 bit' };
}

/** A plain loop, since Float32Array.from is fifty times slower and delays the start. */
function decode(codes: Uint8Array, codebook: Float32Array): Float32Array {
  const weight = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) weight[i] = codebook[codes[i]];
  return weight;
}

async function readPlain(
  file: FileHandle,
  path: string,
  contents: Safetensors,
  { name, inputs, outputs }: Convolution,
): Promise<Typed> {
  const take = (part: string, shape: number[]) =>
    readTensor(file, path, contents, `${torchvisionNames.get(name)}.${part}`, shape, ['F32', 'F16', 'BF16']);
  const weight = await take('weight', [outputs, inputs, 3, 3]);
  const bias = await take('bias', [outputs]);
  return { weight: toFloats(weight), bias: toFloats(bias), type: weight.dtype };
}

function parseMean(text: string | undefined, path: string): Weights['mean'] {
  try {
    return meanPixel.parse(JSON.parse(text ?? ''));
  } catch {
    throw new UserError(
      `${path}: its mean_pixel is ${text}, expected three numbers such as [123.7,116.8,103.9].`,
    );
  }
}

/** Reverses the input channels of a kernel [out, 3, 3, 3], RGB ↔ BGR, in place. */
export function swapRedAndBlue(weight: Float32Array): void {
  for (let out = 0; out < weight.length; out += 27) {
    const first = weight.slice(out, out + 9);
    weight.copyWithin(out, out + 18, out + 27);
    weight.set(first, out + 18);
  }
}
