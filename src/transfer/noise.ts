/** Noise as an initial picture. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Picture } from '../image/picture.js';

/** As in anishathalye/neural-style: normal, with a standard deviation of 0.256 grey levels, around the mean pixel. */
const deviation = 0.256;

/** Gaussian white noise around the mean pixel (0..255), as [3, H, W]. The same seed gives the same noise. */
export function noise(width: number, height: number, mean: readonly number[], seed: number): Picture {
  const generator = xoroshiro128plus(seed);
  const plane = width * height;
  const uniform = () => uniformInt(generator, 1, 0x7fffffff) / 0x80000000;
  // Box and Muller 1958: two uniform numbers make a normal one.
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const data = new Float32Array(3 * plane).map((_, i) => mean[Math.floor(i / plane)] + deviation * normal());
  return { data, width, height };
}
