import { expect, it } from 'vitest';
import { recolor } from '../../src/transfer/start.js';
import { picture } from '../reference.js';

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

it("begins in the styles' colors, by their blend weights", async () => {
  const photo = await picture('content-96x64.png');
  const [a, b] = [await picture('style-a-80x72.png'), await picture('style-b-64x88.png')];
  const plane = photo.width * photo.height;
  const channel = ({ data, width, height }: typeof photo, c: number) =>
    mean(data.subarray(c * width * height, (c + 1) * width * height));
  const mixed = recolor(photo, [a, b], [0.25, 0.75]);
  expect(mixed.data).toHaveLength(3 * plane);
  for (const c of [0, 1, 2]) {
    expect(channel(recolor(photo, [a], [1]), c)).toBeCloseTo(channel(a, c), 1);
    expect(channel(mixed, c)).toBeCloseTo(0.25 * channel(a, c) + 0.75 * channel(b, c), 1);
  }
});
