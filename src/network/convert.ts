/** Writes a network as a safetensors file: in 8 bit as in the box, or in F16 or F32 under torchvision's names. */

import { type TensorToWrite, toHalf, writeSafetensors } from './files/safetensors.js';
import { torchvisionNames } from './files/safetensors-network.js';
import { convolutions } from './vgg19.js';
import type { Weights } from './weights.js';

export const precisions = ['8bit', 'f16', 'f32'] as const;
export type Precision = (typeof precisions)[number];

/** The whole file. Its metadata say what the weights expect: red, green, blue, 0..255 less the mean. */
export function convert({ mean, convolutions: weights, format }: Weights, precision: Precision): Buffer {
  const tensors = new Map<string, TensorToWrite>();
  for (const { name, inputs, outputs } of convolutions) {
    const { weight, bias } = weights.get(name)!;
    const shape = [outputs, inputs, 3, 3];
    if (precision === '8bit') {
      const { codes, codebook } = quantise(weight);
      tensors.set(`${name}.weight.codes`, { dtype: 'U8', shape, bytes: codes });
      tensors.set(`${name}.weight.codebook`, float32([256], codebook));
      tensors.set(`${name}.bias`, float32([outputs], bias));
    } else {
      const write = precision === 'f16' ? float16 : float32;
      tensors.set(`${torchvisionNames.get(name)}.weight`, write(shape, weight));
      tensors.set(`${torchvisionNames.get(name)}.bias`, write([outputs], bias));
    }
  }
  const metadata = {
    format: precision === '8bit' ? 'vgg19-codebook-v1' : 'pt',
    network: 'VGG-19 (configuration E), convolutional layers, Simonyan and Zisserman 2014',
    source: `converted by stylize-tui from ${format}`,
    channel_order: 'rgb',
    range: '0..255',
    mean_pixel: JSON.stringify(mean),
  };
  return writeSafetensors(metadata, tensors);
}

const float32 = (shape: number[], values: Float32Array): TensorToWrite => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

const float16 = (shape: number[], values: Float32Array): TensorToWrite => ({
  dtype: 'F16',
  shape,
  bytes: new Uint8Array(Uint16Array.from(values, toHalf).buffer),
});

const rounds = 20;

/**
 * 256 values that stand for all, and which stands for each: k-means (Lloyd 1982), begun with quantiles. In one
 * dimension the border between two values lies midway, so that sorted weights are cut into 256 runs.
 */
export function quantise(weight: Float32Array): { codes: Uint8Array; codebook: Float32Array } {
  const sorted = weight.toSorted();
  const prefix = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) prefix[i + 1] = prefix[i] + sorted[i];
  const codebook = Float32Array.from(
    { length: 256 },
    (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / 256)],
  );
  for (let round = 0; round < rounds; round++) {
    let start = 0;
    for (let k = 0; k < 256; k++) {
      const end = k < 255 ? firstAbove(sorted, (codebook[k] + codebook[k + 1]) / 2) : sorted.length;
      if (end > start) codebook[k] = (prefix[end] - prefix[start]) / (end - start);
      start = Math.max(start, end);
    }
  }
  const borders = Float32Array.from({ length: 255 }, (_, k) => (codebook[k] + codebook[k + 1]) / 2);
  return { codes: Uint8Array.from(weight, (value) => firstAbove(borders, value, true)), codebook };
}

/** Index of the first of some sorted values that is above a value, or not below it. */
function firstAbove(sorted: Float32Array, value: number, orEqual = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value || (orEqual && sorted[middle] === value)) high = middle;
    else low = middle + 1;
  }
  return low;
}
