/**
 * Products of many long vectors at once. A plain loop over them takes some five times as long: ONNX Runtime uses every
 * core, and what its vector units can do.
 */
import type { Tensor } from 'onnxruntime-node';
import type { Algebra } from '../engine.js';
import { Graph } from './graph.js';
import { onProcessor, type Runtime } from './runtime.js';

export async function createAlgebra(
  { InferenceSession, Tensor }: Runtime,
  threads: number,
): Promise<Algebra> {
  const graph = new Graph();
  const factors = [graph.input('a', ['l', 'm']), graph.input('b', ['m', 'n'])];
  graph.output(graph.add('MatMul', factors), 'product', ['l', 'n']);
  const session = await InferenceSession.create(graph.toModel(), onProcessor(threads));
  const matrix = (data: Float32Array, rows: number) =>
    new Tensor('float32', data, [rows, data.length / rows]);
  const product = async (a: Tensor, b: Tensor) => (await session.run({ a, b })).product.data as Float32Array;
  return {
    products: (rows, vector) =>
      product(matrix(rows, rows.length / vector.length), matrix(vector, vector.length)),
    combine: (rows, weights) => product(matrix(weights, 1), matrix(rows, weights.length)),
    dispose: () => session.release(),
  };
}
