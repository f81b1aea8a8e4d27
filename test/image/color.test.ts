import { describe, expect, it } from 'vitest';
import { matchColors, preserveColors } from '../../src/image/color.js';
import { decode } from '../../src/image/decode.js';
import type { Picture } from '../../src/image/picture.js';
import { fixture, picture } from '../reference.js';

const difference = (a: Picture, b: Picture) => a.data.map((value, i) => Math.abs(value - b.data[i]));
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Mean of each channel, and covariance of each pair. */
function statistics({ data, width, height }: Picture): number[] {
  const plane = width * height;
  const channels = [0, 1, 2].map((c) => data.subarray(c * plane, (c + 1) * plane));
  const means = channels.map(mean);
  const pairs = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b]));
  const covariance = ([a, b]: number[]) =>
    mean(channels[a].map((value, i) => (value - means[a]) * (channels[b][i] - means[b])));
  return [...means, ...pairs.map(covariance)];
}

it('resizes within half a grey level of Pillow, as the ancestor does', async () => {
  const ours = await decode(fixture('content-96x64.png'), { width: 57 });
  const theirs = await picture('content-57x38-pillow.png');
  expect([ours.width, ours.height]).toEqual([57, 38]);
  expect(mean(difference(ours, theirs))).toBeLessThan(0.5);
});

describe('preserveColors', () => {
  it("gives what the ancestor's steps give with Pillow, but for their rounding", async () => {
    const [painting, photo] = [
      await picture('initial-odd-75x53.png'),
      await picture('content-odd-75x53.png'),
    ];
    const ours = preserveColors(painting, photo);
    const theirs = await picture('preserved-odd-75x53-pillow.png');
    // Pillow cuts off fractions of luma and chroma, which darkens red and blue by two levels, green by one.
    const plane = ours.width * ours.height;
    for (let c = 0; c < 3; c++) {
      const apart = Array.from(
        { length: plane },
        (_, i) => ours.data[c * plane + i] - theirs.data[c * plane + i],
      );
      const bias = mean(apart);
      expect(Math.abs(bias)).toBeLessThan(2);
      expect(mean(apart.map((value) => Math.abs(value - bias)))).toBeLessThan(0.7);
    }
  });
});

describe('matchColors', () => {
  it("gives a style the photo's mean and covariance", async () => {
    const [style, photo] = [await picture('style-a-80x72.png'), await picture('content-96x64.png')];
    const [got, wanted] = [statistics(matchColors(style, photo)), statistics(photo)];
    for (const [i, value] of got.entries())
      expect(Math.abs(value - wanted[i])).toBeLessThan(1e-3 * Math.abs(wanted[i]) + 0.01);
  });

  it('copes with pictures of one color', () => {
    const plain = (value: number): Picture => ({
      data: new Float32Array(3 * 64).fill(value),
      width: 8,
      height: 8,
    });
    const matched = matchColors(plain(200), plain(90));
    expect(mean(difference(matched, plain(90)))).toBeLessThan(1e-3);
  });
});
