/**
 * The interface of a style loss. It is a function of a layer's statistics, written in terms of a small matrix algebra that
 * each engine implements, so that one implementation runs on all engines.
 */

/** Statistics of the features F of a layer, [C, n] with n = H·W positions; under a mask, positions are weighted by its square. */
export interface Statistics {
  /** μ = F 1 / n, the mean over positions, [C]. */
  mean: Float32Array;
  /** S = F Fᵀ / n, the second moment about zero, [C, C]. */
  second: Float32Array;
}

/** Row-major; [1, 1] is a scalar. */
export interface Matrix {
  rows: number;
  columns: number;
  data: Float32Array;
}

/** The operations that a style loss is made of; `M` is the engine's matrix type. */
export interface MatrixAlgebra<M> {
  number(value: number): M;
  /** Sides as those of `like`, which is square. */
  identity(like: M): M;
  /** a b, aᵀ b or a bᵀ. */
  product(a: M, b: M, transposed?: 'a' | 'b'): M;
  // Element by element; a [1, 1] goes with any other.
  add(a: M, b: M): M;
  subtract(a: M, b: M): M;
  multiply(a: M, b: M): M;
  divide(a: M, b: M): M;
  sqrt(a: M): M;
  /** Of all elements, [1, 1]. */
  sum(a: M): M;
}

/** A layer's statistics as matrices. */
export interface Measured<M> {
  channels: number;
  /** [C, 1] */
  mean: M;
  /** [C, C] */
  second: M;
}

/** A style loss at one layer, and its derivatives by the layer's statistics. */
export interface Comparison<M> {
  /** [1, 1] */
  loss: M;
  /** d loss / dS, [C, C]; symmetric but for rounding: features are multiplied by it from the left, as the mean is in byMean. */
  bySecond: M;
  /** d loss / dμ, [C, 1]; left out where the loss does not look at the mean. */
  byMean?: M;
}

/** A distance between a layer's statistics and a target, unweighted. */
export interface StyleLoss<Part extends string = string> {
  /** Names of the matrices that a target is made of. */
  readonly parts: readonly Part[];
  /** The target for these statistics, precomputed for use in many evaluations. */
  target(wanted: Statistics): Record<Part, Matrix>;
  compare<M>(algebra: MatrixAlgebra<M>, statistics: Measured<M>, target: Record<Part, M>): Comparison<M>;
  /**
   * The mean distance from several styles minus the distance from their blend, which is what is minimized. It depends on the
   * styles alone. Left out if the blend is a target in its own right.
   */
  spread?(styles: readonly Statistics[], blend: readonly number[]): number;
  /** The distance from one of several styles, if it can be computed cheaply from the second moment [C, C]. */
  distance?(second: Float32Array, style: Statistics): number;
  /** Whether content losses are divided by the photo's mean square, so that weights mean the same for every picture. */
  readonly contentAsShare: boolean;
}

/** A target in the form passed to an engine. */
export type StyleTarget = Record<string, Matrix>;

/** Σᵢ shareᵢ · statisticsᵢ: the statistics of the mixture of the styles' distributions. */
export function blend(styles: readonly Statistics[], shares: readonly number[]): Statistics {
  const mix = (part: keyof Statistics) => {
    const mixed = new Float32Array(styles[0][part].length);
    for (const [i, share] of shares.entries()) {
      if (share === 0) continue;
      const values = styles[i][part];
      for (let k = 0; k < mixed.length; k++) mixed[k] += share * values[k];
    }
    return mixed;
  };
  return { mean: mix('mean'), second: mix('second') };
}
