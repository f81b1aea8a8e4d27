/** Flow and warping beside pictures whose motion is known. */
import { describe, expect, it } from 'vitest';
import { type Flow, loadFlow, reliable } from '../../src/image/flow.js';
import type { Picture } from '../../src/image/picture.js';

const [width, height] = [96, 64];

/** Waves in several directions, moved by so many pixels. */
function texture(dx: number, dy: number): Picture {
  const data = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const x = (i % width) - dx;
    const y = (Math.floor(i / width) % height) - dy;
    return (
      128 +
      40 * Math.sin(0.31 * x + 0.17 * y) +
      40 * Math.sin(0.23 * y - 0.13 * x + 1) +
      20 * Math.cos(0.45 * x)
    );
  });
  return { data, width, height };
}

const evenFlow = (dx: number, dy: number): Flow => ({
  width,
  height,
  x: new Float32Array(width * height).fill(dx),
  y: new Float32Array(width * height).fill(dy),
});

/** Calls `look` for the pixels at least 12 from an edge, and returns the mean. */
function inside(look: (i: number) => number): number {
  const values: number[] = [];
  for (let y = 12; y < height - 12; y++)
    for (let x = 12; x < width - 12; x++) values.push(look(y * width + x));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('optical flow', () => {
  it.each([
    [3, -2],
    [0.5, 1.25],
    [-6, 0],
  ])('finds that a picture moved by %d, %d', async (dx, dy) => {
    const flow = (await loadFlow())!.between(texture(0, 0), texture(dx, dy));
    expect(inside((i) => Math.hypot(flow.x[i] - dx, flow.y[i] - dy))).toBeLessThan(0.15);
  });

  it.each([
    [2, 1],
    [1.5, -0.25],
  ])('warps a picture by %d, %d as its formula says', async (dx, dy) => {
    const moved = (await loadFlow())!.warp(texture(0, 0), evenFlow(dx, dy));
    const wanted = texture(-dx, -dy);
    expect(inside((i) => Math.abs(moved.data[i] - wanted.data[i]))).toBeLessThan(0.2);
  });

  it('leaves errors of the process to the program', async () => {
    const before = process.listenerCount('uncaughtException');
    await loadFlow();
    expect(process.listenerCount('uncaughtException')).toBe(before);
  });
});

describe('reliable', () => {
  it('does not trust what was beyond the edge', () => {
    const trusted = reliable(evenFlow(-5, 0), evenFlow(5, 0));
    expect([...trusted.subarray(0, width)]).toEqual([...Array(5).fill(0), ...Array(width - 5).fill(1)]);
  });

  it('does not trust what was hidden, nor the outline of what moves', () => {
    // A square moved by 8 to the right over a still ground, from 20 to 28.
    const [back, forth] = [evenFlow(0, 0), evenFlow(0, 0)];
    for (let y = 20; y < 40; y++)
      for (let x = 0; x < 20; x++) {
        forth.x[y * width + 20 + x] = 8;
        back.x[y * width + 28 + x] = -8;
      }
    const row = reliable(back, forth).subarray(30 * width, 31 * width);
    expect([...row.subarray(20, 28)]).toEqual(Array(8).fill(0));
    expect([...row.subarray(28, 47)]).toEqual(Array(19).fill(1));
    expect(row[47]).toBe(0);
    expect([...row.subarray(48)]).toEqual(Array(width - 48).fill(1));
    expect([...row.subarray(0, 19)]).toEqual(Array(19).fill(1));
  });
});
