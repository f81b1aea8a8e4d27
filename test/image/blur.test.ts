/** What a Gaussian must do: keep the sum, spread by its variance, and leave what is flat as it is. */
import { expect, it } from 'vitest';
import { blur } from '../../src/image/blur.js';

const width = 31;
const height = 21;

it('spreads a point by its variance, the same in both directions', () => {
  const point = new Float32Array(width * height);
  point[10 * width + 15] = 100;
  const spread = blur(point, width, height, 2);
  let [sum, across, down] = [0, 0, 0];
  spread.forEach((value, i) => {
    sum += value;
    across += value * ((i % width) - 15) ** 2;
    down += value * (Math.floor(i / width) - 10) ** 2;
  });
  expect(sum).toBeCloseTo(100, 3);
  // A little less than 4, as its ends are cut off.
  expect(across / sum).toBeGreaterThan(3.9);
  expect(across / sum).toBeLessThan(4);
  expect(down / sum).toBeCloseTo(across / sum, 5);
});

it('leaves what is flat as it is, up to the edges', () => {
  const blurred = blur(new Float32Array(width * height).fill(70), width, height, 5);
  for (const value of blurred) expect(value).toBeCloseTo(70, 4);
});
