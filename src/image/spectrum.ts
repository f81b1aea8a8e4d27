/** How the contrast of a picture is spread over wavelengths and directions, as the mean over many small tiles. */

/** Pixels a side; a smaller picture is one row or column of tiles of its own size. */
const largestTile = 64;

/** Tiles overlap by half, but a large picture has no more than this many in a row or column, evenly spread. */
const mostTiles = 16;

/** Contrast at one frequency, its mirror images along both axes taken together. */
export interface Wave {
  /** Waves a tile, from left to right and from top to bottom: 0 … side / 2. */
  across: number;
  down: number;
  /** Pixels from crest to crest. */
  wavelength: number;
  /** Of how many frequencies this is the sum: 4, or fewer where mirror images coincide. */
  count: number;
  /** Part of the tiles' variance, in squared gray levels. */
  power: number;
}

/**
 * Periodogram, averaged over overlapping tiles (Welch's method) that a Hann window fades out toward their borders: a
 * tile's edges would otherwise look like lines across it. The mean of each tile is left out; the noise of rounding to
 * whole gray levels, a variance of 1/12 at all frequencies alike, is added, so that nothing divides by 0.
 *
 * With the cosines C and sines S of a tile X, the power at (u, v) and at (u, −v) together is twice the sum of the
 * squares of CXCᵀ, SXSᵀ, CXSᵀ and SXCᵀ, so a quarter of the plane is enough.
 * @param plane [H·W], in gray levels
 */
export function spectrum(plane: Float32Array, width: number, height: number): Wave[] {
  const side = Math.min(largestTile, width, height);
  const half = Math.floor(side / 2) + 1;
  const window = Float64Array.from({ length: side }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / side) ** 2);
  // Each row is a wave over the tile, faded by the window.
  const wave = (of: (angle: number) => number) =>
    Float64Array.from({ length: half * side }, (_, k) => {
      const [u, i] = [Math.floor(k / side), k % side];
      return window[i] * of((2 * Math.PI * u * i) / side);
    });
  const [cosines, sines] = [wave(Math.cos), wave(Math.sin)];

  const power = new Float64Array(half * half);
  const tile = new Float64Array(side * side);
  const [tops, lefts] = [starts(height, side), starts(width, side)];
  for (const top of tops) {
    for (const left of lefts) {
      readTile(tile, plane, width, left, top, window);
      for (const rows of [cosines, sines]) {
        const part = multiply(rows, tile, half, side);
        for (const columns of [cosines, sines]) {
          const waves = multiply(part, columns, half, side);
          for (let k = 0; k < power.length; k++) power[k] += waves[k] ** 2;
        }
      }
    }
  }

  const windowPower = window.reduce((sum, value) => sum + value ** 2, 0) ** 2;
  const scale = 1 / (tops.length * lefts.length * side ** 2 * windowPower);
  const mirrored = (k: number) => (k === 0 || 2 * k === side ? 1 : 2);
  return Array.from(power, (sum, k) => {
    const [down, across] = [Math.floor(k / half), k % half];
    const count = mirrored(down) * mirrored(across);
    const rounding = 1 / (12 * side ** 2);
    return {
      ...{ across, down, count },
      wavelength: side / Math.hypot(across, down),
      power: count * (sum * scale + rounding),
    };
  });
}

/** Contrast at wavelengths of so many pixels, in squared gray levels. */
export function powerWithin(waves: readonly Wave[], from: number, to: number): number {
  let sum = 0;
  for (const { wavelength, power } of waves) if (wavelength >= from && wavelength <= to) sum += power;
  return sum;
}

/** Where tiles begin along a side of the picture: the first at its start, the last at its end. */
function starts(length: number, side: number): number[] {
  const count = Math.min(mostTiles, Math.ceil((2 * (length - side)) / side) + 1);
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - side)) / Math.max(1, count - 1)));
}

/** A tile without its mean, as the window sees it; columns first, as `multiply` wants them. */
function readTile(
  tile: Float64Array,
  plane: Float32Array,
  width: number,
  left: number,
  top: number,
  window: Float64Array,
): void {
  const side = window.length;
  let [sum, weights] = [0, 0];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const value = plane[(top + y) * width + left + x];
      const weight = window[x] * window[y];
      tile[x * side + y] = value;
      sum += weight * value;
      weights += weight;
    }
  }
  for (let k = 0; k < tile.length; k++) tile[k] -= sum / weights;
}

/** Every row of `a`, [rows, side], times every row of `b`, [n, side]: [rows, n]. */
function multiply(a: Float64Array, b: Float64Array, rows: number, side: number): Float64Array {
  const columns = b.length / side;
  const product = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let i = 0; i < side; i++) sum += a[r * side + i] * b[c * side + i];
      product[r * columns + c] = sum;
    }
  }
  return product;
}
