import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { makeRecipe } from '../../src/app/recipe.js';
import { readPictureFile } from '../../src/image/file.js';
import { readInputs } from '../../src/render/inputs.js';
import { readStyle, sizeOfStyle } from '../../src/render/style.js';
import { parseSettings } from '../../src/settings/settings.js';
import { coffee, wave } from '../e2e/program.js';

const waveSize = { width: 720, height: 399 };

/** The Great Wave on a board of another color; 40 pixels at its left, 24 below it. */
async function framed(orientation = 1): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'style-')), 'framed.jpg');
  await sharp(wave)
    .extend({ left: 40, bottom: 24, background: '#c03020' })
    .withMetadata({ orientation })
    .jpeg({ quality: 90 })
    .toFile(path);
  return path;
}

/** Only its width counts here. */
const photo = { width: 400, height: 1, data: new Float32Array(1200) };

const settings = (values: object) => parseSettings(values, 'test');

it('is as wide as the photo times its scale, or of the size that is asked for', async () => {
  const file = await readPictureFile(wave);
  const size = (values: object) => sizeOfStyle(file, settings(values), 1, 400);
  expect(await size({ styleScales: [1, 0.5] })).toEqual({ width: 200, height: 110 });
  expect(await size({ styleSize: 360 })).toEqual({ width: 360, height: 200 });
});

it('is wider than a small photo where it would be too flat for the network', async () => {
  const file = await readPictureFile(wave);
  const size = await sizeOfStyle(file, settings({}), 0, 40);
  expect(size).toEqual({ width: Math.ceil((32 * waveSize.width) / waveSize.height), height: 32 });
  const { style } = await readStyle(file, settings({}), 0, { ...photo, width: 40 });
  expect([style.width, style.height]).toEqual([size.width, size.height]);
});

it('has its frame left out first, so that its width counts without it', async () => {
  const file = await readPictureFile(await framed());
  const {
    style,
    notes: [note],
  } = await readStyle(file, settings({ styleSize: 8192 }), 0, photo);
  expect(note).toMatch(
    /^framed.jpg: an even border at its left and bottom \(4\d and 2\d pixels\) is left out; --keep-frame keeps it.$/,
  );
  expect(style.width).toBeGreaterThan(waveSize.width - 10);
  expect(style.width).toBeLessThanOrEqual(waveSize.width);
  expect(style.height).toBeLessThanOrEqual(waveSize.height);
  // None of the red is left: no picture by Hokusai has any.
  const plane = style.width * style.height;
  const isRed = (i: number) => style.data[i] > style.data[plane + i] + 60;
  expect(Array.from({ length: plane }, (_, i) => i).filter(isRed)).toEqual([]);

  const narrow = await readStyle(file, settings({}), 0, { ...photo, width: 200 });
  expect(narrow.style.width).toBe(200);
  const { width, height } = narrow.style;
  expect(await sizeOfStyle(file, settings({}), 0, 200)).toEqual({ width, height });
  expect(height).toBe(Math.floor((style.height * 200) / style.width));
});

it('keeps its frame where that is asked for', async () => {
  const file = await readPictureFile(await framed());
  const keepFrame = settings({ keepFrame: true, styleSize: 8192 });
  const {
    style,
    notes: [note],
  } = await readStyle(file, keepFrame, 0, photo);
  expect([style.width, style.height, note]).toEqual([760, 423, undefined]);
  expect(await sizeOfStyle(file, keepFrame, 0, 400)).toEqual({ width: 760, height: 423 });
});

it('is turned upright before its frame is found', async () => {
  // Orientation 6: a quarter turn clockwise, so that left becomes top and bottom becomes left.
  const file = await readPictureFile(await framed(6));
  const {
    style,
    notes: [note],
  } = await readStyle(file, settings({ styleSize: 8192 }), 0, photo);
  expect(note).toMatch(/at its left and top \(2\d and 4\d pixels\)/);
  expect(style.height).toBeGreaterThan(waveSize.width - 10);
  expect(style.height).toBeLessThanOrEqual(waveSize.width);
});

it('has a frame found in a large scan, and cut in full', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'style-')), 'large.png');
  await sharp(wave).resize(2000).extend({ right: 100, background: '#f4f1e8' }).toFile(path);
  const file = await readPictureFile(path);
  const { width } = await sizeOfStyle(file, settings({ styleSize: 8192 }), 0, 400);
  expect(width).toBeLessThanOrEqual(2000);
  expect(width).toBeGreaterThan(1970);
});

it('is told with the inputs of a painting, once for each style', async () => {
  const path = await framed();
  const recipe = await makeRecipe(settings({ size: 64, styles: [wave, path] }));
  const photo = await readPictureFile(coffee);
  const { styles, notes } = await readInputs(photo, recipe, { width: 64, height: 43 }, [0, 0, 0]);
  expect(styles.map(({ width }) => width)).toEqual([64, 64]);
  expect(notes).toEqual([expect.stringMatching(/^framed.jpg: an even border/)]);
});
