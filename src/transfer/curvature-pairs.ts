/**
 * The curvature pairs of L-BFGS: steps s with the changes y of the gradient over them, which define an approximate inverse
 * Hessian H. H g is computed by the two-loop recursion (Nocedal 1980) in its vector-free form (Chen, Wang and Zhou 2014,
 * "Large-scale L-BFGS using MapReduce"): with the vectors written as sums,
 *   q = g − Σ αᵢ yᵢ      H g = γ q + Σ cᵢ sᵢ
 * it needs only the inner products of s and y, which are cached, and those with g.
 */
import type { Algebra } from '../engine/engine.js';
import type { Matrix } from '../losses/statistics.js';

/**
 * Multiplies the usual scaling γ = s·y / y·y of the initial inverse Hessian. y·y is dominated by steep directions, which the
 * pairs cover already; for the remaining ones γ is too small. From a factor of 4 the first steps overshoot.
 */
export const gammaFactor = 2;

/** Number of pairs whose γ are averaged: the latest pair's alone varies by half from step to step. */
export const gammaPairs = 10;

/** A step s and the change y of the gradient over it. */
export interface Pair {
  s: Float32Array;
  y: Float32Array;
}

/** The pairs as matrices, for src/transfer/lbfgs-step.ts: m rows in no order. */
export interface PairMatrices {
  /** S and Y, [m, n]. */
  steps: Matrix;
  changes: Matrix;
  /** R⁻¹, [m, m]. */
  inverse: Matrix;
  /** Y Yᵀ, [m, m]. */
  products: Matrix;
  /** s·y, [m, 1]. */
  diagonal: Matrix;
  /** log (s·y / y·y), [m, 1]. */
  ratios: Matrix;
  /** How many pairs are newer, [m, 1]; from `unused` on for a row without a pair. */
  age: Matrix;
}

export const unused = 1e6;

export class CurvaturePairs {
  /** Rows of `s` and `y` in use, oldest pair first. */
  private order: number[] = [];
  private readonly s: Float32Array;
  private readonly y: Float32Array;
  /** sᵢ·yⱼ for j no older than i, and yᵢ·yⱼ, by rows. */
  private readonly sy: number[][];
  private readonly yy: number[][];

  /**
   * @param capacity number of pairs kept at most
   * @param length length of each vector
   */
  constructor(
    private readonly algebra: Algebra,
    private readonly capacity: number,
    private readonly length: number,
  ) {
    this.s = new Float32Array(capacity * length);
    this.y = new Float32Array(capacity * length);
    const square = () => Array.from({ length: capacity }, () => new Array<number>(capacity).fill(0));
    this.sy = square();
    this.yy = square();
  }

  get count(): number {
    return this.order.length;
  }

  clear(): void {
    this.order = [];
  }

  /** The latest pairs, oldest first: views that add() may overwrite. */
  latest(count: number): Pair[] {
    return this.order.slice(-count).map((row) => ({ s: this.row(this.s, row), y: this.row(this.y, row) }));
  }

  /** Copies a pair; at capacity it replaces the oldest. s·y must be positive. */
  async add(pair: Pair): Promise<void> {
    const row = this.put(pair);
    this.know(row, await this.products(this.s, pair.y), await this.products(this.y, pair.y));
  }

  /**
   * As add(), where the products of its y with each row of steps and of changes are known.
   * @param sy of the rows with the pair in its own, [capacity]
   */
  addKnown(pair: Pair, sy: Float32Array, yy: Float32Array): void {
    this.know(this.put(pair), sy, yy);
  }

  private put({ s, y }: Pair): number {
    const row = this.count < this.capacity ? this.count : this.order.shift()!;
    this.row(this.s, row).set(s);
    this.row(this.y, row).set(y);
    this.order.push(row);
    return row;
  }

  private know(row: number, sy: Float32Array, yy: Float32Array): void {
    for (const other of this.order) {
      this.sy[other][row] = sy[other];
      this.yy[other][row] = this.yy[row][other] = yy[other];
    }
  }

  /** `steps` and `changes` are views that add() writes to. */
  matrices(): PairMatrices {
    const { capacity, order, sy, yy } = this;
    const square = () => ({ rows: capacity, columns: capacity, data: new Float32Array(capacity ** 2) });
    const column = () => ({ rows: capacity, columns: 1, data: new Float32Array(capacity) });
    const all = (data: Float32Array) => ({ rows: capacity, columns: this.length, data });
    const [inverse, products] = [square(), square()];
    const [diagonal, ratios, age] = [column(), column(), column()];
    // Unused rows are older than any pair; the first is taken first.
    age.data.forEach((_, row) => {
      age.data[row] = unused + capacity - row;
    });
    for (const [index, row] of order.entries()) {
      age.data[row] = order.length - 1 - index;
      diagonal.data[row] = sy[row][row];
      ratios.data[row] = Math.log(sy[row][row] / yy[row][row]);
      for (const other of order) products.data[row * capacity + other] = yy[row][other];
    }
    for (const [index, row] of order.entries()) {
      const older = order.slice(0, index);
      // R⁻¹ grows by a column: above its diagonal −R⁻¹ r / s·y.
      for (const [above, i] of older.entries()) {
        let sum = 0;
        for (const j of older.slice(above)) sum += inverse.data[i * capacity + j] * sy[j][row];
        inverse.data[i * capacity + row] = -sum / sy[row][row];
      }
      inverse.data[row * capacity + row] = 1 / sy[row][row];
    }
    return { steps: all(this.s), changes: all(this.y), inverse, products, diagonal, ratios, age };
  }

  /** H g. Requires at least one pair. */
  async applyInverseHessian(g: Float32Array): Promise<Float32Array> {
    const { order, sy, yy } = this;
    const gamma =
      gammaFactor * geometricMean(order.slice(-gammaPairs).map((row) => sy[row][row] / yy[row][row]));
    const sg = await this.products(this.s, g);
    const yg = await this.products(this.y, g);
    const sum = (term: (row: number) => number) => order.reduce((total, row) => total + term(row), 0);
    // First loop, from the latest pair to the oldest; the α not computed yet are zero, as are the c below.
    const alpha = new Float64Array(this.count);
    for (const i of order.toReversed()) alpha[i] = (sg[i] - sum((j) => alpha[j] * sy[i][j])) / sy[i][i];
    // Second loop, from the oldest to the latest.
    const c = new Float64Array(this.count);
    for (const i of order) {
      const yr = gamma * (yg[i] - sum((j) => alpha[j] * yy[i][j])) + sum((j) => c[j] * sy[j][i]);
      c[i] = alpha[i] - yr / sy[i][i];
    }
    const known = await this.combine(this.y, alpha);
    const ascent = await this.combine(this.s, c);
    for (let i = 0; i < ascent.length; i++) ascent[i] += gamma * (g[i] - known[i]);
    return ascent;
  }

  private row(rows: Float32Array, row: number): Float32Array {
    return rows.subarray(row * this.length, (row + 1) * this.length);
  }

  private products(rows: Float32Array, vector: Float32Array): Promise<Float32Array> {
    return this.algebra.products(rows.subarray(0, this.count * this.length), vector);
  }

  private combine(rows: Float32Array, weights: Float64Array): Promise<Float32Array> {
    return this.algebra.combine(rows.subarray(0, this.count * this.length), Float32Array.from(weights));
  }
}

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
