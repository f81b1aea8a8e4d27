/** Gaussian blur of one plane. */

/**
 * Convolves with a Gaussian, cut off at three standard deviations; beyond the edges the outermost pixels go on.
 * @param plane [H·W]
 * @param deviation in pixels
 */
export function blur(plane: Float32Array, width: number, height: number, deviation: number): Float32Array {
  const reach = Math.ceil(3 * deviation);
  const bell = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = bell.reduce((sum, value) => sum + value, 0);
  /** Along lines of `length` pixels that lie `step` apart in memory; `stride` from line to line. */
  const along = (from: Float32Array, length: number, step: number, lines: number, stride: number) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) {
          const at = Math.min(length - 1, Math.max(0, i + k));
          sum += bell[k + reach] * from[line * stride + at * step];
        }
        to[line * stride + i * step] = sum / total;
      }
    }
    return to;
  };
  return along(along(plane, width, 1, height, width), height, width, width, 1);
}
