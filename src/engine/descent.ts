/**
 * Several steps of an optimizer in one call, with what they need where the engine computes. A step is written in terms of an
 * engine's matrices, as a style loss is, so the engine does not deal with optimizers.
 */
import type { Matrix, MatrixAlgebra } from '../losses/statistics.js';
import type { Evaluation, Image, LayerLossWeights, PerLayer, Separable, Targets } from './engine.js';

/** What steps are made of, besides what losses are. A condition is a matrix of an engine's own kind. */
export interface StepAlgebra<M> extends MatrixAlgebra<M> {
  abs(a: M): M;
  exp(a: M): M;
  log(a: M): M;
  /** Of all elements, [1, 1]. */
  max(a: M): M;
  transpose(a: M): M;
  /** Element by element, a condition; as in where(), a row, a column and [1, 1] go with any other. */
  less(a: M, b: M): M;
  where(condition: M, a: M, b: M): M;
}

export interface Step<M> {
  /** [1, n] of n = 3·H·W, as the gradient; its values outside the descent's reach stay. */
  image: M;
  gradient: M;
  /** By name, in the shapes of `Descent.state`. */
  state: Record<string, M>;
  /** T x and Tᵀ z of `Descent.transform`, [1, n]; what is moved out of reach is taken away from Tᵀ z. */
  apply(image: M): M;
  transposed(planes: M): M;
}

export interface Stepped<M> extends Pick<Step<M>, 'image' | 'state'> {
  /** What is told of each step, by name: matrices of any shape. */
  records: Record<string, M>;
}

/** An optimizer's step. The same object means the same step: engines keep what they made of it. */
export interface StepMethod {
  /** Names of the state's matrices. */
  readonly state: readonly string[];
  /** Those of them that are handed back; the records tell what became of the others, which are large. */
  readonly handsBack: readonly string[];
  step<M>(algebra: StepAlgebra<M>, at: Step<M>): Stepped<M>;
}

/** An image with its gradient, [3, H, W], and its loss. */
export interface Evaluated {
  image: Float32Array;
  gradient: Float32Array;
  total: number;
}

export interface Descent {
  method: StepMethod;
  state: Record<string, Matrix>;
  /** Of a method that uses it. */
  transform?: Separable;
  /** The image to begin with, and its gradient. */
  image: Image;
  gradient: Float32Array;
  targets: Targets;
  weights: LayerLossWeights & {
    /** Of total variation. */
    tv: number;
  };
  /** What is added to the total of the weighted losses. */
  constant: number;
  /** Where the image may change, [H·W], 0..1; everywhere when left out. */
  reach?: Float32Array;
  /** The best so far, if any. */
  best?: Evaluated;
  /** At most so many steps, each followed by an evaluation. */
  steps: number;
  /** Ends after an evaluation with a total of this many times the best one or more, or that is not a number. */
  limit: number;
}

export interface Descended {
  image: Float32Array;
  /** Within reach. */
  gradient: Float32Array;
  /** Row-major, of the names that the method hands back. */
  state: Record<string, Float32Array>;
  best: Evaluated;
  /** One for each step that was taken, in order. */
  passes: readonly Pass[];
}

export interface Pass {
  content: Evaluation['content'];
  style: readonly PerLayer<{ loss: number; second?: Float32Array }>[];
  /** Total variation, unweighted. */
  tv: number;
  isBest: boolean;
  records: Record<string, Float32Array>;
}
