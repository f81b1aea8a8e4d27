/**
 * What mars a painting, measured without anything to compare it with: numbers for a table, and for tests. They point
 * to where an eye should look, and do not replace it.
 */
import { lumaOf } from './luma.js';
import type { Picture } from './picture.js';

export interface Flaws {
  /** Lone pixels far lighter or darker than all around them: how many in a million. */
  specks: number;
  /** How much one of the four edges differs in color from what lies next to it, at most, in grey levels. */
  rim: number;
  /** Share of the pixels with a channel at 0 or 255, where shades are lost. */
  clipped: number;
}

/** Grey levels between a speck and its surroundings. */
const speckContrast = 48;

/** A speck is a pixel or two; a line through 5×5 pixels has five. */
const largestSpeck = 2;

/** The outermost pixels, and those next to them. */
const rimWidth = 2;
const besideWidth = 6;

export function findFlaws(picture: Picture): Flaws {
  return { specks: specks(picture), rim: rim(picture), clipped: clipped(picture) };
}

function specks({ data, width, height }: Picture): number {
  const plane = width * height;
  const luma = Float32Array.from({ length: plane }, (_, i) =>
    lumaOf(data[i], data[plane + i], data[2 * plane + i]),
  );
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = luma[y * width + x];
      const around: number[] = [];
      for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++)
        for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u++)
          around.push(luma[v * width + u]);
      const alike = around.filter((value) => Math.abs(value - own) <= speckContrast / 2).length;
      if (alike > largestSpeck) continue;
      around.sort((a, b) => a - b);
      if (Math.abs(own - around[around.length >> 1]) > speckContrast) count++;
    }
  }
  return (1e6 * count) / plane;
}

/** Each edge by its mean color: what is in the picture there evens out, a rim does not. */
function rim(picture: Picture): number {
  const { width, height } = picture;
  const sides = [
    (from: number, to: number) => mean(picture, 0, width, from, to),
    (from: number, to: number) => mean(picture, 0, width, height - to, height - from),
    (from: number, to: number) => mean(picture, from, to, 0, height),
    (from: number, to: number) => mean(picture, width - to, width - from, 0, height),
  ];
  return Math.max(
    ...sides.map((side) => {
      const outer = side(0, rimWidth);
      const inner = side(rimWidth, rimWidth + besideWidth);
      return Math.max(...outer.map((value, c) => Math.abs(value - inner[c])));
    }),
  );
}

/** Mean red, green and blue of a part: columns from left to right, rows from top to bottom. */
function mean(
  { data, width, height }: Picture,
  left: number,
  right: number,
  top: number,
  bottom: number,
): number[] {
  return [0, 1, 2].map((c) => {
    let sum = 0;
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) sum += data[(c * height + y) * width + x];
    return sum / ((right - left) * (bottom - top));
  });
}

function clipped({ data, width, height }: Picture): number {
  const plane = width * height;
  let count = 0;
  for (let i = 0; i < plane; i++)
    if ([0, 1, 2].some((c) => data[c * plane + i] <= 0 || data[c * plane + i] >= 255)) count++;
  return count / plane;
}
