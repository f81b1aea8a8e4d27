/** Pictures with flaws that were put there, and without. */
import { expect, it } from 'vitest';
import { findFlaws } from '../../src/image/flaws.js';
import type { Picture } from '../../src/image/picture.js';
import { add, strokes } from './textures.js';

const width = 60;
const height = 40;
const plane = width * height;

/** A soft slope with a dark line and a hard edge across it, as paintings have them: none of these is a flaw. */
function soft(): Picture {
  const data = Float32Array.from({ length: 3 * plane }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    if (y === Math.floor(x / 2) + 5) return 20;
    return x > 40 ? 210 : 90 + x / 2;
  });
  return { data, width, height };
}

function paint(
  picture: Picture,
  color: readonly number[],
  where: (x: number, y: number) => boolean,
): Picture {
  const data = picture.data.map((value, i) =>
    where(i % width, Math.floor(i / width) % height) ? color[Math.floor(i / plane)] : value,
  );
  return { ...picture, data };
}

it('finds nothing in a sound picture', () => {
  const { specks, rim, clipped } = findFlaws(soft());
  expect(specks).toBe(0);
  expect(clipped).toBe(0);
  // The line meets the edge once or twice, no more.
  expect(rim).toBeLessThan(6);
});

it('counts specks, dark and light, at the edge and in the corner too', () => {
  const places = [
    [10, 30],
    [20, 2],
    [0, 0],
    [50, 20],
  ];
  const black = paint(soft(), [0, 0, 0], (x, y) => places.some(([u, v]) => x === u && y === v));
  expect(findFlaws(black).specks).toBeCloseTo((1e6 * places.length) / plane);
  const white = paint(soft(), [255, 255, 255], (x, y) => x === 10 && y === 30);
  expect(findFlaws(white).specks).toBeCloseTo(1e6 / plane);
  // A spot of 3×3 is a stroke.
  const spot = paint(soft(), [0, 0, 0], (x, y) => Math.abs(x - 15) <= 1 && Math.abs(y - 30) <= 1);
  expect(findFlaws(spot).specks).toBe(0);
});

it.each([
  ['top', (_: number, y: number) => y < 2],
  ['bottom', (_: number, y: number) => y >= height - 2],
  ['left', (x: number) => x < 2],
  ['right', (x: number) => x >= width - 2],
])('sees a rim at the %s, of luma or of color alone', (_, where) => {
  const darker = {
    ...soft(),
    data: soft().data.map((value, i) =>
      where(i % width, Math.floor(i / width) % height) ? value - 30 : value,
    ),
  };
  expect(findFlaws(darker).rim).toBeGreaterThan(24);
  const { data } = soft();
  const redder = data.map((value, i) =>
    i < plane && where(i % width, Math.floor(i / width)) ? value + 20 : value,
  );
  expect(findFlaws({ data: redder, width, height }).rim).toBeGreaterThan(15);
});

it('tells the share of pixels that lose shades, values outside the range included', () => {
  const half = paint(soft(), [255, 100, 100], (x) => x < width / 2);
  expect(findFlaws(half).clipped).toBeCloseTo(0.5);
  const beyond = paint(soft(), [100, -20, 100], (x) => x < width / 4);
  expect(findFlaws(beyond).clipped).toBeCloseTo(0.25);
});

const style = strokes(160, 120, 2);
const sound = strokes(160, 120, 1);
const photo = { ...sound, data: sound.data.map(() => 90) };
const textureOf = (picture: Picture) => findFlaws(picture, { style, photo });
const wave = (x: number, wavelength: number) => Math.sin((2 * Math.PI * x) / wavelength);

it('finds no weave, no worms, no fringes and nothing crushed in strokes like the style’s', () => {
  const { weave, worms, fringes, crushed } = textureOf(sound);
  expect(weave).toBeGreaterThan(0.8);
  expect(weave).toBeLessThan(1.3);
  expect(worms).toBeLessThan(0.06);
  expect(fringes).toBeGreaterThan(0.8);
  expect(fringes).toBeLessThan(1.2);
  expect(crushed).toBe(0);
});

it('leaves out what it has nothing to measure beside', () => {
  const { weave, worms, fringes, crushed } = findFlaws(sound);
  expect(weave).toBe(textureOf(sound).weave);
  expect([worms, fringes, crushed]).toEqual([undefined, undefined, undefined]);
  expect(findFlaws(sound, { style }).worms).toBe(textureOf(sound).worms);
  expect(findFlaws(sound, { style }).crushed).toBeUndefined();
});

it('sees a weave, of threads across or down, and not the same lines aslant', () => {
  const before = textureOf(sound).weave;
  const cloth = add(sound, (x, y) => 5 * (wave(x, 3) + wave(y, 3)));
  expect(textureOf(cloth).weave).toBeGreaterThan(2 * before);
  expect(textureOf(add(sound, (_, y) => 7 * wave(y, 3.2))).weave).toBeGreaterThan(2 * before);
  expect(textureOf(add(sound, (x, y) => 7 * wave(0.6 * x + 0.8 * y, 3))).weave).toBeLessThan(before);
  // What is flat has no direction.
  expect(findFlaws(photo).weave).toBeCloseTo(1);
});

it('tells how much worms cover, beyond what the style has of them', () => {
  const worms = (x: number, y: number) => 12 * wave(x + 4 * wave(y, 23) + 0.5 * y, 4);
  const half = { ...sound, data: sound.data.map((v, i) => (i % 160 < 80 ? 120 : v)) };
  const wormy = add(half, (x, y) => (x < 80 ? worms(x, y) : 0));
  expect(textureOf(wormy).worms).toBeGreaterThan(0.4);
  expect(textureOf(wormy).worms).toBeLessThan(0.55);
  // A flat half has none, nor has a painting of what is wormy itself.
  expect(textureOf(half).worms).toBeLessThan(0.02);
  expect(findFlaws(wormy, { style: wormy }).worms).toBe(0);
});

it('sees rainbows that the style does not have', () => {
  const before = textureOf(sound).fringes!;
  // Red against green, at the same luma.
  const fringed = add(sound, (x, y, c) => [20, (-20 * 0.299) / 0.587, 0][c] * wave(x + y, 14));
  expect(textureOf(fringed).fringes).toBeGreaterThan(1.5 * before);
  expect(findFlaws(fringed, { style: fringed }).fringes).toBe(1);
  // Lines of luma are none.
  expect(textureOf(add(sound, (x, y) => 20 * wave(x + y, 14))).fringes).toBeLessThan(before);
});

it('tells how much is crushed to black, beyond what photo or style has of it', () => {
  const blacken = (picture: Picture, to: number) => ({
    ...picture,
    data: picture.data.map((value, i) => (i % 160 < to ? 5 : value)),
  });
  const dark = blacken(sound, 40);
  expect(textureOf(dark).crushed).toBeCloseTo(0.25);
  expect(findFlaws(dark, { style, photo: blacken(photo, 24) }).crushed).toBeCloseTo(0.1);
  expect(findFlaws(dark, { style: blacken(style, 60), photo }).crushed).toBe(0);
  // Dark red is a color.
  const red = add(dark, (x, _, c) => (x < 40 && c === 0 ? 40 : 0));
  expect(textureOf(red).crushed).toBe(0);
});
