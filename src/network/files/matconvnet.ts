/**
 * Reader of MatConvNet's VGG-19 (imagenet-vgg-verydeep-19.mat), old and new layout. Kernels are
 * [width, height, in, out] in column-major order, which is the same memory layout as [out, in, height, width] in row-major
 * order. Input is RGB, 0..255.
 */
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../../util/errors.js';
import type { Weight, Weights } from '../vgg19.js';
import { blocks, convolutions } from '../vgg19.js';
import { type MatValue, readMat } from './mat5.js';

/** Number of layers up to the last ReLU before the fully connected layers. */
const layers = 2 * convolutions.length + blocks.length - 1;
const limits = { elements: 512 * 512 * 9, cells: layers };

/** @throws UserError if the file is damaged or contains another network */
export async function readMatConvNet(file: FileHandle, path: string): Promise<Weights> {
  const fail = (what: string): never => {
    throw new UserError(`${path}: not MatConvNet's VGG-19: ${what}.`);
  };
  // The old layout has `normalization` where the new one has `meta`, and either may stand before or behind `layers`.
  let variables = await readMat(file, path, ['layers', 'meta'], limits);
  if (!variables.has('meta'))
    variables = new Map([...variables, ...(await readMat(file, path, ['normalization'], limits))]);
  const list = variables.get('layers');
  if (list?.kind !== 'cells') return fail('it has no cell array "layers"');
  const weights = list.cells.map(layerWeight).filter((weight) => weight !== undefined);
  const found = new Map<string, Weight>();
  for (const [i, { name, inputs, outputs }] of convolutions.entries()) {
    const expected = [3, 3, inputs, outputs];
    if (!weights[i]) return fail(`it has ${weights.length} convolutions, expected ${convolutions.length}`);
    const { kernel, bias } = weights[i];
    if (String(kernel.dims) !== String(expected) || !kernel.data)
      return fail(`the kernel of ${name} is [${kernel.dims}], expected [${expected}]`);
    if (bias.data?.length !== outputs)
      return fail(`${name} has ${bias.data?.length} biases, expected ${outputs}`);
    found.set(name, { weight: kernel.data, bias: bias.data });
  }
  const isNew = variables.has('meta');
  const mean = meanPixel(
    isNew ? field(variables.get('meta'), 'normalization') : variables.get('normalization'),
  );
  if (!mean) return fail('it has no mean pixel ("averageImage" in its normalization)');
  return { format: `MatConvNet, ${isNew ? 'new' : 'old'} layout`, mean, convolutions: found };
}

type Numbers = MatValue & { kind: 'numbers' };

/** Kernel and bias of a convolution; undefined for other layers, including fully connected ones. */
function layerWeight(layer: MatValue): { kernel: Numbers; bias: Numbers } | undefined {
  const pair = field(layer, 'weights');
  const [kernel, bias] =
    pair?.kind === 'cells' ? pair.cells : [field(layer, 'filters'), field(layer, 'biases')];
  if (kernel?.kind !== 'numbers' || bias?.kind !== 'numbers') return undefined;
  return kernel.dims.length === 4 ? { kernel, bias } : undefined;
}

/** Mean of averageImage, [H, W, 3] or [1, 1, 3]. */
function meanPixel(normalization: MatValue | undefined): Weights['mean'] | undefined {
  const image = field(normalization, 'averageImage');
  if (image?.kind !== 'numbers' || !image.data) return undefined;
  const { data } = image;
  const plane = data.length / 3;
  if (plane < 1 || !Number.isInteger(plane) || image.dims.at(-1) !== 3) return undefined;
  const mean = (c: number) => data.subarray(c * plane, (c + 1) * plane).reduce((a, b) => a + b, 0) / plane;
  return [mean(0), mean(1), mean(2)];
}

const field = (value: MatValue | undefined, name: string) =>
  value?.kind === 'struct' ? value.fields.get(name) : undefined;
