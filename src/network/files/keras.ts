/**
 * Reader of Keras's VGG-19 (vgg19_weights_tf_dim_ordering_tf_kernels.h5, with or without its top). Kernels are
 * [height, width, in, out]; its input is BGR, 0..255 minus ImageNet's mean.
 */
import type { FileHandle } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../util/errors.js';
import type { Weight, Weights } from '../vgg19.js';
import { type Convolution, convolutions } from '../vgg19.js';
import { swapRedAndBlue } from './safetensors-network.js';

/** Red, green, blue, 0..255. Defined in Keras's code, not in the file. */
const mean = [123.68, 116.779, 103.939] as const;

/** block1_conv1 for conv1_1 */
const groupOf = ({ name }: Convolution) => name.replace(/^conv(\d)_(\d)$/, 'block$1_conv$2');

/** @throws UserError if the file is damaged or contains another network */
export async function readKeras(_: FileHandle, path: string): Promise<Weights> {
  const datasets = await readDatasets(path, convolutions.map(groupOf));
  const found = new Map<string, Weight>();
  for (const convolution of convolutions)
    found.set(convolution.name, layerWeight(convolution, datasets[groupOf(convolution)], path));
  swapRedAndBlue(found.get('conv1_1')!.weight);
  return { format: 'Keras, HDF5', mean: [...mean], convolutions: found };
}

interface Dataset {
  shape: number[];
  values: Float32Array;
}

/** Milliseconds. All of VGG-19 takes about a second. */
const patience = 60_000;

/** The datasets in each of these groups. */
function readDatasets(path: string, groups: string[]): Promise<Record<string, Dataset[]>> {
  const workerData = { path, groups, elements: 512 * 512 * 9 };
  // The library prints its errors itself; they are part of the UserError instead.
  const worker = new Worker(new URL('./hdf5-worker.js', import.meta.url), {
    workerData,
    stderr: true,
    stdout: true,
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new UserError(`${path}: the HDF5 file is damaged or cut short (${why}). Get it again.`));
    const timer = setTimeout(() => end(() => fail('reading it timed out')), patience);
    worker.once('message', ({ found, error }) => end(() => (found ? resolve(found) : fail(error))));
    worker.once('error', ({ message }) => end(() => fail(message)));
    worker.once('exit', () => end(() => fail('the reader stopped unexpectedly')));
    function end(settle: () => void) {
      clearTimeout(timer);
      settle();
      void worker.terminate();
    }
  });
}

/** Names of kernel and bias differ between versions of Keras, so they are told apart by their shapes. */
function layerWeight(convolution: Convolution, datasets: Dataset[] | undefined, path: string): Weight {
  const { inputs, outputs } = convolution;
  const group = groupOf(convolution);
  const fail = (what: string): never => {
    throw new UserError(`${path}: not Keras's VGG-19: ${what}.`);
  };
  if (!datasets) return fail(`the group ${group} is missing`);
  const kernel = datasets.find(({ shape }) => shape.length === 4);
  const bias = datasets.find(({ shape }) => shape.length === 1);
  const expected = [3, 3, inputs, outputs];
  if (!kernel || String(kernel.shape) !== String(expected))
    return fail(`the kernel of ${group} is [${kernel?.shape ?? ''}], expected [${expected}]`);
  if (bias?.shape[0] !== outputs)
    return fail(`${group} has ${bias?.shape[0] ?? 0} biases, expected ${outputs}`);
  const weight = new Float32Array(kernel.values.length);
  for (const [i, value] of kernel.values.entries()) {
    const out = i % outputs;
    const input = Math.floor(i / outputs) % inputs;
    const tap = Math.floor(i / (outputs * inputs));
    weight[(out * inputs + input) * 9 + tap] = value;
  }
  return { weight, bias: bias.values };
}
