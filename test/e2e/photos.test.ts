/** Photos as people have them: odd heads, odd numbers, odd names, and what they say about themselves. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, newFolder, shallow, starry, start, tiny } from './program.js';

it('paints what can be decoded, tells what is odd, and passes over nothing in silence', async () => {
  const inbox = await newFolder();
  const put = (name: string, bytes: Uint8Array | string) => writeFile(join(inbox, name), bytes);
  const plain = await sharp(cat).resize(120).jpeg().toBuffer();
  const jfif = Buffer.from('ffe000104a46494600020101000100010000', 'hex');
  await put('version.jpg', Buffer.concat([plain.subarray(0, 2), jfif, plain.subarray(2)]));
  await put('browser.jfif', await sharp(cat).resize(100).jpeg().toBuffer());
  await put('cut.jpg', plain.subarray(0, plain.length - 400));
  await put('a.jxl', 'one');
  await mkdir(join(inbox, 'trip'));
  await put('trip/b.jxl', 'two');
  const described = await sharp(cat)
    .resize(110)
    .withExif({ IFD0: { Make: 'Acme' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
    .withXmp(
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmp:Rating="4" photoshop:City="London"/></rdf:RDF></x:xmpmeta>',
    )
    .jpeg()
    .toBuffer();
  await put('rated.jpg', described);
  const watch = (...more: string[]) =>
    start('watch', inbox, '--once', '--recursive', '--styles', starry, ...tiny, ...shallow, ...more);
  const { stdout, stderr } = await watch('--no-tui');
  const told = stdout + stderr;
  for (const name of ['version.jpg', 'browser.jfif', 'rated.jpg'])
    expect(told).toMatch(new RegExp(`^${name}: done`, 'm'));
  expect(told).toMatch(/version\.jpg: is painted, although its decoder warns/);
  expect(told).toMatch(/cut\.jpg: failed: .*cut short/);
  expect(told.match(/JPEG XL is not supported/g)).toHaveLength(1);
  const painting = join(inbox, 'stylized', 'rated.jpg');
  const carried = await sharp(painting).metadata();
  expect(String(carried.xmp)).toMatch(/xmp:Rating="4".*photoshop:City="London"/s);
  expect(carried.exif!.includes('Acme')).toBe(true);
  expect((await readProvenance(painting)).iterations).toBe(6);

  const output = join(inbox, 'again.png');
  const again = await start('run', '--from', painting, '--output', output, '--strip-location', '--no-tui');
  expect(again.exitCode).toBe(0);
  const stripped = await sharp(output).metadata();
  expect(String(stripped.xmp)).toContain('xmp:Rating="4"');
  expect((await readFile(output)).includes('London')).toBe(false);
  expect(stripped.exif!.includes(Buffer.of(0x25, 0x88))).toBe(false);
});
