/**
 * Weight files that were tampered with at random, from a fixed seed: none may crash, hang or fill the memory. FUZZ sets
 * how many of each kind; the full measure is 10,000.
 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/network/files/safetensors.js';
import { readWeights } from '../../src/network/weights.js';
import { UserError } from '../../src/util/errors.js';
import { matFile, matrix } from './matfile.js';

const count = Number(process.env.FUZZ ?? 60);
const slowest = 5000;
const mostMemory = 1e9;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
});

/** A few small layers, like VGG-19's in kind. */
function smallMat(compressed: boolean): Buffer {
  const numbers = (dims: number[], single: boolean) =>
    matrix({ numbers: new Float32Array(dims.reduce((a, b) => a * b)).fill(0.5), dims, single });
  const layer = (name: string, dims: number[]) =>
    matrix({
      fields: {
        name: matrix({ text: name }),
        weights: matrix({ cells: [numbers(dims, true), numbers([1, dims[3]], false)] }),
      },
    });
  const cells = [layer('conv1_1', [3, 3, 3, 64]), layer('conv1_2', [3, 3, 2, 4])];
  const averageImage = numbers([1, 1, 3], false);
  const meta = matrix({ fields: { normalization: matrix({ fields: { averageImage } }) } }, 'meta');
  return matFile([matrix({ cells }, 'layers'), meta], { compressed });
}

async function smallKeras(): Promise<Buffer> {
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const path = join(folder, 'small.h5');
  const file = new h5wasm.File(path, 'w');
  for (const [name, shape] of [
    ['block1_conv1', [3, 3, 3, 64]],
    ['block1_conv2', [3, 3, 2, 4]],
  ] as const) {
    const group = file.create_group(name);
    const data = new Float32Array(shape.reduce((a: number, b) => a * b, 1)).fill(0.5);
    group.create_dataset({ name: `${name}_W_1:0`, data, shape: [...shape], dtype: '<f4' });
    const bias = new Float32Array(shape[3]);
    group.create_dataset({ name: `${name}_b_1:0`, data: bias, shape: [shape[3]], dtype: '<f4' });
  }
  file.close();
  return readFile(path);
}

function smallSafetensors(): Buffer {
  const tensor = (shape: number[]) => ({
    dtype: 'F32' as const,
    shape,
    bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b)),
  });
  const tensors = { 'features.0.weight': tensor([64, 3, 3, 3]), 'features.0.bias': tensor([64]) };
  const metadata = { channel_order: 'rgb', mean_pixel: '[1,2,3]' };
  return Buffer.concat(writeSafetensors(metadata, new Map(Object.entries(tensors))));
}

const kinds: Record<string, () => Buffer | Promise<Buffer>> = {
  'MATLAB, plain': () => smallMat(false),
  'MATLAB, compressed': () => smallMat(true),
  HDF5: smallKeras,
  safetensors: smallSafetensors,
};

describe.each(Object.keys(kinds))('%s', (kind) => {
  it(`survives ${count} mutations`, { timeout: 60_000 + count * 200 }, async () => {
    const original = await kinds[kind]();
    const generator = xoroshiro128plus(19);
    const upTo = (n: number) => uniformInt(generator, 0, n);
    const path = join(folder, 'mutated');
    let refused = 0;
    for (let i = 0; i < count; i++) {
      await writeFile(path, mutate(original, upTo));
      const start = performance.now();
      await readWeights(path).catch((error) => {
        if (!(error instanceof UserError)) throw new Error(`mutation ${i}: ${error.stack}`);
        refused++;
      });
      expect(performance.now() - start, `mutation ${i}`).toBeLessThan(slowest);
    }
    // None is a whole network.
    expect(refused).toBe(count);
    // And what is not damaged is still read for what it is, after all that.
    await writeFile(path, original);
    await expect(readWeights(path)).rejects.toThrow(/expected .*3,3,64,64|features.2.weight is missing/);
    expect(process.memoryUsage().rss).toBeLessThan(mostMemory);
  });
});

/** Flips bytes, writes extreme numbers, cuts, repeats or inserts; most of it near the start, where the structure is. */
function mutate(original: Buffer, upTo: (n: number) => number): Buffer {
  let bytes = Buffer.from(original);
  for (let n = upTo(3); n >= 0; n--) {
    const reach = upTo(1) === 0 ? Math.min(600, bytes.length) : bytes.length;
    const at = upTo(Math.max(0, reach - 9));
    switch (upTo(5)) {
      case 0:
        bytes[at] ^= 1 << upTo(7);
        break;
      case 1:
        bytes[at] = upTo(255);
        break;
      case 2:
        if (at + 4 <= bytes.length)
          bytes.writeUInt32LE([0, 1, 0x7fffffff, 0xffffffff, 0x80000000][upTo(4)], at);
        break;
      case 3:
        bytes = bytes.subarray(0, Math.max(16, at));
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(upTo(at), at), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(upTo(64), upTo(255)), bytes.subarray(at)]);
        break;
    }
  }
  return bytes;
}
