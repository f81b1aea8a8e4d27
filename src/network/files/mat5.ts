/**
 * Reader of MATLAB level 5 files, compressed or not ("MAT-File Format", The MathWorks). It streams the file and keeps only
 * the requested variables, so memory use does not depend on the file's size.
 */
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createInflate } from 'node:zlib';
import { UserError } from '../../util/errors.js';

export type MatValue =
  /** Column-major. `data` is left out if there are more elements than Limits.elements. */
  | { kind: 'numbers'; dims: number[]; data?: Float32Array }
  | { kind: 'text'; text: string }
  | { kind: 'cells'; cells: MatValue[] }
  /** The first element of a struct array. */
  | { kind: 'struct'; fields: Map<string, MatValue> }
  | { kind: 'other' };

export interface Limits {
  /** Arrays with more elements are skipped. */
  elements: number;
  /** Number of cells of an array, and of fields of a struct, that are read at most. */
  cells: number;
}

/** Storage types: bytes per element, and the elements of a buffer. */
const storage: Record<number, [size: number, read: (bytes: ArrayBuffer) => ArrayLike<number>]> = {
  1: [1, (bytes) => new Int8Array(bytes)],
  2: [1, (bytes) => new Uint8Array(bytes)],
  3: [2, (bytes) => new Int16Array(bytes)],
  4: [2, (bytes) => new Uint16Array(bytes)],
  5: [4, (bytes) => new Int32Array(bytes)],
  6: [4, (bytes) => new Uint32Array(bytes)],
  7: [4, (bytes) => new Float32Array(bytes)],
  9: [8, (bytes) => new Float64Array(bytes)],
  12: [8, (bytes) => Array.from(new BigInt64Array(bytes), Number)],
  13: [8, (bytes) => Array.from(new BigUint64Array(bytes), Number)],
};
const matrixType = 14;
const compressedType = 15;
const utf8Type = 16;

const cellClass = 1;
const structClass = 2;
const charClass = 4;
/** double, single, and the integers. */
const isNumeric = (type: number) => type >= 6 && type <= 15;

const headerSize = 128;
const deepest = 16;
/** Networks have a few variables; each costs time, wanted or not. */
const mostVariables = 1000;
const longestName = 4096;

/**
 * Reads the variables of these names, in the order of the file, until all are found.
 * @throws UserError if the file is damaged or cut short
 */
export async function readMat(
  file: FileHandle,
  path: string,
  wanted: readonly string[],
  limits: Limits,
): Promise<Map<string, MatValue>> {
  const { size: end } = await file.stat();
  const found = new Map<string, MatValue>();
  try {
    let count = 0;
    for (let at = headerSize; at + 8 <= end && !wanted.every((name) => found.has(name)); ) {
      if (++count > mostVariables)
        throw new UserError(`${path}: has more than ${mostVariables} variables, which no network has.`);
      const tag = Buffer.alloc(8);
      await file.read(tag, 0, 8, at);
      const [type, size] = [tag.readUInt32LE(0), tag.readUInt32LE(4)];
      if (at + 8 + size > end) throw new Damage(`a variable ends at byte ${at + 8 + size} of ${end}`);
      const source =
        type === compressedType ? new Inflated(path, at + 8, size) : new Plain(file, at, at + 8 + size);
      try {
        const variable = await new MatrixReader(source, limits).readNamed(wanted);
        if (variable && !found.has(variable.name)) found.set(variable.name, variable.value);
      } finally {
        source.close();
      }
      at += 8 + size;
    }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const isDamage = error instanceof Damage || String(code).startsWith('Z_');
    if (!isDamage) throw error;
    throw new UserError(`${path}: the .mat file is damaged or cut short: ${message}. Get it again.`);
  }
  return found;
}

/** The file's contents contradict its headers. */
class Damage extends Error {}

/** Bytes in order, from the file or from a decompressor. */
interface Source {
  take(length: number): Promise<Buffer>;
  skip(length: number): Promise<void>;
  close(): void;
}

class Plain implements Source {
  constructor(
    private readonly file: FileHandle,
    private at: number,
    private readonly end: number,
  ) {}

  async take(length: number): Promise<Buffer> {
    if (this.at + length > this.end) throw new Damage(`it ends where ${length} more bytes should be`);
    const bytes = Buffer.alloc(length);
    await this.file.read(bytes, 0, length, this.at);
    this.at += length;
    return bytes;
  }

  async skip(length: number): Promise<void> {
    this.at += length;
  }

  close() {}
}

class Inflated implements Source {
  private readonly stream;
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(path: string, start: number, size: number) {
    const compressed = createReadStream(path, { start, end: start + Math.max(0, size - 1) });
    this.stream = createInflate({ chunkSize: 1 << 18 });
    compressed.on('error', (error) => this.stream.destroy(error));
    this.stream.on('close', () => compressed.destroy());
    this.chunks = compressed.pipe(this.stream)[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    for await (const part of this.parts(length)) {
      parts.push(part);
      missing -= part.length;
    }
    if (missing > 0) throw new Damage(`it ends where ${missing} more bytes should be`);
    return Buffer.concat(parts, length);
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.parts(length));
  }

  close() {
    this.stream.destroy();
  }

  /** The next `length` bytes, in pieces as they come; fewer at the end. */
  private async *parts(length: number): AsyncGenerator<Buffer> {
    let missing = length;
    while (missing > 0) {
      if (this.rest.length === 0) {
        const { value, done } = await this.chunks.next();
        if (done) return;
        this.rest = value;
      }
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }
}

interface Tag {
  type: number;
  size: number;
  /** A short element's data lies in its tag. */
  inline?: Buffer;
}

class MatrixReader {
  private at = 0;

  constructor(
    private readonly source: Source,
    private readonly limits: Limits,
  ) {}

  /** A top-level matrix; undefined, and not read, unless its name is wanted. */
  async readNamed(wanted: readonly string[]): Promise<{ name: string; value: MatValue } | undefined> {
    const { type, size } = await this.tag();
    if (type !== matrixType || size === 0) return undefined;
    const end = this.at + size;
    const header = await this.header();
    if (!wanted.includes(header.name)) return undefined;
    return { name: header.name, value: await this.body(header, end, 0) };
  }

  private async matrix(depth: number): Promise<MatValue> {
    const { type, size } = await this.tag();
    if (type !== matrixType) throw new Damage(`expected a matrix (type 14), got type ${type}`);
    if (size === 0) return { kind: 'numbers', dims: [0, 0], data: new Float32Array(0) };
    if (depth > deepest) throw new Damage(`its arrays are nested more than ${deepest} deep`);
    const end = this.at + size;
    return this.body(await this.header(), end, depth);
  }

  private async header() {
    const flags = await this.data(await this.tag(), 64);
    const dims = [...numbersOf(await this.data(await this.tag(), 256), 5)];
    const name = (await this.data(await this.tag(), longestName)).toString('latin1');
    if (flags.length < 8 || dims.length < 2 || dims.some((n) => n < 0))
      throw new Damage('an array lacks its type or size');
    return { type: flags[0], dims, name };
  }

  /** What follows a matrix's header, up to `end`. */
  private async body(
    { type, dims }: { type: number; dims: number[] },
    end: number,
    depth: number,
  ): Promise<MatValue> {
    const count = dims.reduce((product, n) => product * n, 1);
    let value: MatValue = { kind: 'other' };
    if (isNumeric(type)) value = { kind: 'numbers', dims, data: await this.numbers(count) };
    else if (type === charClass) value = { kind: 'text', text: await this.text() };
    else if (type === cellClass) value = { kind: 'cells', cells: await this.matrices(count, depth) };
    else if (type === structClass) value = { kind: 'struct', fields: await this.fields(count, depth) };
    await this.skip(end - this.at);
    return value;
  }

  private async numbers(count: number): Promise<Float32Array | undefined> {
    if (count > this.limits.elements) return undefined;
    const tag = await this.tag();
    const numbers = numbersOf(await this.data(tag, 8 * count), tag.type);
    if (numbers.length !== count) throw new Damage(`an array of ${count} elements holds ${numbers.length}`);
    return numbers;
  }

  private async text(): Promise<string> {
    const tag = await this.tag();
    const bytes = await this.data(tag, longestName);
    if (tag.type === utf8Type) return bytes.toString('utf8');
    return String.fromCharCode(...numbersOf(bytes, tag.type));
  }

  private async matrices(count: number, depth: number): Promise<MatValue[]> {
    const values: MatValue[] = [];
    while (values.length < Math.min(count, this.limits.cells)) values.push(await this.matrix(depth + 1));
    return values;
  }

  private async fields(count: number, depth: number): Promise<Map<string, MatValue>> {
    const [length = 0] = numbersOf(await this.data(await this.tag(), 8), 5);
    const text = (await this.data(await this.tag(), longestName)).toString('latin1');
    if (length < 1) throw new Damage('a struct has no names for its fields');
    const names = Array.from({ length: Math.floor(text.length / length) }, (_, i) =>
      text.slice(i * length, (i + 1) * length).replace(/\0.*$/s, ''),
    );
    const values = count > 0 ? await this.matrices(names.length, depth) : [];
    return new Map(values.map((value, i) => [names[i], value]));
  }

  private async tag(): Promise<Tag> {
    const bytes = await this.source.take(8);
    this.at += 8;
    const short = bytes.readUInt16LE(2);
    if (short === 0) return { type: bytes.readUInt32LE(0), size: bytes.readUInt32LE(4) };
    if (short > 4) throw new Damage(`a short element of ${short} bytes`);
    return { type: bytes.readUInt16LE(0), size: short, inline: bytes.subarray(4, 4 + short) };
  }

  private async data({ size, inline }: Tag, most: number): Promise<Buffer> {
    if (inline) return inline;
    if (size > most) throw new Damage(`an element of ${size} bytes where ${most} at most were expected`);
    const bytes = await this.source.take(size);
    this.at += size;
    await this.skip((8 - (size % 8)) % 8);
    return bytes;
  }

  private async skip(length: number): Promise<void> {
    if (length < 0) throw new Damage('an array is longer than it says');
    await this.source.skip(length);
    this.at += length;
  }
}

function numbersOf(bytes: Buffer, type: number): Float32Array {
  const known = storage[type];
  if (!known) throw new Damage(`numbers of unknown type ${type}`);
  const [size, read] = known;
  // A copy, since a view must begin at a multiple of its element's size.
  const whole = Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % size)));
  return new Float32Array(read(whole.buffer));
}
