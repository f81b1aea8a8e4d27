/** What a photo's file says about the photo, for its painting to carry: EXIF, IPTC and XMP. */
import sharp from 'sharp';
import { forPainting, takenAt } from './exif.js';
import type { PictureFile } from './file.js';
import { iptcFields, toBlock } from './iptc.js';
import { photoDescriptions } from './photo-xmp.js';

export interface PhotoMetadata {
  /** A small JPEG with EXIF and IPTC: sharp copies these from its input only, so the painting is laid over it. */
  carrier?: Uint8Array;
  /** Descriptions in RDF, for a packet of XMP. */
  descriptions?: string;
  /** What does not come along, in sentences for people. */
  losses: string[];
}

/**
 * Whatever cannot be read is left out.
 * @param stripLocation without what says where it was taken
 */
export async function readPhotoMetadata(
  { bytes }: PictureFile,
  stripLocation: boolean,
): Promise<PhotoMetadata> {
  const losses: string[] = [];
  const unless = <T>(what: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch {
      losses.push(`its ${what} cannot be read, and the painting goes without.`);
      return undefined;
    }
  };
  const { exif, iptc, xmp, density } = await sharp(bytes, { failOn: 'none' }).metadata();
  const kept = exif && unless('EXIF', () => forPainting(exif, stripLocation));
  const { fields, isUtf8 } = iptcFields(iptc ?? Buffer.alloc(0), stripLocation);
  const descriptions =
    unless('XMP', () => photoDescriptions(xmp, fields, stripLocation)) ??
    photoDescriptions(undefined, fields, stripLocation);
  const block = fields.length > 0 ? toBlock(fields, isUtf8) : undefined;
  const segments = [...segment(0xe1, kept), ...segment(0xed, block)];
  return {
    carrier: segments.length > 0 ? await carrierOf(segments, density) : undefined,
    descriptions,
    losses,
  };
}

/** When a photo was taken: see takenAt(). */
export async function photoTakenAt({ bytes }: PictureFile): Promise<string | undefined> {
  const { exif, format } = await sharp(bytes, { failOn: 'none' }).metadata();
  // The directories of a TIFF are those of EXIF.
  const directories = format === 'tiff' ? bytes : exif;
  return directories && takenAt(directories);
}

/** @param density in pixels an inch */
async function carrierOf(segments: readonly Buffer[], density = 72): Promise<Uint8Array> {
  const jfif = Buffer.from('4a46494600010101000000000000', 'hex');
  const dots = Math.max(1, Math.min(0xffff, Math.round(density)));
  for (const at of [8, 10]) jfif.writeUInt16BE(dots, at);
  const black = { width: 16, height: 16, channels: 3, background: 'black' } as const;
  const plain = await sharp({ create: black }).jpeg().toBuffer();
  return Buffer.concat([plain.subarray(0, 2), ...segment(0xe0, jfif), ...segments, plain.subarray(2)]);
}

/** The parts of a part of a JPEG's head; none for what is not there, or too long for one. */
function segment(code: number, content: Buffer | undefined): Buffer[] {
  const length = (content?.length ?? 0) + 2;
  if (!content || length > 0xffff) return [];
  return [Buffer.of(0xff, code, length >> 8, length & 0xff), content];
}
