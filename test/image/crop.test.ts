/** The part of a photo for a print: where it lies, and that everything else of the painting agrees with it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRecipe } from '../../src/app/recipe.js';
import { checkPicture, cropWithin, decode } from '../../src/image/decode.js';
import { hashOf, readPictureFile } from '../../src/image/file.js';
import type { Picture } from '../../src/image/picture.js';
import { readInputs } from '../../src/render/inputs.js';
import { parseSettings } from '../../src/settings/settings.js';
import { wave } from '../e2e/program.js';

const [width, height] = [360, 120];
/** A red square on gray: what there is to see. */
const square = { left: 260, top: 40, width: 40, height: 40 };
const svg = (background: string, color: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${background}"/><rect x="${square.left}" y="${square.top}" width="40" height="40" fill="${color}"/></svg>`,
  );

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crop-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(name: string, bytes: Promise<Buffer>) {
  await writeFile(join(folder, name), await bytes);
  return readPictureFile(join(folder, name));
}

/** The mean position of the pixels for which a function holds, in pixels. */
function centerOf({ width, height }: { width: number; height: number }, holds: (i: number) => boolean) {
  let [x, y, n] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    if (!holds(i)) continue;
    x += i % width;
    y += Math.floor(i / width);
    n++;
  }
  return { x: x / n, y: y / n, n };
}

const isRed =
  ({ data, width, height }: Picture) =>
  (i: number) =>
    data[i] - data[i + width * height] > 100;

describe('the part of a photo for a print', () => {
  const print = { width: 64, height: 96 };

  it('has the shape of the paper, turned like the photo, and what there is to see', async () => {
    const file = await put('photo.png', sharp(svg('gray', 'red')).png().toBuffer());
    expect(await checkPicture(file, { print })).toEqual({ width: 96, height: 64 });
    const { whole, part } = (await cropWithin(file, { print }))!;
    expect(whole).toEqual({ width, height });
    expect(part).toMatchObject({ top: 0, width: 180, height: 120 });
    expect(part.left).toBeLessThanOrEqual(square.left);
    expect(part.left + part.width).toBeGreaterThanOrEqual(square.left + square.width);
    const picture = await decode(file, { print });
    expect([picture.width, picture.height]).toEqual([96, 64]);
    expect(centerOf(picture, isRed(picture)).n / (96 * 64)).toBeCloseTo((40 * 40) / (180 * 120), 2);
  });

  it('is upright whatever the orientation that the camera noted', async () => {
    const turned = sharp(svg('gray', 'red')).rotate(90).withMetadata({ orientation: 8 }).png();
    const { whole, part } = (await cropWithin(await put('turned.png', turned.toBuffer()), { print }))!;
    expect(whole).toEqual({ width, height });
    expect(part.left).toBeLessThanOrEqual(square.left);
    expect(part.left + part.width).toBeGreaterThanOrEqual(square.left + square.width);
  });

  it('is all of a photo that has the shape of the paper', async () => {
    const file = await put(
      'fits.png',
      sharp(svg('gray', 'red')).resize(60, 90, { fit: 'fill' }).png().toBuffer(),
    );
    expect((await cropWithin(file, { print }))!.part).toEqual({ left: 0, top: 0, width: 60, height: 90 });
  });
});

it('cuts the same part out of masks and start pictures', async () => {
  const photo = await put('photo.png', sharp(svg('gray', 'red')).png().toBuffer());
  const mask = await put('mask.png', sharp(svg('black', 'white')).resize(180, 60).png().toBuffer());
  const initial = await put('initial.png', sharp(svg('blue', 'red')).resize(720, 240).png().toBuffer());
  const given = {
    printSize: '8x12in@8',
    bleed: 0,
    styles: [wave],
    masks: [mask.path],
    initial: initial.path,
  };
  const recipe = await makeRecipe(parseSettings(given, 'test'));
  expect(recipe.files[mask.path]).toBe(hashOf(mask));
  const inputs = await readInputs(photo, recipe, { width: 96, height: 64 }, [0, 0, 0]);
  const { content, masks } = inputs;
  const center = centerOf(content, isRed(content));
  const ofMask = centerOf(masks![0], (i) => masks![0].data[i] > 0.5);
  const ofStart = centerOf(inputs.detail!, isRed(inputs.detail!));
  for (const other of [ofMask, ofStart]) {
    expect(Math.abs(other.x - center.x)).toBeLessThan(1);
    expect(Math.abs(other.y - center.y)).toBeLessThan(1);
    expect(other.n / center.n).toBeGreaterThan(0.8);
  }
});
