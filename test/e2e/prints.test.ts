/** Paintings for prints: their size, how it is told, and what their files say. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, eventsOf, newFolder, shallow, start, tiny, wave } from './program.js';

let folder: string;
beforeAll(async () => {
  folder = await newFolder();
});
afterAll(() => rm(folder, { recursive: true }));

/** `tiny` without its size. */
const quick = [...tiny.slice(2), ...shallow, '--style', wave];

it('paints a print at its size in pixels, and writes its density into the file', async () => {
  const photo = join(folder, 'photo.jpg');
  const exif = { IFD0: { Make: 'Acme', XResolution: '72/1', YResolution: '72/1' } };
  await writeFile(photo, await sharp(cat).resize(80).withExif(exif).jpeg().toBuffer());
  for (const name of ['print.jpg', 'print.png']) {
    const output = join(folder, name);
    const { stdout, stderr, exitCode } = await start(
      ...['run', photo, '-o', output, ...quick, '--print-size', '10x20mm@127', '--json'],
    );
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(eventsOf(stdout).find(({ event }) => event === 'started')).toMatchObject({
      ...{ print: '20 x 10 mm', width: 100, height: 50 },
    });
    const { width, height, density, exif } = await sharp(output).metadata();
    expect({ width, height, density }).toEqual({ width: 100, height: 50, density: 127 });
    expect(String(exif)).toContain('Acme');
    expect((await readProvenance(output)).settings.printSize).toBe('10x20mm@127');
  }
  const again = join(folder, 'again.tif');
  const repeated = await start(
    'run',
    '--from',
    join(folder, 'print.png'),
    '-o',
    again,
    '--threads',
    '1',
    '--no-tui',
  );
  expect(repeated.stdout).toContain('painting 20 × 10 mm, 100×50 into');
  const [first, second] = await Promise.all(
    [join(folder, 'print.png'), again].map((path) => sharp(path).raw().toBuffer()),
  );
  expect(second.equals(first)).toBe(true);
  expect((await sharp(again).metadata()).density).toBe(127);
});

it('says what a size of a print looks like, and that it excludes others', async () => {
  const wrong = await start('run', cat, ...quick, '--print-size', 'a4');
  expect(wrong.stderr).toMatch(/--print-size a4: expected a size such as 10x15cm/);
  const both = await start('run', cat, ...quick, '--print-size', '10x15cm', '--width', '200');
  expect(both.stderr).toMatch(/--width and --print-size exclude each other/);
});
