import { describe, expect, it } from 'vitest';
import { preconditioner } from '../../src/transfer/preconditioner.js';

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Numbers without a pattern, the same each time. */
const scattered = (length: number, start: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin((i + start) ** 2 * 12.9898));

describe.each([
  [8, 6],
  [7, 5],
  [33, 50],
  [1, 9],
])('preconditioner of %d×%d', (width, height) => {
  const shape = preconditioner({ width, height });
  const length = 3 * width * height;

  it('is linear and symmetric', () => {
    const [a, b] = [scattered(length, 1), scattered(length, 200)];
    expect(dot(a, shape(b))).toBeCloseTo(dot(shape(a), b), 3);
    const both = shape(a.map((value, i) => 2 * value + b[i]));
    const [ofA, ofB] = [shape(a), shape(b)];
    for (const [i, value] of both.entries()) expect(value).toBeCloseTo(2 * ofA[i] + ofB[i], 3);
  });

  it('is positive: never less than what comes in', () => {
    for (const start of [0, 50, 1000]) {
      const a = scattered(length, start);
      expect(dot(a, shape(a))).toBeGreaterThanOrEqual(dot(a, a) * 0.9999);
    }
  });

  it('keeps colors apart', () => {
    const green = scattered(length, 3).map((value, i) =>
      Math.floor(i / (width * height)) === 1 ? value : 0,
    );
    const shaped = shape(green);
    expect(dot(shaped.subarray(0, width * height), shaped.subarray(0, width * height))).toBe(0);
    expect(shaped.subarray(2 * width * height).every((value) => value === 0)).toBe(true);
  });
});

/** How much a wave of `kx` and `ky` half periods over the picture is passed on, by its own cosine transform. */
function gain(width: number, height: number, kx: number, ky: number): number {
  const wave = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const across = Math.cos((Math.PI * (x + 0.5) * kx) / width);
      wave[y * width + x] = across * Math.cos((Math.PI * (y + 0.5) * ky) / height);
    }
  }
  return dot(wave, preconditioner({ width, height })(wave)) / dot(wave, wave);
}

it('passes waves on in inverse proportion to their frequency, grain as it is', () => {
  const gains = [64, 32, 16, 8, 4, 2].map((k) => gain(128, 128, k, 0));
  expect(gains[0]).toBeCloseTo(1, 1);
  for (let i = 1; i < gains.length; i++) {
    const ratio = gains[i] / gains[i - 1];
    expect(ratio).toBeGreaterThan(1.5);
    expect(ratio).toBeLessThan(2.1);
  }
  expect(gain(128, 128, 127, 127)).toBeCloseTo(1, 2);
  expect(gain(128, 128, 0, 8)).toBeCloseTo(gain(128, 128, 8, 0), 4);
});
