/** Adam (Kingma and Ba 2014), bias-corrected, ε outside the root. */
import type { StepAlgebra, StepMethod } from '../engine/descent.js';
import type { Matrix } from '../losses/statistics.js';
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
    inEngine: {
      method: methodOf({ learningRate, beta1, beta2, epsilon }),
      state: async (length) => ({
        mean: row(mean ?? new Float32Array(length)),
        square: row(square ?? new Float32Array(length)),
        correct1: row(Float32Array.of(1 - beta1 ** steps)),
        correct2: row(Float32Array.of(1 - beta2 ** steps)),
        rate: row(Float32Array.of(rate)),
      }),
      take({ state, passes }) {
        ({ mean, square } = state);
        steps += passes.length;
      },
    },
    state() {
      const arrays: OptimizerState['arrays'] = mean && square ? { mean, square } : {};
      return { numbers: { steps, rate }, arrays };
    },
  };
}

const row = (data: Float32Array): Matrix => ({ rows: 1, columns: data.length, data });

/** By options, so that the same ones give the same method. */
const methods = new Map<string, StepMethod>();

function methodOf(options: AdamOptions): StepMethod {
  const key = JSON.stringify(options);
  const method = methods.get(key) ?? stepOf(options);
  methods.set(key, method);
  return method;
}

const stepOf = ({ beta1, beta2, epsilon }: AdamOptions): StepMethod => ({
  state: ['mean', 'square', 'correct1', 'correct2', 'rate'],
  handsBack: ['mean', 'square'],
  step(m, { image, gradient, state }) {
    const toward = <M>(m: StepAlgebra<M>, before: M, now: M, beta: number) =>
      m.add(m.multiply(before, m.number(beta)), m.multiply(now, m.number(1 - beta)));
    const mean = toward(m, state.mean, gradient, beta1);
    const square = toward(m, state.square, m.multiply(gradient, gradient), beta2);
    // 1 − βᵗ, as what an average of ones from 0 on has come to.
    const correct1 = toward(m, state.correct1, m.number(1), beta1);
    const correct2 = toward(m, state.correct2, m.number(1), beta2);
    const size = m.add(m.sqrt(m.divide(square, correct2)), m.number(epsilon));
    const step = m.divide(m.multiply(state.rate, m.divide(mean, correct1)), size);
    const next = { mean, square, correct1, correct2, rate: state.rate };
    return { image: m.subtract(image, step), state: next, records: {} };
  },
});
