import { afterAll, expect, it } from 'vitest';
import { createAlgebra } from '../../src/engine/onnx/algebra.js';
import { loadRuntime } from '../../src/engine/onnx/runtime.js';
import { decode } from '../../src/image/decode.js';
import type { Picture } from '../../src/image/picture.js';
import { resize } from '../../src/image/resize.js';
import { enlarge } from '../../src/transfer/enlarge.js';
import { noise } from '../../src/transfer/noise.js';
import { coffee, wave } from '../e2e/program.js';

const algebra = createAlgebra(() => loadRuntime('cpu'), 1);
afterAll(() => algebra.dispose());

const rms = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const minus = (a: Picture, b: Picture) => a.data.map((value, i) => value - b.data[i]);

it('finds the candidate nearest to each row, as plain loops do', async () => {
  const length = 7;
  let state = 1;
  const random = (count: number) =>
    Float32Array.from({ length: count }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    });
  const [rows, candidates] = [random(200 * length), random(50 * length)];
  const distance = (row: number, candidate: number) => {
    let sum = 0;
    for (let k = 0; k < length; k++)
      sum += (rows[row * length + k] - candidates[candidate * length + k]) ** 2;
    return sum;
  };
  const expected = Array.from({ length: 200 }, (_, row) => {
    const distances = Array.from({ length: 50 }, (_, candidate) => distance(row, candidate));
    return distances.indexOf(Math.min(...distances));
  });
  expect([...(await algebra.nearest(rows, candidates, length))]).toEqual(expected);
});

/** Gray, [3, H, W]. */
const drawn = (width: number, height: number, grey: (x: number, y: number) => number): Picture => {
  const plane = width * height;
  const data = Float32Array.from({ length: 3 * plane }, (_, i) =>
    grey(i % width, Math.floor((i % plane) / width)),
  );
  return { width, height, data };
};

it('sharpens edges as they are in the style, by six tenths', async () => {
  const bars = drawn(160, 96, (x) => (x % 8 < 4 ? 60 : 190));
  const small = await resize(bars, 80, 48);
  const plain = await resize(small, 160, 96);
  const enlarged = await enlarge(algebra, small, bars, { styles: [bars], styleScale: 1, shares: [1] });
  expect(rms(minus(bars, enlarged)) / rms(minus(bars, plain))).toBeCloseTo(0.4, 1);
});

it('does not repeat itself over an even sky', async () => {
  const grain = noise(160, 96, [120, 120, 120], 1);
  const rough = { ...grain, data: grain.data.map((value) => 120 + 40 * (value - 120)) };
  const sky = drawn(80, 48, () => 120);
  const size = { width: 160, height: 96 };
  const { data } = await enlarge(algebra, sky, size, { styles: [rough], styleScale: 1, shares: [1] });
  // Patches lie three pixels of the sky apart, six of the enlarged one.
  let [together, alone] = [0, 0];
  for (let y = 0; y < 96; y++)
    for (let x = 0; x < 154; x++) {
      const [here, there] = [data[y * 160 + x] - 120, data[y * 160 + x + 6] - 120];
      together += here * there;
      alone += here * here;
    }
  expect(alone).toBeGreaterThan(0);
  expect(together / alone).toBeLessThan(0.5);
});

it('takes from each style by its share, everywhere or by pixel', async () => {
  const size = { width: 120, height: 80 };
  const painting = await decode(coffee, { width: 60, height: 40 });
  const styles = [await decode(wave, { width: 120 }), await decode(coffee, { width: 100 })];
  const withShares = (shares: (Float32Array | number)[]) =>
    enlarge(algebra, painting, size, { styles, styleScale: 1, shares });
  const plain = await resize(painting, size.width, size.height);
  const first = await withShares([1, 0]);
  const second = await withShares([0, 1]);
  const mixed = await withShares([0.25, 0.75]);
  for (let i = 0; i < mixed.data.length; i += 97)
    expect(mixed.data[i]).toBeCloseTo(0.25 * first.data[i] + 0.75 * second.data[i], 2);

  const left = Float32Array.from({ length: 120 * 80 }, (_, i) => (i % 120 < 60 ? 1 : 0));
  const halves = await withShares([left, left.map((value) => 1 - value)]);
  for (let i = 0; i < halves.data.length; i += 97)
    expect(halves.data[i]).toBeCloseTo((i % 120 < 60 ? first : second).data[i], 3);
  expect(rms(minus(first, plain))).toBeGreaterThan(1);
  expect((await withShares([0, 0])).data).toEqual(plain.data);
});

it('adds nothing where nothing is enlarged', async () => {
  const painting = await decode(coffee, { width: 60 });
  const style = await decode(wave, { width: 120 });
  const same = await enlarge(algebra, painting, painting, {
    styles: [style],
    styleScale: 1,
    shares: [1],
    photo: style,
  });
  expect(same.data).toEqual(painting.data);
});
