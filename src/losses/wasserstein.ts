/**
 * A layer's features, taken as a Gaussian, have a squared 2-Wasserstein distance from the style's (Olkin and Pukelsheim
 * 1982), here as a share of the style's own size, so that every layer counts the same however large its activations are:
 *   Cov = S − μ μᵀ   ε = mean(diag(Cov_t)) / 1000   K = Cov + ε I   T = Cov_t + ε I
 *   loss = (|μ − μ_t|² + tr K + tr T − 2 tr (T^½ K T^½)^½) / (tr T + |μ_t|²)
 * With any L such that T = L Lᵀ, M = Lᵀ K L and Z = M^−½,
 *   tr (T^½ K T^½)^½ = tr (Z M)   D = d loss / dS = (I − L Z Lᵀ) / size   d loss / dμ = 2 (μ − μ_t) / size − 2 D μ
 * where L Z Lᵀ is the linear map that carries the one Gaussian over to the other.
 */
import type { Matrix, MatrixAlgebra, StyleLoss } from './statistics.js';

type Part = 'mean' | 'factor' | 'floor' | 'trace' | 'size';

/** ε as a fraction of the mean variance: regularizes directions in which a style has no variance. */
const floorShare = 1e-3;

export interface Exactness {
  /** Directions of the style with less variance than this many ε are left out. */
  floors: number;
  /** Polynomials of the iteration for M^−½. */
  steps: readonly Step[];
}

/** x ↦ a x + b x³ + c x⁵ */
type Step = readonly [a: number, b: number, c: number];

/**
 * Polynomials that take [ℓ, 1], square roots of M's eigenvalues as shares of the largest, to 1, each the best of its degree
 * on what the one before leaves (Amsel et al. 2025, "The Polar Express"; arguments are scaled down by 1 %, for
 * robustness against rounding). Here ℓ = 3e-4.
 */
const approximateSteps: readonly Step[] = [
  [8.416896, -24.48747, 17.817003],
  [4.192865, -3.052338, 0.55637],
  [4.12362, -3.005472, 0.5512],
  [3.861004, -2.825764, 0.531399],
  [3.115989, -2.294025, 0.473193],
  [2.158423, -1.518846, 0.391473],
  [1.88715, -1.268201, 0.381036],
];

/** ℓ = 1e-5, the limit of single precision. */
const exactSteps: readonly Step[] = [
  [8.429565, -24.536525, 17.855262],
  [4.214259, -3.066777, 0.557963],
  [4.211874, -3.065168, 0.557785],
  [4.201858, -3.05841, 0.55704],
  [4.160285, -3.030313, 0.55394],
  [3.995848, -2.918444, 0.541606],
  [3.455487, -2.541052, 0.500135],
  [2.457023, -1.779046, 0.418154],
  [1.904322, -1.270221, 0.367093],
  [1.876252, -1.252477, 0.376225],
];

/** docs/performance.md compares the approximation with the exact distance. */
export const approximate: Exactness = { floors: 2, steps: approximateSteps };
export const exact: Exactness = { floors: 0, steps: exactSteps };

export function wassersteinLoss({ floors, steps }: Exactness): StyleLoss<Part> {
  return {
    parts: ['mean', 'factor', 'floor', 'trace', 'size'],

    target({ mean, second }) {
      const channels = mean.length;
      const covariance = covarianceOf(mean, second);
      const floor = (floorShare * traceOf(covariance, channels)) / channels;
      for (let i = 0; i < channels; i++) covariance[i * channels + i] += floor;
      const trace = traceOf(covariance, channels);
      return {
        mean: { rows: channels, columns: 1, data: mean },
        factor: choleskyFactor(covariance, channels, floors * floor),
        floor: number(floor),
        trace: number(trace),
        size: number(trace + mean.reduce((sum, value) => sum + value * value, 0)),
      };
    },

    compare(m, { mean, second }, target) {
      const identity = m.identity(second);
      const k = m.add(m.subtract(second, m.product(mean, mean, 'b')), m.multiply(identity, target.floor));
      const traceK = m.sum(m.multiply(k, identity));
      const { inverse, twiceTrace } = inverseRoot(
        m,
        m.product(m.product(target.factor, k, 'a'), target.factor),
        steps,
      );
      const carried = m.product(m.product(target.factor, inverse), target.factor, 'b');
      const apart = m.subtract(mean, target.mean);
      const distance = m.subtract(
        m.add(m.sum(m.multiply(apart, apart)), m.add(traceK, target.trace)),
        twiceTrace,
      );
      const bySecond = m.divide(m.subtract(identity, carried), target.size);
      const half = m.subtract(m.divide(apart, target.size), m.product(bySecond, mean));
      return { loss: m.divide(distance, target.size), bySecond, byMean: m.multiply(half, m.number(2)) };
    },

    contentAsShare: true,
  };
}

export const wasserstein = wassersteinLoss(approximate);

/**
 * Z = M^−½ and 2 tr M^½ of a positive definite M, [r, r], by coupled iteration: with A = M / ‖M‖, Y → A^½ and Z → A^−½, as
 * each step takes the singular values of Z Y, the squares of what the polynomials act on, closer to 1.
 * Rounding leads Z astray while Z Y still goes to 1: what makes tr (Z A) too large makes tr Y as much too small.
 */
function inverseRoot<M>(m: MatrixAlgebra<M>, matrix: M, steps: readonly Step[]) {
  const norm = m.sqrt(m.sum(m.multiply(matrix, matrix)));
  const root = m.sqrt(norm);
  const a = m.divide(matrix, norm);
  const identity = m.identity(matrix);
  let y = a;
  let z = identity;
  let r = identity;
  for (const [index, [linear, cubic, quintic]] of steps.entries()) {
    if (index > 0) y = m.product(y, r);
    const x = index === 0 ? a : m.product(z, y);
    const higher = m.add(m.multiply(x, m.number(cubic)), m.multiply(m.product(x, x), m.number(quintic)));
    r = m.add(m.multiply(identity, m.number(linear)), higher);
    z = index === 0 ? r : m.product(r, z);
  }
  // Y is y r, of which only the trace is wanted.
  const traces = m.sum(m.add(m.multiply(z, a), m.multiply(y, r)));
  return { inverse: m.divide(z, root), twiceTrace: m.multiply(traces, root) };
}

/** S − μ μᵀ, [C, C], in double precision. */
function covarianceOf(mean: Float32Array, second: Float32Array): Float64Array {
  const channels = mean.length;
  const covariance = new Float64Array(second.length);
  for (let i = 0; i < channels; i++)
    for (let j = 0; j < channels; j++)
      covariance[i * channels + j] = second[i * channels + j] - mean[i] * mean[j];
  return covariance;
}

function traceOf(matrix: Float64Array, side: number): number {
  let sum = 0;
  for (let i = 0; i < side; i++) sum += matrix[i * side + i];
  return sum;
}

/**
 * L, [C, r], with L Lᵀ = T but for directions of less variance than `least`: Cholesky's factor with pivoting (Higham 1990),
 * the largest remaining variance first. A small picture has fewer directions than channels, and costs less.
 */
function choleskyFactor(matrix: Float64Array, side: number, least: number): Matrix {
  const remaining = Float64Array.from({ length: side }, (_, i) => matrix[i * side + i]);
  const factor = new Float64Array(side * side);
  const left = new Set(Array.from({ length: side }, (_, i) => i));
  let rank = 0;
  for (; rank < side; rank++) {
    let pivot = -1;
    for (const i of left) if (pivot < 0 || remaining[i] > remaining[pivot]) pivot = i;
    // One at least, so that nothing is empty.
    if (rank > 0 && !(remaining[pivot] > least)) break;
    left.delete(pivot);
    const root = Math.sqrt(Math.max(remaining[pivot], Number.MIN_VALUE));
    factor[pivot * side + rank] = root;
    for (const i of left) {
      const value = (matrix[pivot * side + i] - dot(factor, i * side, pivot * side, rank)) / root;
      factor[i * side + rank] = value;
      remaining[i] -= value * value;
    }
  }
  const data = new Float32Array(side * rank);
  for (let i = 0; i < side; i++) for (let j = 0; j < rank; j++) data[i * rank + j] = factor[i * side + j];
  return { rows: side, columns: rank, data };
}

/** Of `length` numbers from `a` and from `b` on; four sums at a time, since each waits for the one before it. */
function dot(numbers: Float64Array, a: number, b: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += numbers[a + i] * numbers[b + i];
    s1 += numbers[a + i + 1] * numbers[b + i + 1];
    s2 += numbers[a + i + 2] * numbers[b + i + 2];
    s3 += numbers[a + i + 3] * numbers[b + i + 3];
  }
  for (; i < length; i++) s0 += numbers[a + i] * numbers[b + i];
  return s0 + s1 + (s2 + s3);
}

const number = (value: number): Matrix => ({ rows: 1, columns: 1, data: Float32Array.of(value) });
