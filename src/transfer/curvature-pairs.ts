/**
 * What L-BFGS knows of a loss: pairs of a step s and the change y of the gradient over it, and the approximate inverse
 * Hessian H that follows from them. H g is the two-loop recursion (Nocedal 1980) with its vectors written as sums,
 *   q = g − Σ αᵢ yᵢ      H g = γ q + Σ cᵢ sᵢ
 * so that it needs no more of the long vectors than their products with each other, which are kept, and with g (Chen, Wang
 * and Zhou 2014, "Large-scale L-BFGS using MapReduce").
 */
import type { Algebra } from '../engine/engine.js';

/**
 * y·y is ruled by steep directions, and those the pairs know best: for what they leave, γ = s·y / y·y is too small. From
 * 4 on the first steps leap.
 */
const gammaFactor = 2;

/** Pairs that γ is a mean of: by the latest alone it is another by half from step to step. */
const gammaPairs = 10;

/** A step and the change of the gradient over it. */
export interface Pair {
  s: Float32Array;
  y: Float32Array;
}

export class CurvaturePairs {
  /** Rows of `s` and `y` that are in use, the oldest pair's first. */
  private order: number[] = [];
  private readonly s: Float32Array;
  private readonly y: Float32Array;
  /** sᵢ·yⱼ and yᵢ·yⱼ by rows. */
  private readonly sy: number[][];
  private readonly yy: number[][];

  /**
   * @param capacity pairs that are kept
   * @param length of a vector
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

  /** The latest pairs, the oldest first; views that the next pair may overwrite. */
  latest(count: number): Pair[] {
    return this.order.slice(-count).map((row) => ({ s: this.row(this.s, row), y: this.row(this.y, row) }));
  }

  /** Takes the place of the oldest pair where there are as many as are kept. */
  async add({ s, y }: Pair): Promise<void> {
    const row = this.count < this.capacity ? this.count : this.order.shift()!;
    this.row(this.s, row).set(s);
    this.row(this.y, row).set(y);
    this.order.push(row);
    const sy = await this.products(this.s, y);
    const ys = await this.products(this.y, s);
    const yy = await this.products(this.y, y);
    for (const other of this.order) {
      this.sy[other][row] = sy[other];
      this.sy[row][other] = ys[other];
      this.yy[other][row] = this.yy[row][other] = yy[other];
    }
  }

  /** H g; there must be a pair. */
  async applyInverseHessian(g: Float32Array): Promise<Float32Array> {
    const { order, sy, yy } = this;
    const gamma =
      gammaFactor * geometricMean(order.slice(-gammaPairs).map((row) => sy[row][row] / yy[row][row]));
    const sg = await this.products(this.s, g);
    const yg = await this.products(this.y, g);
    const sum = (term: (row: number) => number) => order.reduce((total, row) => total + term(row), 0);
    // From the latest pair to the oldest; α of those that are still to come is zero.
    const alpha = new Float64Array(this.count);
    for (const i of order.toReversed()) alpha[i] = (sg[i] - sum((j) => alpha[j] * sy[i][j])) / sy[i][i];
    // And back.
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
