/** What TIFF files and EXIF have in common: directories of tagged values. */

/** A value in a directory. */
export interface TiffEntry {
  tag: number;
  /** Where its 12 bytes lie: tag, type, count, and the value or where that lies. */
  at: number;
}

export interface TiffDirectory {
  entries: TiffEntry[];
  /** Where the place of the next directory is written. */
  nextAt: number;
}

const entrySize = 12;

/** Reads and changes numbers in place. Every method throws a RangeError for what lies outside of the bytes. */
export class Tiff {
  private readonly isLittle: boolean;

  constructor(private readonly bytes: Buffer) {
    this.isLittle = bytes.toString('latin1', 0, 2) === 'II';
  }

  get first(): TiffDirectory {
    return this.directory(this.read32(4));
  }

  directory(at: number): TiffDirectory {
    const count = this.read16(at);
    const nextAt = at + 2 + entrySize * count;
    this.read32(nextAt);
    const places = Array.from({ length: count }, (_, i) => at + 2 + entrySize * i);
    return { entries: places.map((at) => ({ tag: this.read16(at), at })), nextAt };
  }

  /** The first of an entry's numbers, of 16 or 32 bits. */
  value({ at }: TiffEntry): number {
    const [type, count] = [this.read16(at + 2), this.read32(at + 4)];
    if (type !== short) return this.read32(at + 8);
    return this.read16(2 * count > 4 ? this.read32(at + 8) : at + 8);
  }

  read16(at: number): number {
    return this.isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  write16(at: number, value: number): void {
    if (this.isLittle) this.bytes.writeUInt16LE(value, at);
    else this.bytes.writeUInt16BE(value, at);
  }

  read32(at: number): number {
    return this.isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }
}

/** The type of 16-bit numbers. */
const short = 3;

const tags = { bits: 258, compression: 259, colors: 262, samples: 339 };

const colorNames: Record<number, string> = { 8: 'CIELAB', 9: 'ICCLAB', 10: 'ITULAB', 32803: 'sensor' };
const sampleNames: Record<number, string> = {
  2: 'signed integers',
  3: 'floats',
  5: 'complex integers',
  6: 'complex numbers',
};

/** Which are decoded: none, fax, LZW, JPEG, deflate, PackBits. */
const usualCompressions = [1, 2, 3, 4, 5, 7, 8, 32773, 32946];

/** What is unusual about a TIFF, such as "TIFF in CIELAB colors"; undefined where nothing is. */
export function unusualTiff(bytes: Buffer): string | undefined {
  try {
    const tiff = new Tiff(bytes);
    const { entries } = tiff.first;
    const find = (tag: number) => entries.find((entry) => entry.tag === tag);
    const numberOf = (tag: number, otherwise: number) => {
      const entry = find(tag);
      return entry ? tiff.value(entry) : otherwise;
    };
    const bits = numberOf(tags.bits, 1);
    const colors = colorNames[numberOf(tags.colors, 1)];
    const samples = sampleNames[numberOf(tags.samples, 1)] ?? (bits > 16 ? 'integers' : undefined);
    const compression = numberOf(tags.compression, 1);
    const found = [
      colors && `in ${colors} colors`,
      samples && `of ${bits}-bit ${samples}`,
      !usualCompressions.includes(compression) && `with compression ${compression}`,
    ].filter(Boolean);
    return found.length > 0 ? `TIFF ${found.join(' ')}` : undefined;
  } catch {
    return undefined;
  }
}
