/**
 * What an engine does: the loss terms of an image and their gradient. It knows layers, targets and weights, and
 * nothing of styles, scales or files. Everything that may change while a picture is painted is an argument.
 */

import type { Pooling } from '../network/vgg19.js';
import type { Network } from '../network/weights.js';
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
  /** G = F Fᵀ / (C·H·W) of each style layer, [C, C]. */
  grams: PerLayer<Float32Array>;
}

/** Where a style target holds: the whole picture, or as much of it as a mask lets through. */
export interface Region {
  /** The Gram matrices wanted there, [C, C] by layer. */
  grams: PerLayer<Float32Array>;
  /**
   * T of each style layer, [H·W] at the layer's own size, 0..1. The Gram matrix is then that of T ⊙ F over
   * C · ΣT² (Gatys et al. 2017, "Controlling perceptual factors in neural style transfer").
   */
  mask?: PerLayer<Float32Array>;
}

export interface Targets {
  content: Features['content'];
  /** One without a mask, or as many with masks as the engine was built for. */
  regions: readonly Region[];
}

/** What each term weighs in the total loss. */
export interface TermWeights {
  content: PerLayer<number>;
  /** One set per region. */
  style: readonly PerLayer<number>[];
  tv: number;
}

export interface Evaluation {
  /** d total / d image, [3, H, W], where style terms are mean((G − target)²). */
  gradient: Float32Array;
  /** mean((F − target)²) of each content layer, unweighted. */
  content: PerLayer<number>;
  /** The image's Gram matrices, [C, C] by layer, one set per region: style losses follow from them. */
  grams: readonly Features['grams'][];
  /** mean(dy²) + mean(dx²), unweighted. */
  tv: number;
}

export interface EngineOptions {
  network: Network;
  contentLayers: readonly string[];
  styleLayers: readonly string[];
  pooling: Pooling;
  /** How many masked regions `evaluate` is given; 0 when left out: the whole picture is one. */
  masks?: number;
  /** As in `Placement`; the processor when left out. */
  device?: string;
  /** Threads for what is computed on the processor; the engine's own choice when left out. */
  threads?: number;
}

/** What the whole of a picture needs of a part of it: src/engine/tiled.ts puts them together. */
export interface Parts {
  /**
   * The part's content features, and for each region (T ⊙ F)(T ⊙ F)ᵀ times `perElement`.
   * @param masks T of each region, [H·W] by layer
   */
  measure(
    part: Image,
    masks: readonly PerLayer<Float32Array>[],
    perElement: readonly PerLayer<number>[],
  ): Promise<PartFeatures>;
  /** The gradient [3, H, W] of the whole picture's loss, as far as this part's features tell. */
  pull(part: Image, pulls: PartPulls): Promise<Float32Array>;
}

export interface PartFeatures {
  content: PerLayer<Float32Array>;
  grams: PerLayer<Float32Array>[];
}

/** What the loss of the whole picture does to the features of a part. */
export interface PartPulls {
  /** The part's content target, [C, H·W] by layer. */
  content: PerLayer<Float32Array>;
  /** d loss / dF = slope · (F − target) */
  slopes: PerLayer<number>;
  /** d loss / dF = T ⊙ matrix (T ⊙ F), the matrix [C, C] by layer; as many regions as the engine was built for. */
  regions: readonly { matrices: PerLayer<Float32Array>; mask?: PerLayer<Float32Array> }[];
}

/** Matrix products. Vectors lie one after the other as rows, [m, n]. */
export interface Algebra {
  /** Each row's product with the vector, [n] → [m]. */
  products(rows: Float32Array, vector: Float32Array): Promise<Float32Array>;
  /** Σ weightᵢ · rowᵢ, [m] → [n]. */
  combine(rows: Float32Array, weights: Float32Array): Promise<Float32Array>;
  /** Opens and copies nothing until it is first used; the matrices must stay as they are. */
  transform(matrices: Separable): Transform;
  dispose(): Promise<void>;
}

/** What a transform T of an image consists of: of each plane x of colors · image, T makes gain ⊙ (rows · x · columnsᵀ). */
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

/** Both ways from [3, H, W] to [3, H, W]. */
export interface Transform {
  /** T x */
  apply(image: Float32Array): Promise<Float32Array>;
  /** Tᵀ z */
  transposed(planes: Float32Array): Promise<Float32Array>;
}

/** Works for images of any size from 32×32 up, odd sizes included. One call at a time. */
export interface Engine {
  readonly name: EngineName;
  readonly device: string;
  features(image: Image): Promise<Features>;
  evaluate(image: Image, targets: Targets, weights: TermWeights): Promise<Evaluation>;
  /** What a picture too large for memory is evaluated with; not every engine can. */
  parts?: Parts;
  /** For the optimizer. */
  readonly algebra: Algebra;
  /** Frees native memory. The engine cannot be used afterwards. */
  dispose(): Promise<void>;
}
