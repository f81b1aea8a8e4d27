import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPicture, decode } from '../../src/image/decode.js';
import { encode } from '../../src/image/encode.js';
import { readPictureFile } from '../../src/image/file.js';
import { formatOf, isPictureName, outputExtension } from '../../src/image/formats.js';
import { readPhotoMetadata } from '../../src/image/photo-metadata.js';
import { previewPng } from '../../src/image/preview.js';
import { resize } from '../../src/image/resize.js';
import { writeWhole } from '../../src/util/atomic-write.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
});
const put = async (name: string, data: Uint8Array | string) => {
  await writeFile(join(folder, name), data);
  return join(folder, name);
};

const cat = fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url));

/** 60×40, its left half red and its right half blue, its first rows green. */
function flag(): Sharp {
  const pixels = Buffer.alloc(60 * 40 * 3);
  for (let i = 0; i < 60 * 40; i++) pixels[3 * i + (Math.floor(i / 60) < 10 ? 1 : i % 60 < 30 ? 0 : 2)] = 200;
  return sharp(pixels, { raw: { width: 60, height: 40, channels: 3 } });
}

/** Red, green, blue at a pixel. */
const at = (
  { data, width, height }: { data: Float32Array; width: number; height: number },
  x: number,
  y: number,
) => [0, 1, 2].map((c) => data[(c * height + y) * width + x]);

const near = (got: number[], expected: number[], by = 4) =>
  got.forEach((value, i) => {
    expect(Math.abs(value - expected[i]), `${got} against ${expected}`).toBeLessThanOrEqual(by);
  });

describe('decode', () => {
  it('turns every EXIF orientation upright', async () => {
    const [width, height] = [60, 40];
    const upright = await flag().raw().toBuffer();
    // Where EXIF 2.3 stores the pixel seen at x, y: its row 0 is the visual top, right, bottom or left.
    const stored: Array<(x: number, y: number) => [number, number]> = [
      (x, y) => [x, y],
      (x, y) => [width - 1 - x, y],
      (x, y) => [width - 1 - x, height - 1 - y],
      (x, y) => [x, height - 1 - y],
      (x, y) => [y, x],
      (x, y) => [y, width - 1 - x],
      (x, y) => [height - 1 - y, width - 1 - x],
      (x, y) => [height - 1 - y, x],
    ];
    for (const [index, place] of stored.entries()) {
      const orientation = index + 1;
      const size = orientation > 4 ? { width: height, height: width } : { width, height };
      const pixels = Buffer.alloc(upright.length);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const [sx, sy] = place(x, y);
          upright.copy(pixels, 3 * (sy * size.width + sx), 3 * (y * width + x), 3 * (y * width + x) + 3);
        }
      }
      const laid = sharp(pixels, { raw: { ...size, channels: 3 } }).withMetadata({ orientation });
      const file = await put(`o${orientation}.png`, await laid.png().toBuffer());
      const picture = await decode(file);
      expect([picture.width, picture.height], `orientation ${orientation}`).toEqual([60, 40]);
      near(at(picture, 5, 30), [200, 0, 0]);
      near(at(picture, 55, 30), [0, 0, 200]);
      near(at(picture, 30, 3), [0, 200, 0]);
    }
  });

  it('brings profiles, CMYK, 16 bit, grey and palettes to 8-bit sRGB', async () => {
    const plain = at(await decode(await put('plain.png', await flag().png().toBuffer())), 5, 30);
    const p3 = await flag().withIccProfile('p3').png().toBuffer();
    expect((await sharp(p3, { ignoreIcc: true }).raw().toBuffer())[3 * (30 * 60 + 5)]).not.toBe(200);
    near(at(await decode(await put('p3.png', p3)), 5, 30), plain, 6);
    const cmyk = await decode(
      await put('cmyk.jpg', await flag().toColorspace('cmyk').jpeg({ quality: 100 }).toBuffer()),
    );
    near(at(cmyk, 5, 30), plain, 30);
    const deep = sharp(new Uint16Array(40 * 40 * 3).fill(32_896), {
      raw: { width: 40, height: 40, channels: 3 },
    });
    near(
      at(await decode(await put('deep.png', await deep.toColorspace('rgb16').png().toBuffer())), 9, 9),
      [128, 128, 128],
      1,
    );
    const grey = await decode(
      await put(
        'grey.jpg',
        await sharp({ create: { width: 40, height: 40, channels: 3, background: '#777' } })
          .greyscale()
          .jpeg()
          .toBuffer(),
      ),
    );
    near(at(grey, 9, 9), [119, 119, 119], 2);
    near(at(await decode(await put('palette.gif', await flag().gif().toBuffer())), 5, 30), plain, 12);
  });

  it('sets alpha aside, and takes the first frame of an animation', async () => {
    const half = await sharp({
      create: { width: 40, height: 40, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    const picture = await decode(await put('half.png', half));
    expect(picture.alpha).toHaveLength(1600);
    expect(picture.alpha![0]).toBe(128);
    expect((await decode(cat)).alpha).toBeUndefined();
    const frames = Buffer.concat([Buffer.alloc(40 * 40 * 3, 250), Buffer.alloc(40 * 40 * 3, 5)]);
    const film = await sharp(frames, { raw: { width: 40, height: 80, channels: 3, pageHeight: 40 } })
      .webp({ lossless: true })
      .toBuffer();
    const first = await decode(await put('film.webp', film));
    expect([first.width, first.height]).toEqual([40, 40]);
    near(at(first, 9, 9), [250, 250, 250], 2);
  });

  it('bounds the longest side without enlarging, or scales to a width', async () => {
    expect(await decode(cat, { longest: 100 })).toMatchObject({ width: 100, height: 67 });
    expect(await decode(cat, { longest: 9000 })).toMatchObject({ width: 451, height: 300 });
    expect(await decode(cat, { width: 902 })).toMatchObject({ width: 902, height: 600 });
  });

  it('says in a sentence what is wrong with a file', async () => {
    const bytes = await readFile(cat);
    const png = await sharp(cat).png().toBuffer();
    const plainPicture = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: 'red' } })
        .png()
        .toBuffer();
    await mkdir(join(folder, 'folder.jpg'));
    const cases: Array<[string, Uint8Array | string | undefined, RegExp]> = [
      ['missing.jpg', undefined, /there is no such file/],
      ['folder.jpg', undefined, /got a folder/],
      ['empty.jpg', '', /is empty/],
      ['text.jpg', 'hello', /not a picture/],
      ['cut.jpg', bytes.subarray(0, 20_000), /cut short/],
      ['zeros.jpg', Buffer.concat([bytes.subarray(0, 20_000), Buffer.alloc(9000)]), /cut short/],
      ['cut.png', png.subarray(0, 90_000), /damaged or cut short/],
      ['picture.png', '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>', /it is SVG/],
      ['one.png', await plainPicture(1, 1), /1×1 is too small/],
      ['narrow.png', await plainPicture(2000, 40), /2000×40, 512×10 after resizing is too small/],
      ['huge.png', await plainPicture(10_000, 10_000), /100 megapixels, at most 80/],
    ];
    for (const [name, content, message] of cases) {
      if (content !== undefined) await put(name, content);
      const file = join(folder, name);
      await expect(decode(file, { longest: 512 }), name).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(message),
      });
      await expect(decode(file, { longest: 512 })).rejects.toThrow(file);
    }
  });
});

describe('a TIFF', () => {
  const [width, height] = [64, 48];
  /** Gray of 0 to 252 in steps of 4 from left to right. */
  const gray = (x: number) => 4 * (x % width);

  /** Uncompressed, with one strip, as the TIFF 6.0 specification has it. */
  function tiff(pixels: Buffer, bits: number, { format = 1, channels = 1, colors = 1 }) {
    const entries: Array<[tag: number, type: 3 | 4, value: number]> = [
      [256, 4, width],
      [257, 4, height],
      // All of a pixel's samples have as many: one number would do, but strict readers want one each.
      [258, 3, bits],
      [259, 3, 1],
      [262, 3, colors],
      [273, 4, 8],
      [277, 3, channels],
      [278, 4, height],
      [279, 4, pixels.length],
      [339, 3, format],
    ];
    const start = 8 + pixels.length;
    const head = Buffer.from('49492a0000000000', 'hex');
    head.writeUInt32LE(start, 4);
    const directory = Buffer.alloc(2 + 12 * entries.length + 4);
    directory.writeUInt16LE(entries.length);
    entries.forEach(([tag, type, value], i) => {
      const at = 2 + 12 * i;
      directory.writeUInt16LE(tag, at);
      directory.writeUInt16LE(type, at + 2);
      directory.writeUInt32LE(1, at + 4);
      directory.writeUInt32LE(value, at + 8);
    });
    return Buffer.concat([head, pixels, directory]);
  }
  type Numbers = Float32Array | Float64Array | Uint32Array | Int32Array | Int16Array | BigUint64Array;
  const bytesOf = ({ buffer }: Numbers) => Buffer.from(buffer);
  const levels = Array.from({ length: width * height }, (_, i) => gray(i));

  it.each<[string, Buffer]>([
    ['floats up to 1', tiff(bytesOf(Float32Array.from(levels, (v) => v / 255)), 32, { format: 3 })],
    ['floats up to 255', tiff(bytesOf(Float32Array.from(levels)), 32, { format: 3 })],
    [
      'floats with a lamp',
      tiff(bytesOf(Float32Array.from(levels, (v, i) => (i === 0 ? 50 : v / 255))), 32, { format: 3 }),
    ],
    ['32-bit integers', tiff(bytesOf(Uint32Array.from(levels, (v) => v * 0x01010101)), 32, {})],
    ['signed ones', tiff(bytesOf(Int32Array.from(levels, (v) => v * 0x00808080)), 32, { format: 2 })],
    ['small values in them', tiff(bytesOf(Int32Array.from(levels)), 32, { format: 2 })],
    ['signed 16-bit integers', tiff(bytesOf(Int16Array.from(levels, (v) => v * 128)), 16, { format: 2 })],
  ])('of %s is shown as elsewhere', async (name, bytes) => {
    const picture = await decode(await put(`${name}.tif`, bytes));
    for (const x of [3, 30, 60]) near(at(picture, x, 20), Array(3).fill(gray(x)), 1.5);
  });

  it.each<[string, Buffer, RegExp]>([
    [
      'doubles',
      tiff(bytesOf(Float64Array.from(levels)), 64, { format: 3 }),
      /a TIFF of 64-bit floats cannot/,
    ],
    ['long integers', tiff(bytesOf(BigUint64Array.from(levels, BigInt)), 64, {}), /64-bit integers cannot/],
    [
      'Lab',
      tiff(Buffer.alloc(3 * width * height, 99), 8, { channels: 3, colors: 8 }),
      /a TIFF in CIELAB colors cannot/,
    ],
    [
      'heights',
      tiff(bytesOf(Float32Array.from(levels, (v) => v - 2000)), 32, { format: 3 }),
      /-1.87k on average/,
    ],
    [
      'no numbers',
      tiff(bytesOf(Float32Array.from(levels, () => Number.NaN)), 32, { format: 3 }),
      /are no numbers/,
    ],
    ['faint integers', tiff(bytesOf(Uint32Array.from(levels, (v) => v * 4000)), 32, {}), /504k on average/],
  ])('of %s is refused for what it is', async (name, bytes, message) => {
    const path = await put(`${name}.tif`, bytes);
    await expect(decode(path)).rejects.toThrow(message);
    await expect(checkPicture(path)).rejects.toThrow(message);
  });
});

const carrierOf = async (path: string) =>
  (await readPhotoMetadata(await readPictureFile(path), false)).carrier;

describe('encode', () => {
  it('writes JPEG at 4:4:4 with an sRGB profile, the EXIF kept and its orientation reset', async () => {
    const photo = await flag()
      .withExif({ IFD0: { Make: 'Acme' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const source = await put('photo.jpg', photo);
    expect((await sharp(photo).metadata()).orientation).toBe(6);
    const picture = await decode(source);
    const written = await sharp(
      await encode(picture, { format: 'jpeg', carrier: await carrierOf(source) }),
    ).metadata();
    expect(written).toMatchObject({
      width: 40,
      height: 60,
      orientation: 1,
      chromaSubsampling: '4:4:4',
      hasProfile: true,
    });
    expect(written.exif!.includes('Acme')).toBe(true);
    const latitude = Buffer.from([51, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0, 1, 0, 0, 0]);
    expect(written.exif!.includes(latitude)).toBe(true);
  });

  it.each(['png', 'webp', 'tiff', 'avif'] as const)('adds no alpha to %s', async (format) => {
    const bytes = await encode(await decode(cat, { longest: 64 }), { format, carrier: await carrierOf(cat) });
    expect((await sharp(bytes).metadata()).hasAlpha).toBe(false);
  });

  it.each(['png', 'webp', 'tiff', 'avif'] as const)('keeps alpha and colors in %s', async (format) => {
    const picture = await decode(await put('flag.png', await flag().png().toBuffer()));
    const alpha = new Uint8Array(2400).map((_, i) => (i % 60 < 30 ? 255 : 100));
    const source = join(folder, 'flag.png');
    const back = await decode(
      await put(
        `back.${format}`,
        await encode({ ...picture, alpha }, { format, carrier: await carrierOf(source) }),
      ),
    );
    near(at(back, 5, 30), [200, 0, 0], 12);
    near(at(back, 55, 30), [0, 0, 200], 12);
    expect(Math.abs(back.alpha![30 * 60 + 5] - 255)).toBeLessThan(4);
    expect(Math.abs(back.alpha![30 * 60 + 55] - 100)).toBeLessThan(6);
  });

  it('clamps and rounds', async () => {
    const data = new Float32Array(3 * 1600).fill(300).fill(-40, 0, 1600).fill(99.6, 1600, 3200);
    const pixels = await sharp(await encode({ data, width: 40, height: 40 }, { format: 'png' }))
      .raw()
      .toBuffer();
    expect([...pixels.subarray(0, 3)]).toEqual([0, 100, 255]);
  });
});

describe('resize', () => {
  it('keeps values outside 0..255, a constant and a slope', async () => {
    const width = 40;
    const slope = {
      data: new Float32Array(3 * width * width).map((_, i) => -150 + 12 * (i % width)),
      width,
      height: width,
    };
    const small = await resize(slope, 20, 20);
    // Two pixels of a slope become their mean; the rims are left out, where Lanczos mirrors.
    for (let x = 4; x < 16; x++) expect(small.data[5 * 20 + x]).toBeCloseTo(-150 + 12 * (2 * x + 0.5), 0);
    const flat = await resize({ data: new Float32Array(300).fill(-77.25), width: 10, height: 10 }, 33, 17);
    for (const value of flat.data) expect(value).toBeCloseTo(-77.25, 3);
    expect(await resize(slope, width, width)).toBe(slope);
  });
});

describe('preview', () => {
  it('is a small PNG without the bleed', async () => {
    // Black within, white around it.
    const size = { width: 920, height: 620 };
    const plane = Float32Array.from({ length: size.width * size.height }, (_, i) => {
      const [x, y] = [i % size.width, Math.floor(i / size.width)];
      return x < 10 || x >= 910 || y < 10 || y >= 610 ? 255 : 0;
    });
    const data = new Float32Array(3 * plane.length);
    for (const c of [0, 1, 2]) data.set(plane, c * plane.length);
    const preview = sharp(await previewPng({ ...size, data }, 10));
    const { format, width, height } = await preview.metadata();
    expect({ format, width, height }).toEqual({ format: 'png', width: 480, height: 320 });
    const { channels } = await preview.stats();
    expect(Math.max(...channels.map(({ max }) => max))).toBe(0);
  });
});

describe('formats', () => {
  it('knows pictures by name and gives each painting an ending that can be written', () => {
    expect(['a.JPG', 'b.heic', 'c.webp', 'd.jfif', 'e.jpe', 'f.tif'].every(isPictureName)).toBe(true);
    expect(['a.txt', 'b.svg', 'c'].some(isPictureName)).toBe(false);
    expect(['a.JPG', 'b.heic', 'c.gif', 'd.webp'].map(outputExtension)).toEqual([
      '.JPG',
      '.jpg',
      '.png',
      '.webp',
    ]);
    expect(formatOf('x.TIF')).toBe('tiff');
    expect(() => formatOf('x.bmp')).toThrow(/cannot write that format/);
  });
});

describe('writeWhole', () => {
  it('never replaces a file unasked, and leaves nothing but the file', async () => {
    const place = join(await mkdtemp(join(tmpdir(), 'write-')), 'new', 'out.jpg');
    await writeWhole(place, Buffer.from('first'), { overwrite: false });
    await expect(writeWhole(place, Buffer.from('second'), { overwrite: false })).rejects.toThrow(
      /already exists/,
    );
    expect(await readFile(place, 'utf8')).toBe('first');
    await writeWhole(place, Buffer.from('third'), { overwrite: true });
    expect(await readFile(place, 'utf8')).toBe('third');
    expect(await readdir(join(place, '..'))).toEqual(['out.jpg']);
  });
});
