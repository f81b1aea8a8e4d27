/** Writes a network as a safetensors file: in 8 bit as the bundled one, or in F16 or F32 under torchvision's names. */

import { type TensorToWrite, toHalf, writeSafetensors } from './files/safetensors.js';
import { torchvisionNames } from './files/safetensors-network.js';
import type { Weights } from './vgg19.js';
import { convolutions } from './vgg19.js';

export const precisions = ['8bit', 'f16', 'f32'] as const;
export type Precision = (typeof precisions)[number];

/** Returns the file's contents. Metadata describe the expected input: red, green, blue, 0..255 minus the mean pixel. */
export function convert({ mean, convolutions: weights, format }: Weights, precision: Precision): Buffer {
  const tensors = new Map<string, TensorToWrite>();
  for (const { name, inputs, outputs } of convolutions) {
    const { weight, bias } = weights.get(name)!;
    const shape = [outputs, inputs, 3, 3];
    if (precision === '8bit') {
      const { codes, codebook } = quantize(weight);
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
  return Buffer.concat(writeSafetensors(metadata, tensors));
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

/** Iterations of k-means, which cost very little. */
const rounds = 200;
const bins = 4096;

/**
 * Quantizes weights to a codebook of 256 values by k-means (Lloyd 1982). In one dimension the boundary between two values is
 * their midpoint, so each cluster is a run of the sorted weights. Weights that are already quantized keep their values.
 * @returns the code of each weight, and the codebook in ascending order
 */
export function quantize(weight: Float32Array): { codes: Uint8Array; codebook: Float32Array } {
  const sorted = weight.toSorted();
  const prefix = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) prefix[i + 1] = prefix[i] + sorted[i];
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const codebook = distinct.length <= 256 ? repeated(distinct) : spread(sorted);
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

const repeated = (values: Float32Array) =>
  Float32Array.from({ length: 256 }, (_, k) => values[Math.floor(((k + 0.5) * values.length) / 256)]);

/** Initial codebook: its density follows the cube root of the weights' density, which is asymptotically optimal (Panter and Dite 1951). */
function spread(sorted: Float32Array): Float32Array {
  const lowest = sorted[0];
  const width = (sorted[sorted.length - 1] - lowest) / bins;
  const shares = new Float64Array(bins);
  for (const value of sorted) shares[Math.min(bins - 1, Math.floor((value - lowest) / width))]++;
  const total = shares.reduce((sum, count) => sum + Math.cbrt(count), 0);
  const codebook = new Float32Array(256);
  let before = 0;
  let k = 0;
  for (let bin = 0; bin < bins; bin++) {
    before += Math.cbrt(shares[bin]);
    while (k < 256 && before >= ((k + 0.5) / 256) * total) codebook[k++] = lowest + (bin + 0.5) * width;
  }
  return codebook;
}

/** Binary search: index of the first sorted value above `value`, or equal to it if `orEqual`. */
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
