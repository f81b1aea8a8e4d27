/**
 * The interface of an engine, which evaluates the losses in the network's layers and their gradient. It deals with features,
 * their statistics, targets and weights, not with styles, scales or files. Everything that may change while a picture is
 * painted is an argument.
 */

import type { Statistics, StyleLoss, StyleTarget } from '../losses/statistics.js';
import type { Pooling } from '../network/vgg19.js';
import type { Network } from '../network/weights.js';
import type { Descended, Descent } from './descent.js';
import type { EngineName } from './placement.js';

/** A mean-subtracted image, [3, H, W], red, green, blue. */
export interface Image {
  data: Float32Array;
  height: number;
  width: number;
}

/** Numbers by layer name. */
export type PerLayer<T> = Record<string, T>;

export interface Features {
  /** F of each content layer, [C, H·W]. */
  content: PerLayer<Float32Array>;
  /** Of each style layer. */
  style: PerLayer<Statistics>;
}

/** A style target and where it applies: the whole picture, or a mask. */
export interface Region {
  /** The style target of each layer. */
  targets: PerLayer<StyleTarget>;
  /**
   * T of each style layer, [H·W] at the layer's own size, 0..1. Statistics are then those of T ⊙ F over ΣT² positions
   * (Gatys et al. 2017, "Controlling perceptual factors in neural style transfer").
   */
  mask?: PerLayer<Float32Array>;
}

export interface Targets {
  content: Features['content'];
  /** One region without a mask, or as many with masks as the engine was built for. */
  regions: readonly Region[];
}

/** The weight of each loss in the total. */
export interface LayerLossWeights {
  content: PerLayer<number>;
  /** One set per region. */
  style: readonly PerLayer<number>[];
}

export interface Evaluation {
  /** d total / d image, [3, H, W]. */
  gradient: Float32Array;
  /** mean((F − target)²) of each content layer, unweighted. */
  content: PerLayer<number>;
  /** Of each style layer, one set per region. */
  style: readonly PerLayer<StyleEvaluation>[];
}

export interface StyleEvaluation {
  /** The style loss, unweighted. */
  loss: number;
  /** The image's second moment, [C, C]. */
  second: Float32Array;
}

export interface EngineOptions {
  network: Network;
  contentLayers: readonly string[];
  styleLayers: readonly string[];
  styleLoss: StyleLoss;
  pooling: Pooling;
  /** Number of masked regions passed to evaluate(). 0, the default: one region without a mask. */
  masks?: number;
  /** As in `Placement`; the processor when left out. */
  device?: string;
  /** Threads for what is computed on the processor; the engine's own choice when left out. */
  threads?: number;
  /** As in `Placement`. */
  descends?: boolean;
}

/** Evaluation of a part of a picture, from which src/engine/tiled.ts assembles that of the whole. */
export interface Parts {
  /**
   * The part's content features, and its contribution to the statistics of each region: sums over T ⊙ F, times `perPosition`.
   * @param masks T of each region, [H·W] by layer
   */
  forward(
    part: Image,
    masks: readonly PerLayer<Float32Array>[],
    perPosition: readonly PerLayer<number>[],
  ): Promise<PartFeatures>;
  /**
   * The style loss at a layer of the whole picture, and its derivative by features as PartGradients has it.
   * @param slope 2/n times the loss's weight
   */
  compare(statistics: Statistics, target: StyleTarget, slope: number): Promise<PartStyle>;
  /** The part's contribution to the gradient of the whole picture's loss, [3, H, W]. */
  backward(part: Image, gradients: PartGradients): Promise<Float32Array>;
}

export interface PartFeatures {
  content: PerLayer<Float32Array>;
  style: PerLayer<Statistics>[];
}

export interface PartStyle {
  loss: number;
  /** [C, C] */
  matrix: Float32Array;
  /** [C] */
  vector?: Float32Array;
}

/** The derivative of the whole picture's loss with respect to the features of a part. */
export interface PartGradients {
  /** The part's content target, [C, H·W] by layer. */
  content: PerLayer<Float32Array>;
  /** d loss / dF = slope · (F − target) */
  slopes: PerLayer<number>;
  /** d loss / dF = T ⊙ (matrix (T ⊙ F) + vector Tᵀ); as many regions as the engine was built for. */
  regions: readonly { style: PerLayer<PartStyle>; mask?: PerLayer<Float32Array> }[];
}

/** Matrix products for the optimizer and for enlarging. A set of vectors is a row-major matrix [m, n], one vector per row. */
export interface Algebra {
  /** The inner product of each row with the vector, [n] → [m]. */
  products(rows: Float32Array, vector: Float32Array): Promise<Float32Array>;
  /** Σ weightᵢ · rowᵢ, [m] → [n]. */
  combine(rows: Float32Array, weights: Float32Array): Promise<Float32Array>;
  /** For each row of [n, length], the index of the nearest candidate of [m, length] by Euclidean distance. */
  nearest(rows: Float32Array, candidates: Float32Array, length: number): Promise<Int32Array>;
  /** Allocates nothing until first used; do not modify the matrices afterwards. */
  transform(matrices: Separable): Transform;
  dispose(): Promise<void>;
}

/** A separable linear transform T: each plane x of colors · image becomes gain ⊙ (rows · x · columnsᵀ). */
export interface Separable {
  width: number;
  height: number;
  /** [3, 3] */
  colors: Float32Array;
  /** [H, H] */
  rows: Float32Array;
  /** [W, W] */
  columns: Float32Array;
  /** [H, W] */
  gain: Float32Array;
}

/** A linear transform and its adjoint, both from [3, H, W] to [3, H, W]. */
export interface Transform {
  /** T x */
  apply(image: Float32Array): Promise<Float32Array>;
  /** Tᵀ z */
  transposed(planes: Float32Array): Promise<Float32Array>;
}

/** Accepts images of any size from 32×32 up, including odd sizes. Calls must not overlap. */
export interface Engine {
  readonly name: EngineName;
  readonly device: string;
  features(image: Image): Promise<Features>;
  evaluate(image: Image, targets: Targets, weights: LayerLossWeights): Promise<Evaluation>;
  /** For pictures that are too large for memory; left out if the engine does not support it. */
  parts?: Parts;
  /** Several steps of an optimizer at once; left out where nothing is gained by it. */
  descend?(descent: Descent): Promise<Descended>;
  readonly algebra: Algebra;
  /** Frees native memory. The engine cannot be used afterwards. */
  dispose(): Promise<void>;
}
