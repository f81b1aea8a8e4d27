import { expect, it } from 'vitest';
import type { Engine, Image } from '../../src/engine/engine.js';
import { StatisticsCache } from '../../src/transfer/statistics.js';

/** An engine that only counts what it is asked for; the mean tells the image. */
function counting() {
  const seen: number[] = [];
  const features = async ({ data }: Image) => {
    seen.push(data[0]);
    const relu1_1 = { mean: Float32Array.of(data[0]), second: Float32Array.of(0) };
    return { content: {}, style: { relu1_1 } };
  };
  return { seen, engine: { features } as unknown as Engine };
}

const image = (value: number, width = 2, height = 1): Image => ({
  data: new Float32Array(3 * width * height).fill(value),
  width,
  height,
});

it('measures a picture once, and again at another size', async () => {
  const { seen, engine } = counting();
  const cache = new StatisticsCache();
  for (const value of [1, 2, 1, 2])
    expect((await cache.of(image(value), engine)).relu1_1.mean[0]).toBe(value);
  expect(seen).toEqual([1, 2]);
  // As many pixels of the same color, in another shape.
  await cache.of(image(1, 1, 2), engine);
  expect(seen).toEqual([1, 2, 1]);
});

it('forgets what was not needed for longest', async () => {
  const { seen, engine } = counting();
  const cache = new StatisticsCache();
  for (let value = 0; value < 16; value++) await cache.of(image(value), engine);
  await cache.of(image(0), engine);
  await cache.of(image(16), engine);
  expect(seen).toHaveLength(17);
  await cache.of(image(0), engine);
  expect(seen).toHaveLength(17);
  await cache.of(image(1), engine);
  expect(seen).toHaveLength(18);
});
