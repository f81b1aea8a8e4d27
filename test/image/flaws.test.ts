/** Pictures with flaws that were put there, and without. */
import { expect, it } from 'vitest';
import { findFlaws } from '../../src/image/flaws.js';
import type { Picture } from '../../src/image/picture.js';

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
