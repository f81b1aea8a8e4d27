/** What style losses and optimizers compute with, as nodes of a graph. */
import type { MatrixAlgebra } from '../../losses/statistics.js';
import type { StepAlgebra } from '../descent.js';
import type { Graph } from './graph.js';

export const matrixAlgebra = (graph: Graph): MatrixAlgebra<string> => ({
  number: (value) => graph.weights(`number/${value}`, [1, 1], Float32Array.of(value)),
  identity: (like) => graph.add('EyeLike', [like]),
  product: (a, b, transposed) =>
    graph.add('Gemm', [a, b], { transA: Number(transposed === 'a'), transB: Number(transposed === 'b') }),
  add: (a, b) => graph.add('Add', [a, b]),
  subtract: (a, b) => graph.add('Sub', [a, b]),
  multiply: (a, b) => graph.add('Mul', [a, b]),
  divide: (a, b) => graph.add('Div', [a, b]),
  sqrt: (a) => graph.add('Sqrt', [a]),
  sum: (a) => graph.add('ReduceSum', [a], { keepdims: 1 }),
});

export const stepAlgebra = (graph: Graph): StepAlgebra<string> => ({
  ...matrixAlgebra(graph),
  abs: (a) => graph.add('Abs', [a]),
  exp: (a) => graph.add('Exp', [a]),
  log: (a) => graph.add('Log', [a]),
  max: (a) => graph.add('ReduceMax', [a]),
  transpose: (a) => graph.add('Transpose', [a]),
  less: (a, b) => graph.add('Less', [a, b]),
  where: (condition, a, b) => graph.add('Where', [condition, a, b]),
});
