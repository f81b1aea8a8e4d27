/** Adam (Kingma and Ba 2014), bias-corrected, ε outside the root. */
import type { Optimizer, OptimizerState } from './optimizer.js';

export interface AdamOptions {
  /** Grey levels a step, at most about this far. */
  learningRate: number;
  /** Decay of the first and second moment. */
  beta1: number;
  beta2: number;
  /** What keeps it from dividing by 0. */
  epsilon: number;
}

/** @param saved of an earlier one, to go on from */
export function adam(
  { learningRate, beta1, beta2, epsilon }: AdamOptions,
  saved?: OptimizerState,
): Optimizer {
  let mean = saved?.arrays.mean;
  let square = saved?.arrays.square;
  let { steps, rate } = { steps: 0, rate: learningRate, ...saved?.numbers };
  return {
    async step(image, gradient) {
      mean ??= new Float32Array(image.length);
      square ??= new Float32Array(image.length);
      steps++;
      const correct1 = 1 - beta1 ** steps;
      const correct2 = 1 - beta2 ** steps;
      const next = new Float32Array(image.length);
      for (let i = 0; i < image.length; i++) {
        mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i];
        square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] * gradient[i];
        next[i] = image[i] - (rate * (mean[i] / correct1)) / (Math.sqrt(square[i] / correct2) + epsilon);
      }
      return next;
    },
    // The moments decay by themselves, and their direction is still useful after a change of weights.
    reset() {},
    retreat() {
      mean = square = undefined;
      steps = 0;
      rate /= 2;
    },
    state() {
      const arrays: OptimizerState['arrays'] = mean && square ? { mean, square } : {};
      return { numbers: { steps, rate }, arrays };
    },
  };
}
