/** Pictures as they are painted, made up: strokes on a ground, and what may mar them. */
import type { Picture } from '../../src/image/picture.js';

/** Numbers of 0 … 1 that are the same every time (Numerical Recipes' linear congruential generator). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (1_664_525 * state + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Strokes in all directions, of many lengths, widths and colors, one over another. */
export function strokes(width: number, height: number, seed: number): Picture {
  const next = random(seed);
  const plane = width * height;
  const data = new Float32Array(3 * plane).fill(120);
  for (let n = 0; n < plane / 30; n++) {
    const [x, y, angle] = [width * next(), height * next(), Math.PI * next()];
    const [length, thickness] = [4 + 12 * next(), 0.7 + 2.5 * next()];
    const luma = 60 + 130 * next();
    const color = [luma + 30 * next(), luma, luma + 30 * next()];
    for (let v = Math.max(0, Math.floor(y - 20)); v < Math.min(height, y + 20); v++) {
      for (let u = Math.max(0, Math.floor(x - 20)); u < Math.min(width, x + 20); u++) {
        const along = (u - x) * Math.cos(angle) + (v - y) * Math.sin(angle);
        const beside = (v - y) * Math.cos(angle) - (u - x) * Math.sin(angle);
        const cover = Math.exp(-((along / length) ** 4) - (beside / thickness) ** 2);
        for (let c = 0; c < 3; c++) {
          const i = c * plane + v * width + u;
          data[i] += cover * (color[c] - data[i]);
        }
      }
    }
  }
  return { data, width, height };
}

/** Adds to each channel what a function of the place says. */
export function add(picture: Picture, of: (x: number, y: number, channel: number) => number): Picture {
  const { width, height } = picture;
  const data = picture.data.map((value, i) => {
    const at = i % (width * height);
    return value + of(at % width, Math.floor(at / width), Math.floor(i / (width * height)));
  });
  return { ...picture, data };
}
