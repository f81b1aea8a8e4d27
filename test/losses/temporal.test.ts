import { expect, it } from 'vitest';
import { addTemporal } from '../../src/losses/temporal.js';

const painting = Float32Array.of(10, 20, 30, 40, 50, 60);
const still = Float32Array.of(1, 0.25);
const image = Float32Array.of(12, 16, 30, 40, 47, 68);

it('is the mean of the squared differences, each as much as its pixel is still', () => {
  // Channels of two pixels: 2² + 0.25 · 4², 0, 3² + 0.25 · 8².
  expect(addTemporal(image, { painting, still }, 2, new Float32Array(6))).toBeCloseTo(
    (4 + 4 + 9 + 16) / 6,
    5,
  );
});

it('adds the gradient that differences of the loss have', () => {
  const weight = 3;
  const gradient = new Float32Array(6).fill(1);
  addTemporal(image, { painting, still }, weight, gradient);
  const lossAt = (values: Float32Array) =>
    weight * addTemporal(values, { painting, still }, weight, new Float32Array(6));
  for (let i = 0; i < image.length; i++) {
    const [less, more] = [-0.5, 0.5].map((step) => lossAt(image.with(i, image[i] + step)));
    expect(gradient[i] - 1).toBeCloseTo(more - less, 4);
  }
});
