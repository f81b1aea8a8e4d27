/** What a photo says about itself, and what becomes of it in its painting. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/image/encode.js';
import type { OutputFormat } from '../../src/image/formats.js';
import { photoTakenAt, readPhotoMetadata } from '../../src/image/photo-metadata.js';

const formats: OutputFormat[] = ['jpeg', 'png', 'webp', 'tiff', 'avif'];
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

/** A packet with these attributes and elements. */
const packetOf = (attributes: string, elements = '') =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${rdf}"><rdf:Description rdf:about=""
   xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
   xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
   xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   xmlns:tiff="http://ns.adobe.com/tiff/1.0/" ${attributes}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** Photoshop's block with fields of IPTC, by the numbers of their datasets. */
function block(fields: Record<number, string>) {
  const data = Buffer.concat(
    Object.entries(fields).map(([dataset, text]) => {
      const head = Buffer.from([0x1c, 2, Number(dataset), 0, 0]);
      head.writeUInt16BE(Buffer.byteLength(text), 3);
      return Buffer.concat([head, Buffer.from(text)]);
    }),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  // Another resource comes first, with a name.
  const other = Buffer.from('8BIM\x03\xed\x03abc\0\0\0\x02xx', 'latin1');
  const own = Buffer.concat([
    Buffer.from('8BIM\x04\x04\0\0', 'latin1'),
    size,
    data,
    Buffer.alloc(data.length % 2),
  ]);
  return Buffer.concat([Buffer.from('Photoshop 3.0\0'), other, own]);
}

/** EXIF as in make.py of other tools: a directory with an orientation, and one of a thumbnail. */
function exifWithThumbnail(thumbnail: Buffer, isLittle: boolean) {
  const entries = (next: number, ...list: Array<[tag: number, type: number, value: number]>) => {
    const bytes = Buffer.alloc(2 + 12 * list.length + 4);
    const write = (at: number, value: number, size: 2 | 4) =>
      isLittle ? bytes.writeUIntLE(value, at, size) : bytes.writeUIntBE(value, at, size);
    write(0, list.length, 2);
    list.forEach(([tag, type, value], i) => {
      write(2 + 12 * i, tag, 2);
      write(4 + 12 * i, type, 2);
      write(6 + 12 * i, 1, 4);
      write(10 + 12 * i, value, type === 3 ? 2 : 4);
    });
    write(bytes.length - 4, next, 4);
    return bytes;
  };
  const [first, second] = [8, 8 + 2 + 2 * 12 + 4];
  const at = second + 2 + 4 * 12 + 4;
  return Buffer.concat([
    Buffer.from(isLittle ? '49492a0008000000' : '4d4d002a00000008', 'hex').subarray(0, first),
    entries(second, [0x0100, 3, 4000], [0x0112, 3, 6]),
    entries(0, [0x0103, 3, 6], [0x0112, 3, 6], [0x0201, 4, at], [0x0202, 4, thumbnail.length]),
    thumbnail,
  ]);
}

/** A JPEG with these parts in its head. */
async function photo(parts: { exif?: Buffer; xmp?: string; iptc?: Buffer } = {}) {
  const plain = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  const segment = (code: number, content: Buffer | undefined) => {
    if (!content) return [];
    const head = Buffer.from([0xff, code, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return [head, content];
  };
  const { exif, xmp, iptc } = parts;
  return Buffer.concat([
    plain.subarray(0, 2),
    ...segment(0xe1, exif && Buffer.concat([Buffer.from('Exif\0\0'), exif])),
    ...segment(0xe1, xmp === undefined ? undefined : Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`)),
    ...segment(0xed, iptc),
    plain.subarray(2),
  ]);
}

/** The painting's metadata, as another reader has it. */
async function painted(bytes: Buffer, format: OutputFormat, stripLocation = false) {
  const { carrier, descriptions, losses } = await readPhotoMetadata({ path: 'x', bytes }, stripLocation);
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${rdf}">${descriptions}</rdf:RDF></x:xmpmeta>`;
  const picture = { data: new Float32Array(3 * 50 * 70), width: 50, height: 70 };
  const metadata = await sharp(await encode(picture, { format, carrier, xmp })).metadata();
  return { ...metadata, xmp: String(metadata.xmp), losses };
}

const exifFormats = formats.filter((format) => format !== 'tiff');

describe('EXIF', () => {
  it.each(exifFormats)('in %s has the painting’s size, no orientation and no thumbnail', async (format) => {
    const thumbnail = await sharp({ create: { width: 16, height: 9, channels: 3, background: 'blue' } })
      .jpeg()
      .toBuffer();
    for (const isLittle of [true, false]) {
      const bytes = await photo({ exif: exifWithThumbnail(thumbnail, isLittle) });
      expect((await sharp(bytes).metadata()).exif!.includes(thumbnail.subarray(20))).toBe(true);
      const { exif, orientation = 1, losses } = await painted(bytes, format);
      expect(losses).toEqual([]);
      expect(orientation).toBe(1);
      expect(exif!.includes(Buffer.of(0xff, 0xd8))).toBe(false);
      expect(exif!.length).toBeLessThan(thumbnail.length);
      const [width, height] = [50, 70].map((size) => {
        const value = Buffer.alloc(12);
        if (isLittle) value.writeUInt32LE(size, 8);
        else value.writeUInt32BE(size, 8);
        return value;
      });
      // Tag, type (32 bits), count.
      const heads = isLittle
        ? ['02a0040001000000', '03a0040001000000']
        : ['a002000400000001', 'a003000400000001'];
      Buffer.from(heads[0], 'hex').copy(width);
      Buffer.from(heads[1], 'hex').copy(height);
      expect(exif!.includes(width)).toBe(true);
      expect(exif!.includes(height)).toBe(true);
    }
  });

  it.each(exifFormats)('in %s keeps the camera and the place, or the camera alone', async (format) => {
    const bytes = await sharp(await photo())
      .withExif({ IFD0: { Make: 'Acme' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
      .jpeg()
      .toBuffer();
    const latitude = Buffer.from([51, 0, 0, 0, 1, 0, 0, 0, 30, 0, 0, 0, 1, 0, 0, 0]);
    const { exif } = await painted(bytes, format);
    expect([exif!.includes('Acme'), exif!.includes(latitude)]).toEqual([true, true]);
    const stripped = (await painted(bytes, format, true)).exif!;
    expect([stripped.includes('Acme'), stripped.includes(latitude)]).toEqual([true, false]);
    expect(stripped.includes(Buffer.of(0x25, 0x88)), 'a pointer to GPS').toBe(false);
  });

  it('that is broken is left out, and told of', async () => {
    const exif = exifWithThumbnail(Buffer.alloc(0), true).fill(0xff, 4);
    const { carrier, losses } = await readPhotoMetadata({ path: 'x', bytes: await photo({ exif }) }, false);
    expect(carrier).toBeUndefined();
    expect(losses).toEqual([expect.stringMatching(/EXIF cannot be read/)]);
  });
});

const describing = packetOf(
  `xmp:Rating="4" xmp:Label='Say "Red"' crs:Exposure2012="+1.5" tiff:Orientation="6" photoshop:City="Nizza"
   exif:GPSLatitude="43,42N" exif:PixelXDimension="4000"`,
  `<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">&#169; Ann &amp; Bob</rdf:li></rdf:Alt></dc:rights>
   <dc:subject><rdf:Bag><rdf:li>beach</rdf:li><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>
   <dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator>
   <Iptc4xmpCore:Location>Promenade</Iptc4xmpCore:Location>
   <Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li Iptc4xmpExt:City="Nizza"/></rdf:Bag></Iptc4xmpExt:LocationShown>
   <xmp:Thumbnails><rdf:Alt><rdf:li>/9j/4AAQ</rdf:li></rdf:Alt></xmp:Thumbnails>`,
);

describe('XMP', () => {
  it.each(formats)('in %s says what the photo’s says about the photo', async (format) => {
    const { xmp, losses } = await painted(await photo({ xmp: describing }), format);
    expect(losses).toEqual([]);
    for (const part of [
      'xmp:Rating="4"',
      'xmp:Label="Say &quot;Red&quot;"',
      '<rdf:li>beach</rdf:li><rdf:li>sea</rdf:li>',
    ])
      expect(xmp).toContain(part);
    for (const part of [
      '&#169; Ann &amp; Bob',
      '<dc:creator>',
      'photoshop:City="Nizza"',
      'GPSLatitude',
      'Promenade',
    ])
      expect(xmp).toContain(part);
    // How it was developed, its pixels, and what it looked like.
    expect(xmp).not.toMatch(/crs:|Orientation|PixelX|Thumbnails/);
  });

  it('says nothing about places where that is not wanted', async () => {
    const { xmp } = await painted(await photo({ xmp: describing }), 'jpeg', true);
    expect(xmp).toContain('xmp:Rating="4"');
    expect(xmp).not.toMatch(/Nizza|GPS|Promenade|Location/);
  });

  it('is known by its namespaces, whatever their prefixes', async () => {
    const foreign = packetOf(
      'xmlns:a="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://evil/" a:Rating="3" dc:title="no" undeclared:b="c"',
      '<a:Label><undeclared:x/></a:Label>',
    ).replace('xmlns:dc="http://purl.org/dc/elements/1.1/"', '');
    const { xmp } = await painted(await photo({ xmp: foreign }), 'png');
    expect(xmp).toMatch(/xmlns:a="http:\/\/ns.adobe.com\/xap\/1.0\/"[^>]* a:Rating="3"/);
    expect(xmp).not.toMatch(/evil|undeclared|Label/);
  });

  const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  it.each([
    ['malformed', packetOf('xmp:Rating="4"').replace('</rdf:RDF>', '')],
    ['of entities', `${bomb}${packetOf('xmp:Label="&b;"')}`],
    ['deep', packetOf('', `<dc:title>${'<rdf:li>'.repeat(3000)}${'</rdf:li>'.repeat(3000)}</dc:title>`)],
    ['no XML', 'Rating 4'],
    ['no text', '\xff\xfe<\0x\0/\0>\0'],
  ])('that is %s is left out, and told of', async (_, packet) => {
    const { xmp, losses } = await painted(await photo({ xmp: packet }), 'jpeg');
    expect(xmp).not.toMatch(/Rating|Label|title/);
    expect(losses).toEqual([expect.stringMatching(/XMP cannot be read/)]);
  });

  it('that is too large is left out, and told of', async () => {
    const bytes = await sharp(await photo())
      .withXmp(packetOf('xmp:Rating="4"', `<dc:title>${'a'.repeat(300_000)}</dc:title>`))
      .png()
      .toBuffer();
    expect((await painted(bytes, 'png')).losses).toEqual([expect.stringMatching(/XMP cannot be read/)]);
  });
});

describe('IPTC', () => {
  const iptc = block({
    5: 'Strand',
    25: 'beach',
    80: 'Ann',
    90: 'Nizza',
    116: '© Ann & Bob',
    120: 'Am <Meer>',
  });

  it.each(formats)('comes along into %s, as XMP too', async (format) => {
    const { xmp, iptc: found } = await painted(await photo({ iptc }), format);
    expect(xmp).toMatch(/<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Strand</);
    expect(xmp).toMatch(/<dc:subject><rdf:Bag><rdf:li>beach</);
    expect(xmp).toMatch(/<dc:creator><rdf:Seq><rdf:li>Ann</);
    expect(xmp).toContain('© Ann &amp; Bob');
    expect(xmp).toContain('Am &lt;Meer&gt;');
    expect(xmp).toContain('>Nizza</');
    if (format === 'jpeg') expect(found!.includes('Strand')).toBe(true);
  });

  it('says nothing about places where that is not wanted', async () => {
    const { xmp, iptc: found } = await painted(await photo({ iptc }), 'jpeg', true);
    expect(found!.includes('Strand')).toBe(true);
    expect(found!.includes('Nizza')).toBe(false);
    expect(xmp).not.toContain('Nizza');
  });

  it('gives way to XMP where both say something', async () => {
    const { xmp } = await painted(await photo({ iptc, xmp: describing }), 'webp');
    expect(xmp.match(/<dc:subject>/g)).toHaveLength(1);
    expect(xmp).toContain('Strand');
  });

  it('that is cut anywhere harms nothing', async () => {
    for (let length = 0; length < iptc.length; length++)
      await readPhotoMetadata({ path: 'x', bytes: await photo({ iptc: iptc.subarray(0, length) }) }, false);
  });
});

describe('when a photo was taken', () => {
  const taken = async (exif: Record<string, string>, format: OutputFormat) => {
    const create = { width: 40, height: 40, channels: 3, background: 'teal' } as const;
    const bytes = await sharp({ create }).withExif({ IFD2: exif }).toFormat(format).toBuffer();
    return photoTakenAt({ path: 'photo', bytes });
  };
  // Sharp writes no EXIF into TIFF.
  it.each(formats.filter((format) => format !== 'tiff'))('is read from a %s', async (format) => {
    expect(await taken({ DateTimeOriginal: '2024:07:14 18:33:02' }, format)).toBe('2024-07-14T18:33:02');
  });
  it('is unknown where a camera had no clock, or says nothing', async () => {
    for (const DateTimeOriginal of ['0000:00:00 00:00:00', '2024:13:01 10:00:00', '    :  :     :  :  ', 'x'])
      expect(await taken({ DateTimeOriginal }, 'jpeg')).toBeUndefined();
    expect(await taken({ LensModel: 'long' }, 'jpeg')).toBeUndefined();
  });
});
