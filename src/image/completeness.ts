/**
 * Detects incomplete picture files. An interrupted copy may have its full length already, padded with zeros. PNG, GIF, TIFF and AVIF do not decode then; JPEG and WebP do, to a picture with a gray or smeared rest.
 */
import { setImmediate } from 'node:timers/promises';

/** What is missing from a file, for a message; undefined if nothing is seen to be. */
export async function missingPart(format: string, bytes: Buffer): Promise<string | undefined> {
  if (format === 'jpeg' && (await codedPicture(bytes)).end === undefined)
    return 'the JPEG is cut short: its end marker is missing';
  if (format === 'webp' && endsInZeros(bytes)) return 'the WebP is cut short: its end is nothing but zeros';
  return undefined;
}

/**
 * Whether a JPEG holds zeros where its coded picture should be: a part of the file was never written. Plain areas of a
 * progressive one are coded like that, so it says something only where the decoder complains, too.
 */
export async function hasHole(bytes: Buffer): Promise<boolean> {
  const { start, end } = await codedPicture(bytes);
  return bytes.subarray(start, end).includes(hole);
}

const hole = Buffer.alloc(128);

/** Steps between two rests: a hostile file may be markers all over, and must not hold up whoever looks at it. */
const stepsAtOnce = 100_000;

/**
 * From where to where a JPEG holds coded picture; no end where its end marker is missing. Goes from marker to marker: that
 * of a thumbnail in its head does not count, and what cameras append behind it (a film, further pictures) is not looked at.
 */
async function codedPicture(bytes: Buffer): Promise<{ start: number; end?: number }> {
  let start = bytes.length;
  let at = 2;
  for (let step = 1; at + 1 < bytes.length; step++) {
    if (step % stepsAtOnce === 0) await setImmediate();
    const code = bytes[at + 1];
    // Whatever is no marker is coded picture.
    if (bytes[at] !== 0xff) at = bytes.indexOf(0xff, at);
    else if (code === 0xd9) return { start, end: at };
    else if (code === 0xff) at += 1;
    else if (isBare(code)) at += 2;
    else if (at + 4 > bytes.length) break;
    else {
      if (code === 0xda) start = Math.min(start, at);
      at += 2 + bytes.readUInt16BE(at + 2);
    }
    if (at < 0) break;
  }
  return { start };
}

/** FF in the coded picture, and markers without a length: TEM, RST0 to RST7, SOI. */
const isBare = (code: number) => code <= 0x01 || (code >= 0xd0 && code <= 0xd8);

/** An encoder may end a plain picture in some zeros, but not in this many, and not in this share of the data. */
const fewestZeros = 64;
const leastShare = 1 / 16;

/** Looks at the chunks that hold the picture. Their lengths are libwebp's to check. */
function endsInZeros(bytes: Buffer): boolean {
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (name === 'VP8 ' || name === 'VP8L' || name === 'ANMF') {
      const data = bytes.subarray(at + 8, at + 8 + length);
      const zeros = Buffer.alloc(Math.max(fewestZeros, Math.ceil(leastShare * data.length)));
      // The first frame is the one that is painted.
      return data.subarray(-zeros.length).equals(zeros);
    }
    // Chunks have an even length.
    at += 8 + length + (length % 2);
  }
  return false;
}
