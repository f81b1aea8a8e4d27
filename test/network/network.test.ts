import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/network/safetensors.js';
import { convolutions, convolutionsUpTo, layerShape } from '../../src/network/vgg19.js';
import { loadNetwork, networkFrom } from '../../src/network/weights.js';

const box = fileURLToPath(new URL('../../models/vgg19-8bit.safetensors', import.meta.url));

/** A file of this header, with `body` bytes of zeros after it. */
function file(header: unknown, body = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(body)]);
}

const entry = (dtype: string, shape: number[], start: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('safetensors', () => {
  it('reads tensors and metadata', () => {
    const { metadata, tensors } = readSafetensors(
      file({ __metadata__: { a: 'b' }, t: entry('F32', [2, 3], 0, 24) }, 24),
      'x',
    );
    expect(metadata).toEqual({ a: 'b' });
    expect(tensors.get('t')).toMatchObject({ dtype: 'F32', shape: [2, 3] });
    expect(tensors.get('t')!.bytes).toHaveLength(24);
  });

  it.each([
    ['nothing at all', Buffer.alloc(3), /has 3 bytes/],
    ['a header longer than the file', file('{}').subarray(0, 9), /header should be 2 bytes/],
    ['a header that is no JSON', file('hello'), /header is not JSON/],
    ['an entry without offsets', file({ t: { dtype: 'F32' } }), /entry of tensor t/],
    ['an unknown type', file({ t: entry('BF16', [1], 0, 2) }, 2), /type BF16, expected U8 or F32/],
    ['a shape that does not fit', file({ t: entry('F32', [3], 0, 8) }, 8), /\[3\] needs 12 bytes/],
    ['a file cut short', file({ t: entry('F32', [2], 0, 8) }, 4), /cut short/],
  ])('says what is wrong with %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'weights.safetensors')).toThrow(message);
    expect(() => readSafetensors(bytes, 'weights.safetensors')).toThrow(/^weights.safetensors: /);
  });
});

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
});

describe('the network in the box', () => {
  it('is read with red first, weights looked up in the codebook', async () => {
    const network = await loadNetwork();
    expect(network.mean).toEqual([123.68, 116.779, 103.939]);
    const { weight, bias } = network.convolutions.get('conv1_1')!;
    expect(weight).toHaveLength(64 * 27);
    expect(bias).toHaveLength(64);
    const { tensors } = readSafetensors(await readFile(box), box);
    const codes = tensors.get('conv1_1.weight.codes')!.bytes;
    const codebook = tensors.get('conv1_1.weight.codebook')!.bytes;
    const value = (code: number) =>
      new DataView(codebook.buffer, codebook.byteOffset).getFloat32(4 * code, true);
    // The file's channels are blue, green, red.
    expect(weight[0]).toBe(value(codes[18]));
    expect(weight[9]).toBe(value(codes[9]));
    expect(weight[18]).toBe(value(codes[0]));
  });

  it('is refused when a byte has changed, or it is missing', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'network-')), 'box.safetensors');
    await expect(loadNetwork(path)).rejects.toThrow(/cannot be read \(ENOENT\)/);
    const bytes = await readFile(box);
    bytes[1_000_000] ^= 1;
    await writeFile(path, bytes);
    await expect(loadNetwork(path)).rejects.toThrow(/damaged: SHA-256 is/);
  });

  it('says which tensor is missing or of another shape', () => {
    const empty = { metadata: {}, tensors: new Map() };
    expect(() => networkFrom(empty, 'x.safetensors', '')).toThrow(/conv1_1.weight.codes is missing/);
    const wrong = new Map([
      ['conv1_1.weight.codes', { dtype: 'U8', shape: [1, 2], bytes: new Uint8Array(2) }],
    ]);
    expect(() => networkFrom({ metadata: {}, tensors: wrong }, 'x.safetensors', '')).toThrow(
      /U8 \[1,2\], expected U8 \[64,3,3,3\]/,
    );
  });
});
