/** What a style loss computes with, in TensorFlow. */
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Matrix, MatrixAlgebra } from '../../losses/statistics.js';
import type { TF } from './backend.js';

export const matrixOf = (tf: TF, { data, rows, columns }: Matrix): Tensor2D =>
  tf.tensor2d(data, [rows, columns]);

export const matrixAlgebra = (tf: TF): MatrixAlgebra<Tensor2D> => ({
  number: (value) => tf.tensor2d([value], [1, 1]),
  identity: (like) => tf.eye(like.shape[0]),
  product: (a, b, transposed) => tf.matMul(a, b, transposed === 'a', transposed === 'b'),
  add: (a, b) => tf.add(a, b),
  subtract: (a, b) => tf.sub(a, b),
  multiply: (a, b) => tf.mul(a, b),
  divide: (a, b) => tf.div(a, b),
  sqrt: (a) => tf.sqrt(a),
  sum: (a) => tf.sum(a, undefined, true),
});
