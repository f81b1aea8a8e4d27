/**
 * VGG-19 as Keras has it (vgg19_weights_tf_dim_ordering_tf_kernels.h5, with or without its top). Kernels are
 * [height, width, in, out]; input is BGR, 0..255 less ImageNet's mean.
 */
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../../settings/errors.js';
import { type Convolution, convolutions } from '../vgg19.js';
import type { Weight, Weights } from '../weights.js';
import { swapRedAndBlue } from './safetensors-network.js';

/** Red, green, blue; Keras has it in its code, not in the file. */
const mean: Weights['mean'] = [123.68, 116.779, 103.939];

/** What is needed of h5wasm's groups and datasets. */
interface Dataset {
  shape: number[] | null;
  dtype: unknown;
  value: unknown;
}
interface Group {
  keys(): string[];
  get(name: string): unknown;
}

/** @throws UserError if the file is damaged, or holds another network */
export async function readKeras(_: FileHandle, path: string): Promise<Weights> {
  // Four megabytes of WebAssembly: loaded only where such a file is used.
  const { default: h5wasm } = await import('h5wasm/node');
  // HDF5's own way of telling errors is to print them.
  (await h5wasm.ready).activate_throwing_error_handler();
  const fail = (what: string): never => {
    throw new UserError(`${path}: not Keras's VGG-19: ${what}.`);
  };
  let file: InstanceType<typeof h5wasm.File> | undefined;
  try {
    file = new h5wasm.File(path, 'r');
    const root = file.get('model_weights') ?? file;
    const found = new Map<string, Weight>();
    for (const convolution of convolutions) found.set(convolution.name, readLayer(root, convolution, fail));
    swapRedAndBlue(found.get('conv1_1')!.weight);
    return { format: 'Keras, HDF5', mean: [...mean], convolutions: found };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path}: the HDF5 file is damaged or cut short (${(error as Error).message}). Get it again.`,
    );
  } finally {
    file?.close();
  }
}

/** block1_conv1 holds its kernel and bias, at some depth and under names that changed over the years. */
function readLayer(
  root: unknown,
  { name, inputs, outputs }: Convolution,
  fail: (what: string) => never,
): Weight {
  const group = name.replace(/^conv(\d)_(\d)$/, 'block$1_conv$2');
  const layer = isGroup(root) ? root.get(group) : undefined;
  if (!isGroup(layer)) return fail(`the group ${group} is missing`);
  const datasets = collect(layer, 0);
  const kernel = datasets.find(({ shape }) => shape?.length === 4);
  const bias = datasets.find(({ shape }) => shape?.length === 1);
  const expected = [3, 3, inputs, outputs];
  if (String(kernel?.shape) !== String(expected))
    return fail(`the kernel of ${group} is [${kernel?.shape ?? ''}], expected [${expected}]`);
  if (bias?.shape?.[0] !== outputs)
    return fail(`${group} has ${bias?.shape?.[0] ?? 0} biases, expected ${outputs}`);
  const values = numbers(kernel!.value);
  const weight = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const out = i % outputs;
    const input = Math.floor(i / outputs) % inputs;
    const tap = Math.floor(i / (outputs * inputs));
    weight[(out * inputs + input) * 9 + tap] = values[i];
  }
  return { weight, bias: numbers(bias.value) };
}

/** Every dataset in a group. */
function collect(group: Group, depth: number): Dataset[] {
  if (depth > 4) return [];
  return group.keys().flatMap((key) => {
    const item = group.get(key);
    if (isGroup(item)) return collect(item, depth + 1);
    return isDataset(item) ? [item] : [];
  });
}

function numbers(values: unknown): Float32Array {
  if (ArrayBuffer.isView(values) && !(values instanceof DataView) && !(values instanceof BigInt64Array))
    return Float32Array.from(values as unknown as ArrayLike<number>);
  throw new Error('its weights are no plain numbers');
}

const isGroup = (item: unknown): item is Group =>
  typeof item === 'object' && item !== null && 'keys' in item && 'get' in item;
const isDataset = (item: unknown): item is Dataset =>
  typeof item === 'object' && item !== null && 'shape' in item && 'value' in item;
