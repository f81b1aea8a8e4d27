/**
 * Reader and writer of safetensors files (https://github.com/huggingface/safetensors): eight bytes that give the
 * header's length, a JSON header that names each tensor, then the tensors' bytes. Only what is asked for is read.
 */
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../../util/errors.js';

const tensorHeader = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)).max(8),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});

const bytesPerElement: Record<string, number> = { U8: 1, F16: 2, BF16: 2, F32: 4 };

/** Maximum length of the header in bytes, as in the reference implementation. */
const longestHeader = 100_000_000;

export interface TensorEntry {
  dtype: string;
  shape: number[];
  /** Where its bytes lie in the file. */
  start: number;
  length: number;
}

export interface Safetensors {
  metadata: Record<string, string>;
  tensors: Map<string, TensorEntry>;
}

/**
 * Reads the header.
 * @param path the file's name, for messages
 * @throws UserError that says what is wrong with the file
 */
export async function readHeader(file: FileHandle, path: string): Promise<Safetensors> {
  const fail = (what: string): never => {
    throw new UserError(`${path}: not a usable safetensors file: ${what}. Get it again or name another one.`);
  };
  const { size } = await file.stat();
  if (size < 8) fail(`it has ${size} bytes, expected at least the 8 of the header's length`);
  const headerLength = Number((await readBytes(file, 0, 8)).readBigUInt64LE());
  if (headerLength > longestHeader || 8 + headerLength > size)
    fail(`its header should be ${headerLength} bytes long, but the whole file has ${size}`);
  const header = parseHeader(await readBytes(file, 8, headerLength)) ?? fail('its header is not JSON');
  const tensors = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') {
      const parsed = z.record(z.string(), z.string()).safeParse(value);
      metadata = parsed.success ? parsed.data : fail('its __metadata__ is not a list of texts');
      continue;
    }
    const parsed = tensorHeader.safeParse(value);
    if (!parsed.success) return fail(`the entry of tensor ${key} lacks dtype, shape or data_offsets`);
    const { dtype, shape, data_offsets } = parsed.data;
    const [start, end] = data_offsets.map((offset) => 8 + headerLength + offset);
    if (end > size) fail(`tensor ${key} ends at byte ${end} of ${size}: the file is cut short`);
    tensors.set(key, { dtype, shape, start, length: end - start });
  }
  return { metadata, tensors };
}

function parseHeader(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof header === 'object' && !Array.isArray(header) && header ? { ...header } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads one tensor's bytes.
 * @throws UserError if the tensor is missing or has another shape or type
 */
export async function readTensor(
  file: FileHandle,
  path: string,
  { tensors }: Safetensors,
  key: string,
  shape: readonly number[],
  dtypes: readonly string[],
): Promise<{ dtype: string; bytes: Buffer }> {
  const entry = tensors.get(key);
  const expected = `${dtypes.join(' or ')} [${shape}] as in VGG-19`;
  if (!entry) throw new UserError(`${path}: tensor ${key} is missing, expected ${expected}.`);
  const { dtype, start, length } = entry;
  if (!dtypes.includes(dtype) || String(entry.shape) !== String(shape))
    throw new UserError(`${path}: tensor ${key} is ${dtype} [${entry.shape}], expected ${expected}.`);
  const needed = bytesPerElement[dtype] * shape.reduce((product, n) => product * n, 1);
  if (length !== needed)
    throw new UserError(`${path}: tensor ${key} needs ${needed} bytes, its entry gives ${length}.`);
  return { dtype, bytes: await readBytes(file, start, length) };
}

async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, start);
  return bytes;
}

/** Converts a tensor of type F32, F16 or BF16 to floats. */
export function toFloats({ dtype, bytes }: { dtype: string; bytes: Buffer }): Float32Array {
  if (dtype === 'F32') return new Float32Array(Uint8Array.from(bytes).buffer);
  const halves = new Uint16Array(Uint8Array.from(bytes).buffer);
  if (dtype === 'BF16')
    return new Float32Array(Uint32Array.from(halves, (half) => (half << 16) >>> 0).buffer);
  return Float32Array.from(halves, fromHalf);
}

/** IEEE 754 binary16. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** IEEE 754 binary16, rounded to the nearest, ties to even. Beyond its range it is infinite. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)));
  const step = 2 ** (exponent - 10);
  const steps = roundToEven(size / step);
  // A fraction that rounds up to the next power of two carries into the exponent by itself.
  return size < 2 ** -14
    ? sign | roundToEven(size / 2 ** -24)
    : sign | (((exponent + 15) << 10) + steps - 1024);
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

export interface TensorToWrite {
  dtype: 'U8' | 'F16' | 'F32';
  shape: readonly number[];
  bytes: Uint8Array;
}

/** The contents of a file, in chunks, so that the tensors' bytes are not copied. */
export function writeSafetensors(
  metadata: Record<string, string>,
  tensors: ReadonlyMap<string, TensorToWrite>,
): Uint8Array[] {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [key, { dtype, shape, bytes }] of tensors) {
    header[key] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const text = JSON.stringify(header);
  // The body starts at a multiple of 8; blanks fill up to it.
  const json = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return [length, json, ...[...tensors.values()].map(({ bytes }) => bytes)];
}
