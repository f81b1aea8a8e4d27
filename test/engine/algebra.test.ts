/** Each engine's matrix products beside plain loops. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Algebra, Separable } from '../../src/engine/engine.js';
import { createAlgebra as createOnnxAlgebra } from '../../src/engine/onnx/algebra.js';
import { loadRuntime } from '../../src/engine/onnx/runtime.js';
import { createAlgebra as createTensorflowAlgebra } from '../../src/engine/tensorflow/algebra.js';
import { hasTensorflow, loadTensorflow } from '../../src/engine/tensorflow/backend.js';

/** Numbers without a pattern, from −1 to 1. */
const numbers = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) ** 2 * 2 - 1);

const close = (given: Float32Array, wanted: readonly number[]) => {
  expect(given).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries()) expect(given[i]).toBeCloseTo(value, 4);
};

const sum = (count: number, term: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => term(i)).reduce((total, value) => total + value, 0);

function algebraTests(open: () => Promise<Algebra>): void {
  let algebra: Algebra | undefined;
  const opened = async () => {
    algebra ??= await open();
    return algebra;
  };
  afterAll(() => algebra?.dispose());

  it('multiplies rows with a vector, and adds rows up by weight', async () => {
    const [m, n] = [5, 37];
    const rows = numbers(m * n, 3);
    const vector = numbers(n, 5);
    const weights = numbers(m, 7);
    const { products, combine } = await opened();
    close(
      await products(rows, vector),
      Array.from({ length: m }, (_, i) => sum(n, (k) => rows[i * n + k] * vector[k])),
    );
    close(
      await combine(rows, weights),
      Array.from({ length: n }, (_, k) => sum(m, (i) => weights[i] * rows[i * n + k])),
    );
  });

  it('finds the nearest candidate', async () => {
    const [length, count, many] = [6, 40, 300];
    const candidates = numbers(count * length, 11);
    const rows = numbers(many * length, 13);
    const distance = (i: number, j: number) =>
      sum(length, (k) => (rows[i * length + k] - candidates[j * length + k]) ** 2);
    const wanted = Array.from({ length: many }, (_, i) => {
      const distances = Array.from({ length: count }, (_, j) => distance(i, j));
      return distances.indexOf(Math.min(...distances));
    });
    expect([...(await (await opened()).nearest(rows, candidates, length))]).toEqual(wanted);
  });

  it('transforms images along their sides and colors, both ways', async () => {
    const [width, height] = [9, 7];
    const separable: Separable = {
      width,
      height,
      colors: numbers(9, 2),
      rows: numbers(height * height, 3),
      columns: numbers(width * width, 5),
      gain: numbers(height * width, 7),
    };
    const { colors, rows, columns, gain } = separable;
    const x = numbers(3 * height * width, 17);
    const at = (c: number, i: number, j: number) => (c * height + i) * width + j;
    const each = (value: (c: number, i: number, j: number) => number) =>
      [0, 1, 2].flatMap((c) =>
        Array.from({ length: height * width }, (_, p) => value(c, Math.floor(p / width), p % width)),
      );
    const waves = each(
      (c, i, j) =>
        gain[i * width + j] *
        sum(3, (d) =>
          sum(height, (k) =>
            sum(
              width,
              (l) => colors[c * 3 + d] * rows[i * height + k] * x[at(d, k, l)] * columns[j * width + l],
            ),
          ),
        ),
    );
    const back = each((c, i, j) =>
      sum(3, (d) =>
        sum(height, (k) =>
          sum(
            width,
            (l) =>
              colors[d * 3 + c] *
              rows[k * height + i] *
              gain[k * width + l] *
              x[at(d, k, l)] *
              columns[l * width + j],
          ),
        ),
      ),
    );
    const transform = (await opened()).transform(separable);
    close(await transform.apply(x), waves);
    close(await transform.transposed(x), back);
  });
}

describe('ONNX Runtime', () => algebraTests(async () => createOnnxAlgebra(() => loadRuntime('cpu'), 1)));
describe.skipIf(!hasTensorflow())('TensorFlow', () =>
  algebraTests(async () => createTensorflowAlgebra(await loadTensorflow())),
);
