import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import { gram } from '../../src/losses/gram.js';
import { convert, quantize } from '../../src/network/convert.js';
import { toFloats, toHalf, writeSafetensors } from '../../src/network/files/safetensors.js';
import { torchvisionNames } from '../../src/network/files/safetensors-network.js';
import { convolutions, convolutionsUpTo, layerShape } from '../../src/network/vgg19.js';
import { bundled, loadNetwork, type Network, readWeights } from '../../src/network/weights.js';
import { picture, toImage } from '../reference.js';
import { matFile, matrix } from './matfile.js';
import { matConvNet, writeKeras } from './networks.js';

let folder: string;
let boxed: Network;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'network-'));
  boxed = await loadNetwork();
});

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function keras(name: string, modern = false, root = false): Promise<string> {
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const path = join(folder, name);
  const file = new h5wasm.File(path, 'w');
  writeKeras(boxed, (root ? file.create_group('model_weights') : file) as never, modern);
  file.close();
  return path;
}

describe('VGG-19', () => {
  it('has sixteen convolutions, named as in the paper', () => {
    expect(convolutions).toHaveLength(16);
    expect(convolutionsUpTo(['relu1_1', 'relu4_2']).at(-1)!.name).toBe('conv4_2');
    expect(() => convolutionsUpTo(['relu4_9'])).toThrow(/no layer "relu4_9"/);
  });

  it('rounds odd sizes up at every pooling', () => {
    expect(layerShape('relu1_1', 53, 75)).toEqual([64, 53, 75]);
    expect(layerShape('relu5_1', 53, 75)).toEqual([512, 4, 5]);
  });

  it("has torchvision's numbering", () => {
    // As in torchvision's documentation of vgg19().features.
    const numbers = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34];
    expect([...torchvisionNames.values()]).toEqual(numbers.map((n) => `features.${n}`));
  });
});

describe('the bundled network', () => {
  it('is read with red first, weights looked up in the codebook', async () => {
    expect(boxed.mean).toEqual([123.68, 116.779, 103.939]);
    const { weight, bias } = boxed.convolutions.get('conv1_1')!;
    expect(weight).toHaveLength(64 * 27);
    expect(bias).toHaveLength(64);
    const bytes = await readFile(bundled.path);
    const start = 8 + Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, start).toString());
    const at = (key: string) => start + header[key].data_offsets[0];
    const value = (index: number) =>
      bytes.readFloatLE(at('conv1_1.weight.codebook') + 4 * bytes[at('conv1_1.weight.codes') + index]);
    // The file's channels are blue, green, red.
    expect([weight[0], weight[9], weight[18]]).toEqual([value(18), value(9), value(0)]);
  });
});

describe('every kind of weight file', () => {
  let features: (network: Network) => Promise<Float32Array[]>;
  let expected: Float32Array[];
  beforeAll(async () => {
    const image = toImage(await picture('content-96x64.png'));
    features = async (network) => {
      const layers = { contentLayers: ['relu1_1', 'relu4_2'], styleLayers: ['relu5_4'], styleLoss: gram };
      const engine = await createOnnxEngine({ network, ...layers, pooling: 'max', threads: 1 });
      const { content, style } = await engine.features(image);
      await engine.dispose();
      return [...Object.values(content), ...Object.values(style).map(({ second }) => second)];
    };
    expected = await features(boxed);
  });

  async function compare(path: string, format: RegExp, tolerance = 1e-3) {
    const network = await loadNetwork(path);
    expect(network.format).toMatch(format);
    for (const [i, got] of (await features(network)).entries()) {
      const error = norm(got.map((value, k) => value - expected[i][k])) / norm(expected[i]);
      expect(error).toBeLessThan(tolerance);
    }
  }

  it.each([
    ['old', false],
    ['old', true],
    ['new', false],
    ['new', true],
  ] as const)('gives the same features: MatConvNet, %s layout, compressed %s', async (layout, compressed) => {
    const bytes = matConvNet(boxed, { layout, compressed, top: 49 * 60_000 });
    await compare(await save(`${layout}-${compressed}.mat`, bytes), new RegExp(`MatConvNet, ${layout}`));
  });

  it.each([
    ['as in 2015', false, false],
    ['as today, with its top', true, true],
  ])('gives the same features: Keras %s', async (name, modern, root) => {
    await compare(await keras(`${name}.h5`, modern, root), /Keras/);
  });

  it.each([
    ['f32', 1e-6],
    ['f16', 1e-3],
    ['8bit', 1e-3],
  ] as const)('gives the same features: safetensors converted to %s', async (precision, tolerance) => {
    await compare(
      await save(`${precision}.safetensors`, convert(boxed, precision)),
      /safetensors, (F32|F16|8 bit)/,
      tolerance,
    );
  });

  it.each(['F32', 'BF16'] as const)("gives the same features: torchvision's own in %s", async (dtype) => {
    const deviation = [0.229, 0.224, 0.225];
    const tensors = new Map();
    for (const { name, inputs, outputs } of convolutions) {
      const { weight, bias } = boxed.convolutions.get(name)!;
      const scaled = weight.map((value, i) =>
        inputs === 3 ? value * 255 * deviation[Math.floor((i % 27) / 9)] : value,
      );
      const pack = (values: Float32Array) => {
        const words = new Uint32Array(values.slice().buffer);
        // The upper half of a float, rounded.
        const halves = Uint16Array.from(words, (word) => (word + 0x7fff + ((word >> 16) & 1)) >>> 16);
        return new Uint8Array(dtype === 'F32' ? words.buffer : halves.buffer);
      };
      const key = torchvisionNames.get(name);
      tensors.set(`${key}.weight`, { dtype, shape: [outputs, inputs, 3, 3], bytes: pack(scaled) });
      tensors.set(`${key}.bias`, { dtype, shape: [outputs], bytes: pack(bias) });
    }
    const path = await save(`torchvision-${dtype}.safetensors`, Buffer.concat(writeSafetensors({}, tensors)));
    // BF16 keeps eight bits of a number.
    await compare(path, new RegExp(dtype), dtype === 'F32' ? 1e-3 : 2e-2);
  });
});

describe('half precision', () => {
  it.each([
    [0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_520, 0x7c00],
    [2 ** -24, 0x0001],
    [2 ** -14, 0x0400],
    [1 / 3, 0x3555],
    // Halfway between two: the even one.
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ])('writes %d as IEEE 754 says', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });

  it('reads back every finite number it writes', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter(
      (half) => (half & 0x7c00) !== 0x7c00,
    );
    const floats = toFloats({ dtype: 'F16', bytes: Buffer.from(halves.buffer) });
    expect(Uint16Array.from(floats, toHalf)).toEqual(halves);
  });
});

it('quantises to 256 values, the nearest for each weight', () => {
  const weight = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i) ** 3 + 0.1 * Math.cos(7 * i));
  const { codes, codebook } = quantize(weight);
  for (let i = 0; i < 200; i++) {
    const distances = [...codebook].map((value) => Math.abs(value - weight[i]));
    expect(Math.abs(codebook[codes[i]] - weight[i])).toBe(Math.min(...distances));
  }
  const rms = norm(weight.map((value, i) => value - codebook[codes[i]])) / norm(weight);
  expect(rms).toBeLessThan(0.005);
});

describe('what cannot be used', () => {
  const tensor = (dtype: string, shape: number[], start: number, end: number) => ({
    dtype,
    shape,
    data_offsets: [start, end],
  });
  function safetensors(header: unknown, body = 0): Buffer {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, Buffer.alloc(body)]);
  }
  const codes = 'conv1_1.weight.codes';
  const kernel = (dims: number[], fill = 1) =>
    matrix({ numbers: new Float32Array(dims.reduce((a, b) => a * b)).fill(fill), dims, single: true });
  const layers = (...cells: Buffer[]) => matFile([matrix({ cells }, 'layers')], { compressed: false });
  const conv = (dims: number[]) =>
    matrix({ fields: { weights: matrix({ cells: [kernel(dims), kernel([1, dims[3]])] }) } });

  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /got an empty file/],
    ['a text', Buffer.from('hello, I am a network, honestly'), /got a file of another kind/],
    ['a web page', Buffer.from('<!DOCTYPE html><html>'), /got a web page/],
    ['a PyTorch archive', Buffer.from('PK\x03\x04 and so on'), /zip archive.*safetensors/],
    ['a pickle', Buffer.from('\x80\x02}q\x00', 'latin1'), /pickle.*safetensors/],
    [
      'a .mat of version 7.3',
      Buffer.concat([Buffer.alloc(512, 'MATLAB 7.3'), Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')]),
      /version 7\.3/,
    ],
    ['a header longer than the file', safetensors('{"a":1}').subarray(0, 12), /header should be 7 bytes/],
    ['a header that is no JSON', safetensors('{hello, world}'), /header is not JSON/],
    ['an entry without offsets', safetensors({ t: { dtype: 'F32' } }), /entry of tensor t/],
    ['another network', safetensors({ t: tensor('F32', [3], 0, 12) }, 12), /features.0.weight is missing/],
    [
      'another shape',
      safetensors({ [codes]: tensor('U8', [1, 2], 0, 2) }, 2),
      /U8 \[1,2\], expected U8 \[64,3,3,3\]/,
    ],
    [
      'an unknown type',
      safetensors({ 'features.0.weight': tensor('I64', [64, 3, 3, 3], 0, 8) }, 8),
      /I64 \[64,3,3,3\], expected F32 or F16 or BF16/,
    ],
    [
      'offsets that do not fit',
      safetensors({ [codes]: tensor('U8', [64, 3, 3, 3], 0, 8) }, 8),
      /needs 1728 bytes, its entry gives 8/,
    ],
    ['tensors cut short', safetensors({ t: tensor('F32', [2], 0, 8) }, 4), /cut short/],
    [
      'a .mat without layers',
      matFile([matrix({ text: 'hello' }, 'greeting')], { compressed: false }),
      /no cell array/,
    ],
    ['a .mat with too few layers', layers(conv([3, 3, 3, 64])), /1 convolutions, expected 16/],
    [
      'a .mat with other kernels',
      layers(conv([5, 5, 3, 64])),
      /kernel of conv1_1 is \[5,5,3,64\], expected \[3,3,3,64\]/,
    ],
    ['a .mat cut short', layers(conv([3, 3, 3, 64])).subarray(0, 4000), /damaged or cut short/],
  ])('says what is wrong with %s', async (name, bytes, message) => {
    const path = await save(name.replaceAll(/\W/g, '-'), bytes);
    await expect(loadNetwork(path)).rejects.toThrow(message);
    await expect(loadNetwork(path)).rejects.toThrow(path);
  });

  it('tells VGG-16 from VGG-19', async () => {
    const without = convolutions.filter(({ name }) => !/_4$/.test(name));
    const cells = without.map(({ inputs, outputs }) => conv([3, 3, inputs, outputs]));
    const path = await save('vgg16.mat', layers(...cells));
    await expect(loadNetwork(path)).rejects.toThrow(/conv3_4 is \[3,3,256,512\], expected \[3,3,256,256\]/);
  });

  it('finds weights that are no numbers', async () => {
    const bytes = convert(boxed, 'f32');
    bytes.writeFloatLE(Number.NaN, bytes.length - 4);
    await expect(readWeights(await save('nan.safetensors', bytes))).rejects.toThrow(/conv5_4 holds NaN/);
  });

  it('says so of a Keras file that is cut short or another network', async () => {
    const { default: h5wasm } = await import('h5wasm/node');
    const path = join(folder, 'other.h5');
    const file = new h5wasm.File(path, 'w');
    file.create_group('dense_1');
    file.close();
    await expect(loadNetwork(path)).rejects.toThrow(/group block1_conv1 is missing/);
    const cut = await keras('cut.h5');
    await truncate(cut, 1_000_000);
    await expect(loadNetwork(cut)).rejects.toThrow(/HDF5 file is damaged or cut short/);
  });

  it('refuses the box when a byte has changed, or it is missing', async () => {
    await expect(loadNetwork(join(folder, 'nowhere'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
    const bytes = await readFile(bundled.path);
    bytes[1_000_000] ^= 1;
    const path = await save('box.safetensors', bytes);
    await expect(loadNetwork(path, bundled.hash)).rejects.toThrow(/SHA-256 is [0-9a-f]{64}, expected 62a75c/);
  });
});

describe('a weight file that has no end', () => {
  it.skipIf(process.platform === 'win32')('is none: a pipe, a device, a folder', async () => {
    const pipe = join(folder, 'pipe.mat');
    spawnSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', folder])
      await expect(loadNetwork(path)).rejects.toThrow(/expected VGG-19's weights, got a folder or a device/);
  });

  it('is refused when it has a million variables, however empty', async () => {
    const path = await save(
      'many.mat',
      Buffer.concat([matFile([], { compressed: false }), Buffer.alloc(8e6, '\x0e\0\0\0\0\0\0\0', 'latin1')]),
    );
    await expect(loadNetwork(path)).rejects.toThrow(/many\.mat: has more than 1000 variables/);
  });
});
