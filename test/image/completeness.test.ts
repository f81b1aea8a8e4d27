/** Copies that stopped half-way, and honest pictures that look as odd. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { missingPart } from '../../src/image/completeness.js';
import { checkPicture, decode } from '../../src/image/decode.js';

const cat = await readFile(fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url)));
const check = (bytes: Uint8Array) => checkPicture({ path: 'x', bytes: Buffer.from(bytes) });

/** The same length, but zeros from a share of it on, to another. */
const zeroed = (bytes: Uint8Array, from: number, to = 1) =>
  Buffer.from(bytes).fill(0, Math.floor(bytes.length * from), Math.floor(bytes.length * to));

/** A JPEG with this in a segment of its head. */
const withSegment = (bytes: Uint8Array, content: Uint8Array) => {
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([bytes.subarray(0, 2), head, content, bytes.subarray(2)]);
};

/** Half is black, half is a photo: long runs of the same. */
const halfBlack = () => sharp(cat).resize(640, 400).extend({ bottom: 400, background: 'black' });
const black = () => sharp({ create: { width: 900, height: 900, channels: 3, background: 'black' } });

describe('a JPEG', () => {
  const variants = {
    baseline: () => sharp(cat).jpeg(),
    progressive: () => sharp(cat).jpeg({ progressive: true }),
    'half black': () => halfBlack().jpeg(),
    small: () => sharp(cat).resize(64).jpeg(),
  };

  it.each(Object.entries(variants))('that is %s is whole, and not when its end is zeros', async (_, make) => {
    const bytes = await make().toBuffer();
    await check(bytes);
    for (const from of [0.3, 0.5, 0.9, 0.999])
      await expect(check(zeroed(bytes, from)), `from ${from}`).rejects.toThrow(/cut short|damaged/);
    await expect(check(zeroed(bytes, 0.5, 0.75))).rejects.toThrow(/damaged/);
  });

  it('is not saved by the end marker of its thumbnail', async () => {
    const thumbnail = await sharp(cat).resize(160).jpeg().toBuffer();
    const photo = withSegment(await sharp(cat).resize(300).jpeg().toBuffer(), thumbnail);
    await check(photo);
    const cut = zeroed(photo, 0.7);
    expect(cut.includes(Buffer.of(0xff, 0xd9))).toBe(true);
    await expect(check(cut)).rejects.toThrow(/end marker is missing/);
  });

  it('is whole whatever a camera appends', async () => {
    await check(Buffer.concat([cat, Buffer.alloc(300_000, 'film')]));
    await check(Buffer.concat([cat, Buffer.alloc(300_000)]));
    await check(Buffer.concat([cat, cat.subarray(0, 9000)]));
  });

  it('is shown with what its decoder warns of, as long as nothing is missing', async () => {
    const photo = await sharp(cat).resize(300).jpeg().toBuffer();
    const plain = await decode({ path: 'x', bytes: photo });
    expect(plain.flaw).toBeUndefined();
    // JFIF 2.01, as old scanning software wrote it; a last coefficient of 0, as some phones write it; bytes between two segments.
    const jfif = Buffer.from('ffe000104a46494600020100000100010000', 'hex');
    const version = Buffer.concat([photo.subarray(0, 2), jfif, photo.subarray(2)]);
    const coefficient = Buffer.from(photo);
    const scan = coefficient.indexOf(Buffer.of(0xff, 0xda));
    coefficient[scan + 6 + 2 * coefficient[scan + 4]] = 0;
    const stray = Buffer.concat([photo.subarray(0, scan), Buffer.alloc(9, 'stray'), photo.subarray(scan)]);
    for (const [bytes, warning] of [
      [version, /2\.01/],
      [coefficient, /SOS/],
      [stray, /extraneous/],
    ] as const) {
      await check(bytes);
      const { data, flaw } = await decode({ path: 'x', bytes });
      expect(flaw).toMatch(warning);
      expect(Buffer.from(data.buffer).equals(Buffer.from(plain.data.buffer))).toBe(true);
      await expect(check(zeroed(bytes, 0.7))).rejects.toThrow(/cut short/);
    }
  });

  it('with an odd head and plain areas is shown, and not with a hole', async () => {
    const jfif = Buffer.from('ffe000104a46494600020101000100010000', 'hex');
    for (const progressive of [false, true]) {
      const photo = await halfBlack().jpeg({ progressive }).toBuffer();
      await check(Buffer.concat([photo.subarray(0, 2), jfif, photo.subarray(2)]));
      await expect(check(zeroed(photo, 0.5, 0.75))).rejects.toThrow(/damaged/);
    }
  });

  it.each(['ff', 'ff00', 'ff0041'])('that is %s all over holds up nobody else', async (pattern) => {
    const bytes = Buffer.alloc(30e6, pattern, 'hex');
    bytes.writeUInt16BE(0xffd8);
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    await expect(missingPart('jpeg', bytes)).resolves.toMatch(/end marker is missing/);
    clearInterval(others);
    expect(turns).toBeGreaterThan(2);
  });

  it('is whole with filling bytes before its markers', async () => {
    await check(Buffer.concat([cat.subarray(0, 2), Buffer.of(0xff, 0xff), cat.subarray(2)]));
  });
});

describe('a WebP', () => {
  const variants = {
    lossy: () => sharp(cat).webp(),
    lossless: () => sharp(cat).webp({ lossless: true }),
    'with alpha': () => sharp(cat).ensureAlpha(0.5).webp(),
    'with metadata': () => sharp(cat).withIccProfile('srgb').withXmp('<x/>').webp(),
  };

  it.each(Object.entries(variants))('that is %s is whole, and not when its end is zeros', async (_, make) => {
    const bytes = await make().toBuffer();
    await check(bytes);
    for (const from of [0.3, 0.5, 0.8])
      await expect(check(zeroed(bytes, from)), `from ${from}`).rejects.toThrow(/cut short/);
    await expect(check(bytes.subarray(0, bytes.length - 99))).rejects.toThrow(/cut short/);
  });

  it.each([{}, { lossless: true }, { nearLossless: true }, { effort: 0 }])(
    'that is black is whole %o',
    async (how) => {
      await check(await black().webp(how).toBuffer());
      await check(await halfBlack().webp(how).toBuffer());
    },
  );

  it('is whole as an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(40 * 40 * 3, 250), Buffer.alloc(40 * 40 * 3, 5)]);
    const film = sharp(frames, { raw: { width: 40, height: 80, channels: 3, pageHeight: 40 } });
    await check(await film.webp().toBuffer());
  });
});

it.each(['png', 'gif', 'tiff', 'avif'] as const)('a %s whose end is zeros is not whole', async (format) => {
  const bytes = await sharp(cat).toFormat(format).toBuffer();
  await check(bytes);
  await expect(check(zeroed(bytes, 0.5))).rejects.toThrow(/damaged or cut short/);
});

it('a picture of any size is judged by its head', async () => {
  const bytes = await sharp(cat).png().toBuffer();
  // Width and height of the PNG; its checksum no longer fits, and does not matter.
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  await expect(check(bytes)).rejects.toThrow(/3600 megapixels, at most 80/);
});
