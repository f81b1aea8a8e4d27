/** Matrix products for the image itself, in TensorFlow. */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { Algebra, Separable } from '../engine.js';
import type { TF } from './backend.js';

/** Distances that are held at once, 64 MB of them. */
const distancesAtOnce = 16e6;

export function createAlgebra(tf: TF): Algebra {
  const read = async (work: () => Tensor) => {
    const result = tf.tidy(work);
    try {
      return await result.data();
    } finally {
      result.dispose();
    }
  };
  const floats = async (work: () => Tensor) => (await read(work)) as Float32Array;

  return {
    products: (rows, vector) =>
      floats(() =>
        tf.matMul(
          tf.tensor2d(rows, [rows.length / vector.length, vector.length]),
          tf.tensor2d(vector, [vector.length, 1]),
        ),
      ),
    combine: (rows, weights) =>
      floats(() =>
        tf.matMul(
          tf.tensor2d(weights, [1, weights.length]),
          tf.tensor2d(rows, [weights.length, rows.length / weights.length]),
        ),
      ),
    /** Of the least |r − c|², or the largest r·c − |c|²/2. */
    async nearest(rows, candidates, length) {
      const known = tf.tensor2d(candidates, [candidates.length / length, length]);
      const halves = tf.tidy(() => tf.mul(tf.sum(tf.square(known), 1), 0.5));
      const found = new Int32Array(rows.length / length);
      const step = Math.max(1, Math.floor((distancesAtOnce * length) / candidates.length));
      try {
        for (let i = 0; i < found.length; i += step) {
          const some = rows.subarray(i * length, (i + step) * length);
          const closest = await read(() => {
            const products = tf.matMul(tf.tensor2d(some, [some.length / length, length]), known, false, true);
            return tf.argMax(tf.sub(products, halves), 1);
          });
          found.set(closest, i);
        }
      } finally {
        tf.dispose([known, halves]);
      }
      return found;
    },
    transform: (separable) => ({
      apply: (image) => floats(() => transform(tf, separable, image)),
      transposed: (planes) => floats(() => transposed(tf, separable, planes)),
    }),
    async dispose() {},
  };
}

function transform(tf: TF, { width, height, ...matrices }: Separable, image: Float32Array): Tensor {
  const mixed = tf.matMul(tf.tensor2d(matrices.colors, [3, 3]), tf.tensor2d(image, [3, height * width]));
  const across = tf.matMul(
    tf.reshape(mixed, [3, height, width]),
    planes(tf, matrices.columns, width),
    false,
    true,
  );
  return tf.mul(
    tf.matMul(planes(tf, matrices.rows, height), across),
    gainOf(tf, matrices.gain, height, width),
  );
}

function transposed(tf: TF, { width, height, ...matrices }: Separable, waves: Float32Array): Tensor {
  const weighed = tf.mul(tf.tensor3d(waves, [3, height, width]), gainOf(tf, matrices.gain, height, width));
  const down = tf.matMul(planes(tf, matrices.rows, height), weighed, true, false);
  const image = tf.matMul(down, planes(tf, matrices.columns, width));
  const flat = tf.reshape(image, [3, height * width]);
  return tf.matMul(tf.tensor2d(matrices.colors, [3, 3]), flat, true, false);
}

/** The same square matrix for each of three planes. */
const planes = (tf: TF, matrix: Float32Array, side: number): Tensor3D =>
  tf.tile(tf.tensor3d(matrix, [1, side, side]), [3, 1, 1]);

const gainOf = (tf: TF, gain: Float32Array, height: number, width: number): Tensor3D =>
  tf.tensor3d(gain, [1, height, width]);
