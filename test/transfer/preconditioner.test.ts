import { afterAll, describe, expect, it } from 'vitest';
import { createAlgebra } from '../../src/engine/onnx/algebra.js';
import { loadRuntime } from '../../src/engine/onnx/runtime.js';
import { preconditioner } from '../../src/transfer/preconditioner.js';

const algebra = createAlgebra(() => loadRuntime('cpu'), 1);
afterAll(() => algebra.dispose());

/** P = B Bᵀ: what becomes of a gradient on its way to the step. */
function through(width: number, height: number) {
  const { gradient, step } = preconditioner(algebra, { width, height });
  return async (image: Float32Array) => step(await gradient(image));
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Numbers without a pattern, the same each time. */
const scattered = (length: number, start: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin((i + start) ** 2 * 12.9898));

const grey = [1, 1, 1];

/** A wave of `kx` and `ky` half periods over the picture, [3, H, W], in this color. */
function wave(width: number, height: number, kx: number, ky: number, color = grey): Float32Array {
  const plane = width * height;
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const [x, y] = [i % width, Math.floor((i % plane) / width)];
    const across = Math.cos((Math.PI * (x + 0.5) * kx) / width);
    return color[Math.floor(i / plane)] * across * Math.cos((Math.PI * (y + 0.5) * ky) / height);
  });
}

describe.each([
  [8, 6],
  [7, 5],
  [33, 50],
  [1, 9],
])('preconditioner of %d×%d', (width, height) => {
  const pass = through(width, height);
  const { gradient, step } = preconditioner(algebra, { width, height });
  const length = 3 * width * height;
  const [a, b] = [scattered(length, 1), scattered(length, 200)];

  it('is linear, and one way is the transpose of the other', async () => {
    expect(dot(a, await gradient(b))).toBeCloseTo(dot(await step(a), b), 3);
    const both = await step(a.map((value, i) => 2 * value + b[i]));
    const [ofA, ofB] = [await step(a), await step(b)];
    for (const [i, value] of both.entries()) expect(value).toBeCloseTo(2 * ofA[i] + ofB[i], 3);
  });

  it('is symmetric and positive: no wave is lost, and none passed on more than the broadest', async () => {
    expect(dot(a, await pass(b))).toBeCloseTo(dot(await pass(a), b), 2);
    for (const start of [0, 50, 1000]) {
      const image = scattered(length, start);
      const share = dot(image, await pass(image)) / dot(image, image);
      // 0.4 for colors, and the finest wave of all, along the diagonal, has a frequency of √½.
      expect(share).toBeGreaterThan(0.4 * Math.SQRT1_2);
      expect(share).toBeLessThan(Math.max(width, height));
    }
  });

  it.each([
    [0, 0],
    [1, 0],
    [2, 3],
    [width - 1, height - 1],
  ])('passes every wave on as it is, by its frequency: %d, %d', async (kx, ky) => {
    const [x, y] = [kx % width, ky % height];
    const image = wave(width, height, x, y);
    const frequency = Math.hypot(x / (2 * width), y / (2 * height));
    const gain = Math.min(0.5 / frequency, Math.max(width, height));
    for (const [i, value] of (await pass(image)).entries()) expect(value).toBeCloseTo(gain * image[i], 3);
  });
});

async function gain(width: number, height: number, kx: number, ky: number, color = grey): Promise<number> {
  const image = wave(width, height, kx, ky, color);
  return dot(image, await through(width, height)(image)) / dot(image, image);
}

it('passes waves on in inverse proportion to their frequency, grain as it is', async () => {
  for (const k of [1, 2, 4, 16, 64]) expect(await gain(64, 128, 0, k)).toBeCloseTo(128 / k, 2);
  expect(await gain(64, 128, 0, 0)).toBeCloseTo(128, 2);
  expect(await gain(64, 128, 0, 127)).toBeCloseTo(1, 1);
});

it('passes the same frequency on alike along rows, along columns and aslant', async () => {
  // 29 along either side is 41 along the diagonal, but for a hair; 3, 4 and 5 are known.
  for (const [kx, ky, k] of [
    [29, 29, 41],
    [15, 20, 25],
    [40, 30, 50],
  ]) {
    const aslant = await gain(100, 100, kx, ky);
    expect((await gain(100, 100, k, 0)) / aslant).toBeCloseTo(1, 2);
    expect((await gain(100, 100, 0, k)) / aslant).toBeCloseTo(1, 2);
    // The same in cycles a pixel, where the sides differ.
    expect((await gain(200, 100, 2 * kx, ky)) / aslant).toBeCloseTo(1, 2);
  }
});

it('spreads a speck as a disk, with no rows or columns', async () => {
  const [size, middle] = [101, 50];
  const speck = Float32Array.from({ length: 3 * size * size }, (_, i) => {
    const [x, y] = [(i % size) - middle, (Math.floor(i / size) % size) - middle];
    return Math.exp(-(x * x + y * y) / 2);
  });
  const spread = await through(size, size)(speck);
  const at = (x: number, y: number) => spread[(middle + y) * size + middle + x];
  for (const [x, y] of [
    [3, 4],
    [-6, 8],
    [-5, -12],
  ]) {
    const distance = Math.hypot(x, y);
    expect(Math.abs(at(x, y) / at(distance, 0) - 1)).toBeLessThan(0.02);
    expect(at(0, -distance) / at(distance, 0)).toBeCloseTo(1, 4);
  }
});

it('passes differences between colors on 0.4 times as much as grey', async () => {
  const whole = await gain(30, 20, 7, 3);
  for (const color of [
    [1, -1, 0],
    [1, 1, -2],
  ])
    expect((await gain(30, 20, 7, 3, color)) / whole).toBeCloseTo(0.4, 4);
});
