/**
 * The even border that a scan of a painting often has: white paper, the scanner's black, a gray mount, the bare edge of
 * the cardboard. It has nearly one color from the edge of the picture to an almost straight line along the whole side,
 * and what lies inside differs at once. When in doubt there is none: a painting is not to be cut.
 */
import type { Picture, Size } from './picture.js';

export const sides = ['left', 'top', 'right', 'bottom'] as const;
export type Side = (typeof sides)[number];

/** Pixels at each side. */
export type Margins = Record<Side, number>;

/** Share of the width or height that a border takes up at most; one that is the only one may be a sky, and at most that. */
const widest = 0.15;
const widestAlone = 0.08;

/** White paper, the black of the scanner, a line around the picture. */
const mostNested = 3;

/** Where the border's color is taken, in pixels from the edge: the outermost is often a mixture with what lay around. */
const outer = [1, 2, 3];

/** A line from the edge inwards is the mean of this many to each side, too. */
const linesBeside = 2;

/** The color may change slowly along a side: it is a median over one part of so many, and those beside it. */
const parts = 24;
const partsBeside = 2;

/** Gray levels that make another color. Of an uneven border as many times its own unevenness; beyond, it is not even. */
const leastDifference = 20;
const timesUneven = 6;
const mostDifference = 72;

/** The border ends within this share of the width or height of a straight line, which turns by so many pixels a pixel. */
const straightness = 0.01;
const leastStraightness = 2;
const mostTurned = 0.02;

/** Share of a side's middle, and of the whole side, along which the border ends there; elsewhere the picture is like it. */
const leastInMiddle = 0.75;
const leastInAll = 0.55;

/** Share of a side along which something may lie in the border: dust, or a stamp. */
const mostStained = 0.08;

/**
 * Pixels within which a border turns into the picture: the difference there is this share of the most that there is
 * within so many times as many. A vignette, whose difference goes on growing, has about 0.7.
 */
const softest = 6;
const leastTurned = 0.8;
const farther = 2;

/** A picture has this share of busy squares; their side in pixels, and how many gray levels they deviate from their mean. */
const leastBusy = 0.1;
const squareSide = 16;
const busyDeviation = 10;

/**
 * How wide the even border at each side of a picture is, soft edge included; undefined where there is none.
 * @param picture best of 500 to 1000 pixels: in smaller ones borders are too thin to be seen, in larger ones edges too soft
 */
export function findFrame(picture: Picture): Margins | undefined {
  const margins: Margins = { left: 0, top: 0, right: 0, bottom: 0 };
  for (let i = 0; i < mostNested; i++) {
    const more = borders(picture, margins);
    if (sides.every((side) => more[side] === 0)) break;
    for (const side of sides) margins[side] += more[side];
  }
  const found = sides.filter((side) => margins[side] > 0);
  const isTooWide = found.length === 1 && margins[found[0]] > widestAlone * extent(picture, found[0]);
  return found.length === 0 || isTooWide || !isBusy(picture, margins) ? undefined : margins;
}

/** The outermost borders of what lies inside these margins; 0 at a side that has none. */
function borders(picture: Picture, margins: Margins): Margins {
  // In the corners a side has its neighbors' borders, too: first it is looked at without any corners.
  const corners = eachSide((side) => margins[side] + widest * extent(picture, side));
  const guessed = eachSide((side) => border(picture, margins, side, corners, leastInMiddle));
  const ends = eachSide((side) => margins[side] + guessed[side]);
  return eachSide((side) => (guessed[side] > 0 ? border(picture, margins, side, ends, leastInAll) : 0));
}

/** The same of each side. */
export const eachSide = (of: (side: Side) => number): Margins => ({
  left: of('left'),
  top: of('top'),
  right: of('right'),
  bottom: of('bottom'),
});

/** The size across a border. */
const extent = ({ width, height }: Size, side: Side) =>
  side === 'left' || side === 'right' ? width : height;

/**
 * The width of the outermost border at a side, inside `margins`; 0 if there is none.
 * @param ends which part of the side is looked at: what is not at the neighboring sides
 * @param least the share of that part along which the border must end
 */
function border(picture: Picture, margins: Margins, side: Side, ends: Margins, least: number): number {
  const across = extent(picture, side);
  const depth = Math.floor(widest * across) - margins[side];
  if (depth <= softest) return 0;
  const strip = stripOf(picture, margins[side], side, ends, depth + farther * softest);
  const { length } = strip;
  if (length < parts) return 0;
  const differences = differencesIn(strip);
  const difference = (t: number, d: number) => differences[t * strip.depth + d];
  const lines = Array.from({ length }, (_, t) => t);
  const uneven = median(lines.flatMap((t) => outer.map((d) => difference(t, d))));
  const other = Math.max(leastDifference, timesUneven * uneven);
  if (other > mostDifference) return 0;

  // Two pixels, since one may be dust.
  const isOther = (t: number, d: number) => difference(t, d) > other && difference(t, d + 1) > other;
  const end = lines.map((t) => {
    for (let d = 1; d < depth; d++) if (isOther(t, d)) return d;
    return Number.POSITIVE_INFINITY;
  });
  const tolerance = Math.max(leastStraightness, straightness * across);
  const straight = lineThrough(end, depth, tolerance);
  const isEdge = (t: number) => {
    const after = Array.from({ length: softest }, (_, i) => difference(t, end[t] + i));
    const before = difference(t, Math.max(1, end[t] - softest / 2));
    return median(after) > other && Math.max(...after) - before > other;
  };
  const ending = lines.filter((t) => Math.abs(end[t] - straight(t)) <= tolerance && isEdge(t));
  const stained = lines.filter((t) => end[t] < straight(t) - tolerance);
  if (ending.length < least * length || stained.length > mostStained * length) return 0;

  // A soft edge is still on its way to the picture's colors after that.
  const mean = Array.from({ length: farther * softest }, (_, i) =>
    ending.reduce((sum, t) => sum + difference(t, end[t] + i), 0),
  );
  const turned = Math.max(...mean.slice(0, softest));
  if (turned < leastTurned * Math.max(...mean)) return 0;
  const soft = mean.findIndex((value) => value >= 0.9 * turned);
  // One more, into which a JPEG smears the border's color.
  return Math.max(...ending.map((t) => end[t])) + soft + 1;
}

/** The straight line that most of the ends at 0, 1, 2 … are near, of all that turn no more than a frame may: every one is tried. */
function lineThrough(ends: readonly number[], depth: number, tolerance: number): (t: number) => number {
  const last = ends.length - 1;
  const turned = Math.floor(mostTurned * last);
  let best = (_: number) => 0;
  let most = 0;
  for (let first = 1; first < depth; first++) {
    for (let turn = -turned; turn <= turned; turn++) {
      const at = (t: number) => first + (turn * t) / last;
      let near = 0;
      for (let t = 0; t <= last; t++) near += Math.max(0, tolerance + 1 - Math.abs(ends[t] - at(t)));
      if (near > most) [best, most] = [at, near];
    }
  }
  return best;
}

/** What lies along a side: `length` lines from the edge inwards, `depth` pixels each, as planes [3, length, depth]. */
interface Strip {
  data: Float32Array;
  length: number;
  depth: number;
}

/** Each line as the mean of a few beside each other, so that noise and dust count less. */
function stripOf(picture: Picture, from: number, side: Side, ends: Margins, depth: number): Strip {
  const { data, width, height } = picture;
  const isUpright = side === 'left' || side === 'right';
  const [start, stop] = isUpright ? [ends.top, height - ends.bottom] : [ends.left, width - ends.right];
  const first = Math.ceil(start);
  const length = Math.max(0, Math.floor(stop) - first);
  const isFar = side === 'right' || side === 'bottom';
  const pixel = (t: number, d: number) => {
    const inward = isFar ? extent(picture, side) - 1 - from - d : from + d;
    return isUpright ? (first + t) * width + inward : inward * width + first + t;
  };
  const strip = new Float32Array(3 * length * depth);
  for (let c = 0; c < 3; c++) {
    for (let t = 0; t < length; t++) {
      const low = Math.max(0, t - linesBeside);
      const high = Math.min(length - 1, t + linesBeside);
      for (let d = 0; d < depth; d++) {
        let sum = 0;
        for (let u = low; u <= high; u++) sum += data[c * width * height + pixel(u, d)];
        strip[(c * length + t) * depth + d] = sum / (high - low + 1);
      }
    }
  }
  return { data: strip, length, depth };
}

/** How far each pixel of a strip is from the border's color beside it: [length, depth], gray levels of the channel farthest. */
function differencesIn({ data, length, depth }: Strip): Float32Array {
  const part = length / parts;
  const result = new Float32Array(length * depth);
  for (let c = 0; c < 3; c++) {
    const plane = data.subarray(c * length * depth, (c + 1) * length * depth);
    const colors = Array.from({ length: parts }, (_, i) => {
      const near: number[] = [];
      const to = Math.min(length, Math.ceil((i + 1 + partsBeside) * part));
      for (let t = Math.max(0, Math.floor((i - partsBeside) * part)); t < to; t++)
        for (const d of outer) near.push(plane[t * depth + d]);
      return median(near);
    });
    for (let t = 0; t < length; t++) {
      const color = colors[Math.floor(t / part)];
      for (let i = t * depth; i < (t + 1) * depth; i++)
        result[i] = Math.max(result[i], Math.abs(plane[i] - color));
    }
  }
  return result;
}

/** Whether there is more to see than a few flat fields, of which what looks like a border would be one. */
function isBusy({ data, width, height }: Picture, { left, top, right, bottom }: Margins): boolean {
  let busy = 0;
  let squares = 0;
  for (let y = top; y + squareSide <= height - bottom; y += squareSide) {
    for (let x = left; x + squareSide <= width - right; x += squareSide) {
      squares++;
      if ([0, 1, 2].some((c) => deviation(c * width * height + y * width + x) > busyDeviation)) busy++;
    }
  }
  return busy >= leastBusy * squares;

  /** The standard deviation in the square that begins there. */
  function deviation(start: number): number {
    let sum = 0;
    let squared = 0;
    for (let v = 0; v < squareSide; v++) {
      for (let u = 0; u < squareSide; u++) {
        const value = data[start + v * width + u];
        sum += value;
        squared += value * value;
      }
    }
    const count = squareSide * squareSide;
    return Math.sqrt(Math.max(0, squared / count - (sum / count) ** 2));
  }
}

function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}
