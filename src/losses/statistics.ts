/**
 * What a style loss looks at, and how it is written: a layer's statistics, and a little matrix algebra that each engine
 * brings, so that the mathematics stands in one place and runs in all of them.
 */

/** Of the features F of a layer, [C, n] with n = H·W positions; under a mask, positions count by its square. */
export interface Statistics {
  /** μ = F 1 / n, the mean over positions, [C]. */
  mean: Float32Array;
  /** S = F Fᵀ / n, the second moment about zero, [C, C]. */
  second: Float32Array;
}

/** By rows; [1, 1] is a number. */
export interface Matrix {
  rows: number;
  columns: number;
  data: Float32Array;
}

/** What a style loss computes with; `M` is an engine's own kind of matrix. */
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

/** How far a layer's statistics are from those wanted. Unweighted: weights are the caller's. */
export interface StyleLoss<Part extends string = string> {
  /** Names of the matrices that a target is made of. */
  readonly parts: readonly Part[];
  /** What is compared with: worked out once for as long as the same statistics are wanted. */
  target(wanted: Statistics): Record<Part, Matrix>;
  compare<M>(algebra: MatrixAlgebra<M>, statistics: Measured<M>, target: Record<Part, M>): Comparison<M>;
  /**
   * What the mean distance from several styles has on top of the distance from their blend, which is what is descended:
   * it depends on the styles alone. Left out where a blend is a target of its own.
   */
  spread?(styles: readonly Statistics[], blend: readonly number[]): number;
  /** The distance from one style of several, where it follows from the second moment [C, C] cheaply. */
  distance?(second: Float32Array, style: Statistics): number;
  /** Content losses are shares of the photo's own mean square too, so that weights mean the same for every picture. */
  readonly contentAsShare: boolean;
}

/** A target as an engine is given it. */
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
