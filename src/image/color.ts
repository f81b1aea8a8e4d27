/** The two usual ways to preserve a photo's colors. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { lumaOf } from './luma.js';
import type { Picture } from './picture.js';

/**
 * Luma of the painting, chroma of the photo (Rec. 601, as JPEG has them): anishathalye/neural-style's --preserve-colors.
 * Both pictures have the same size; values are clamped to 0..255 first.
 */
export function preserveColors(painting: Picture, photo: Picture): Picture {
  const plane = painting.width * painting.height;
  const data = new Float32Array(3 * plane);
  const luma = (of: Float32Array, i: number) =>
    lumaOf(clamp(of[i]), clamp(of[plane + i]), clamp(of[2 * plane + i]));
  for (let i = 0; i < plane; i++) {
    // A color is its luma plus what chroma adds: exchanging luma moves all three channels by the same.
    const shift = luma(painting.data, i) - luma(photo.data, i);
    for (let c = 0; c < 3; c++) data[c * plane + i] = clamp(clamp(photo.data[c * plane + i]) + shift);
  }
  return { ...painting, data };
}

const clamp = (value: number) => Math.min(255, Math.max(0, value));

/**
 * Moves a style's colors to the photo's: the linear map that gives its pixels the photo's mean and covariance
 * (Gatys et al. 2016, "Preserving color in neural artistic style transfer", with symmetric square roots:
 * A = Σ_photo^½ Σ_style^−½). Values may leave 0..255.
 */
export function matchColors(style: Picture, photo: Picture): Picture {
  const from = statistics(style);
  const to = statistics(photo);
  const map = power(to.covariance, 0.5).mmul(power(from.covariance, -0.5));
  const plane = style.width * style.height;
  const data = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const row = map.getRow(c);
    for (let i = 0; i < plane; i++) {
      let value = to.mean[c];
      for (let k = 0; k < 3; k++) value += row[k] * (style.data[k * plane + i] - from.mean[k]);
      data[c * plane + i] = value;
    }
  }
  return { ...style, data };
}

/** Mean and covariance of a picture's colors. */
function statistics({ data, width, height }: Picture): { mean: number[]; covariance: Matrix } {
  const plane = width * height;
  const channels = [0, 1, 2].map((c) => data.subarray(c * plane, (c + 1) * plane));
  const mean = channels.map((values) => values.reduce((sum, value) => sum + value, 0) / plane);
  const covariance = new Matrix(3, 3);
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      let sum = 0;
      for (let i = 0; i < plane; i++) sum += (channels[a][i] - mean[a]) * (channels[b][i] - mean[b]);
      covariance.set(a, b, sum / plane);
    }
  }
  return { mean, covariance };
}

/** A symmetric matrix to a power. A gray picture's colors do not vary in two directions: these are left at about 0. */
function power(matrix: Matrix, exponent: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const smallest = 1e-3;
  const powers = realEigenvalues.map((value) => Math.max(value, smallest) ** exponent);
  return vectors.mmul(Matrix.diag(powers)).mmul(vectors.transpose());
}
