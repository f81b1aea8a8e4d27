/**
 * Detects incomplete picture files. An interrupted copy may have its full length already, padded with zeros. PNG, GIF, TIFF and AVIF do not decode then; JPEG and WebP do, to a picture with a gray or smeared rest.
 */

/** What is missing from a file, for a message; undefined if nothing is seen to be. */
export function missingPart(format: string, bytes: Buffer): string | undefined {
  if (format === 'jpeg' && !reachesEndOfJpeg(bytes))
    return 'the JPEG is cut short: its end marker is missing';
  if (format === 'webp' && endsInZeros(bytes)) return 'the WebP is cut short: its end is nothing but zeros';
  return undefined;
}

/**
 * Goes from marker to marker to the one that ends the picture: that of a thumbnail in its head does not count, and
 * what cameras append behind it (a film, further pictures) is not looked at.
 */
function reachesEndOfJpeg(bytes: Buffer): boolean {
  let at = 2;
  while (true) {
    // Whatever is no marker is coded picture.
    at = bytes.indexOf(0xff, at);
    const code = bytes[at + 1];
    if (at < 0 || code === undefined) return false;
    if (code === 0xd9) return true;
    if (code === 0xff) at += 1;
    else if (isBare(code)) at += 2;
    else if (at + 4 > bytes.length) return false;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
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
      const zeros = data.length - 1 - data.findLastIndex((byte) => byte !== 0);
      // The first frame is the one that is painted.
      return zeros >= Math.max(fewestZeros, leastShare * data.length);
    }
    // Chunks have an even length.
    at += 8 + length + (length % 2);
  }
  return false;
}
