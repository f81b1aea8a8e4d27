import { expect, it } from 'vitest';
import { addTotalVariation } from '../../src/losses/tv.js';

it('counts total variation and its gradient as mean(dy²) + mean(dx²)', () => {
  const image = { data: Float32Array.of(1, 2, 4, 8, 0, 0, 0, 0, 5, 5, 5, 5), height: 2, width: 2 };
  const gradient = new Float32Array(12);
  // dy: 3, 6 in the first channel; dx: 1, 4; six differences of each kind in all.
  expect(addTotalVariation(image, 2, gradient)).toBeCloseTo((9 + 36) / 6 + (1 + 16) / 6, 10);
  const expected = [(-3 - 1) * 4, (-6 + 1) * 4, (3 - 4) * 4, (6 + 4) * 4].map((value) => value / 6);
  expect([...gradient.subarray(0, 4)].map((v) => v.toFixed(4))).toEqual(expected.map((v) => v.toFixed(4)));
});
