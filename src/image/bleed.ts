/**
 * Bleed, as printers call it: a picture is painted a little beyond its edges, and trimmed at the end. The network sees
 * zeros outside, hence an edge where there is none, and paints a rim of about five pixels along it: that is cut off.
 */

/** Planes [C, H·W]: a picture, or a mask. */
interface Planes {
  data: Float32Array;
  width: number;
  height: number;
}

/** Adds so many pixels on each side, as in a mirror. Alpha is dropped. */
export function withBleed(planes: Planes, bleed: number): Planes {
  const { width, height } = planes;
  return window(planes, -bleed, width + 2 * bleed, height + 2 * bleed);
}

/** Takes so many pixels away on each side. */
export function trimmed(planes: Planes, bleed: number): Planes {
  const { width, height } = planes;
  return window(planes, bleed, width - 2 * bleed, height - 2 * bleed);
}

/** The part of that size whose upper left corner is at (start, start); beyond the edges lies the mirrored picture. */
function window(planes: Planes, start: number, width: number, height: number): Planes {
  if (start === 0) return planes;
  const plane = planes.width * planes.height;
  const data = new Float32Array((planes.data.length / plane) * width * height);
  const columns = Array.from({ length: width }, (_, x) => mirrored(start + x, planes.width));
  let i = 0;
  for (let from = 0; from < planes.data.length; from += plane) {
    for (let y = 0; y < height; y++) {
      const row = from + mirrored(start + y, planes.height) * planes.width;
      for (const x of columns) data[i++] = planes.data[row + x];
    }
  }
  return { data, width, height };
}

/** … 1 0 | 0 1 2 … n−1 | n−1 n−2 … */
function mirrored(at: number, length: number): number {
  const within = ((at % (2 * length)) + 2 * length) % (2 * length);
  return within < length ? within : 2 * length - 1 - within;
}
