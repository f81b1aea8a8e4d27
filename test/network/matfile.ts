/** Makes MATLAB level 5 files, to be read: matrices from plain values, compressed or not. */
import { deflateSync } from 'node:zlib';

export type Value =
  | { numbers: ArrayLike<number>; dims: number[]; single?: boolean }
  | { text: string }
  | { cells: Buffer[] }
  | { fields: Record<string, Buffer> };

const types = { int8: 1, uint16: 4, int32: 5, uint32: 6, single: 7, double: 9, matrix: 14, compressed: 15 };

/** Tag, data, and what fills up to 8 bytes. */
function element(type: number, data: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

/** Up to four bytes go into the tag itself. */
function shortElement(type: number, data: Buffer): Buffer {
  const all = Buffer.alloc(8);
  all.writeUInt16LE(type, 0);
  all.writeUInt16LE(data.length, 2);
  data.copy(all, 4);
  return all;
}

const bytesOf = (array: Int32Array | Float32Array | Float64Array | Uint16Array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength);

export function matrix(value: Value, name = ''): Buffer {
  const header = (type: number, dims: number[]) => {
    const flags = Buffer.alloc(8);
    flags.writeUInt32LE(type);
    const names = Buffer.from(name, 'latin1');
    const write = names.length > 0 && names.length <= 4 ? shortElement : element;
    return [
      element(types.uint32, flags),
      element(types.int32, bytesOf(Int32Array.from(dims))),
      write(types.int8, names),
    ];
  };
  const all = (parts: Buffer[]) => element(types.matrix, Buffer.concat(parts));
  if ('numbers' in value) {
    const { numbers, dims, single } = value;
    const array = single ? Float32Array.from(numbers) : Float64Array.from(numbers);
    return all([
      ...header(single ? 7 : 6, dims),
      element(single ? types.single : types.double, bytesOf(array)),
    ]);
  }
  if ('text' in value) {
    const codes = Uint16Array.from(value.text, (char) => char.charCodeAt(0));
    return all([...header(4, [1, codes.length]), element(types.uint16, bytesOf(codes))]);
  }
  if ('cells' in value) return all([...header(1, [1, value.cells.length]), ...value.cells]);
  const names = Object.keys(value.fields);
  const length = Math.max(...names.map((field) => field.length)) + 1;
  const padded = Buffer.from(names.map((field) => field.padEnd(length, '\0')).join(''), 'latin1');
  return all([
    ...header(2, [1, 1]),
    shortElement(types.int32, bytesOf(Int32Array.of(length))),
    element(types.int8, padded),
    ...Object.values(value.fields),
  ]);
}

export function matFile(variables: Buffer[], { compressed }: { compressed: boolean }): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, made for a test');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126);
  const pack = (variable: Buffer) => {
    const packed = deflateSync(variable, { level: 1 });
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(types.compressed, 0);
    tag.writeUInt32LE(packed.length, 4);
    return Buffer.concat([tag, packed]);
  };
  return Buffer.concat([header, ...(compressed ? variables.map(pack) : variables)]);
}
