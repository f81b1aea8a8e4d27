/** A photo's EXIF: when it was taken, and what its painting carries: what describes the photo, not its pixels. */
import { Tiff, type TiffDirectory } from './tiff.js';

/**
 * Tags that are left out, at any level: the size, offsets and subject of other pixels, orientation, and what the camera's maker
 * keeps, where previews and places may stand, and which is of no use once it is moved.
 */
const ofPixels = [
  0x0100, 0x0101, 0x0111, 0x0112, 0x0117, 0x014a, 0x0201, 0x0202, 0x02bc, 0x83bb, 0x8649, 0x927c,
];

const gps = 0x8825;
const exifDirectory = 0x8769;
const dateTimeOriginal = 0x9003;

/** As it stands before EXIF in a JPEG. */
const head = Buffer.from('Exif\0\0');

/** When the photo was taken, in the camera's local time: 2024-07-14T18:33:02; undefined if it does not say. */
export function takenAt(exif: Buffer): string | undefined {
  try {
    const bytes = withoutHead(exif);
    const tiff = new Tiff(bytes);
    const place = tiff.first.entries.find(({ tag }) => tag === exifDirectory);
    const entries = place ? tiff.directory(tiff.value(place)).entries : [];
    const entry = entries.find(({ tag }) => tag === dateTimeOriginal);
    if (!entry) return undefined;
    const at = tiff.value(entry);
    const [, day, time] =
      /^(\d{4}:\d\d:\d\d) (\d\d:\d\d:\d\d)/.exec(bytes.toString('latin1', at, at + 19)) ?? [];
    const text = `${day?.replaceAll(':', '-')}T${time}`;
    // Cameras whose clock was never set write zeros.
    return Number.isNaN(Date.parse(text)) || /^0000/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * EXIF with its head, without its thumbnail, which shows the photo. The size of the painting is put in when it is written.
 * @param stripLocation without GPS, too
 * @throws RangeError for what is no EXIF
 */
export function forPainting(exif: Buffer, stripLocation: boolean): Buffer {
  const bytes = Buffer.from(withoutHead(exif));
  const tiff = new Tiff(bytes);
  const dropped = [...ofPixels, ...(stripLocation ? [gps] : [])];
  const { first } = tiff;
  for (const entry of first.entries.filter(({ tag }) => tag === exifDirectory))
    remove(tiff.directory(tiff.value(entry)), dropped);
  remove(first, dropped);
  return Buffer.concat([head, bytes]);

  /** Moves the other entries up, and says that no directory follows: the next one is that of the thumbnail. */
  function remove({ entries, nextAt }: TiffDirectory, tags: readonly number[]): void {
    const kept = entries.filter(({ tag }) => !tags.includes(tag));
    const copies = kept.map(({ at }) => Buffer.from(bytes.subarray(at, at + 12)));
    const start = nextAt - 12 * entries.length;
    Buffer.concat([...copies, Buffer.alloc(nextAt + 4 - start - 12 * kept.length)]).copy(bytes, start);
    tiff.write16(start - 2, kept.length);
  }
}

const withoutHead = (exif: Buffer) =>
  exif.subarray(0, head.length).equals(head) ? exif.subarray(head.length) : exif;
