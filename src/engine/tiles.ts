/**
 * Tiles of a picture. Their cores partition the picture. Each core has a margin, clipped at the picture's edges, that is wide
 * enough for the results at the core to be exact.
 */
import { convolutionsUpTo } from '../network/vgg19.js';
import type { Image } from './engine.js';

export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

export interface Tile extends Box {
  /** In the picture, as the tile itself. */
  core: Box;
}

type Size = Pick<Image, 'height' | 'width'>;

interface Span {
  start: number;
  end: number;
  core: { start: number; end: number };
}

/** A tile that begins and ends at multiples of this has the same pooling windows as the picture. */
const gridOf = (layers: readonly string[]) => 2 ** convolutionsUpTo(layers).at(-1)!.block;

/** Radius of the receptive field of the deepest layer, in pixels. */
const reach = (layers: readonly string[]) =>
  convolutionsUpTo(layers).reduce((sum, { block }) => sum + 2 ** block, 0);

/** Margin in pixels for exact features at the core. */
export const featuresMargin = (layers: readonly string[]) => ceilTo(reach(layers), gridOf(layers));

/** Margin in pixels for an exact gradient at the core: every feature whose receptive field meets the core must be exact. */
export const gradientMargin = (layers: readonly string[]) =>
  ceilTo(featuresMargin(layers) + reach(layers), gridOf(layers));

/**
 * The tiling with the fewest pixels in total, margins included, whose tiles have at most `pixels` pixels each. A core is never
 * smaller than the pooling grid, so a tile may exceed the limit.
 */
export function tilesOf(size: Size, layers: readonly string[], margin: number, pixels: number): Tile[] {
  const grid = gridOf(layers);
  const columns = divisions(size.width, grid, margin);
  const rows = divisions(size.height, grid, margin);
  let best: { work: number; across: Span[]; down: Span[] } | undefined;
  for (const across of columns) {
    // The fewest rows that fit: more of them are only more margin.
    const down = rows.find((spans) => longest(spans) * longest(across) <= pixels) ?? rows.at(-1)!;
    const fits = longest(down) * longest(across) <= pixels;
    if (!fits && across !== columns.at(-1)) continue;
    const work = total(across) * total(down);
    if (!best || work < best.work) best = { work, across, down };
  }
  const { across, down } = best!;
  return down.flatMap((y) =>
    across.map((x) => ({
      ...box(y, x),
      core: box(y.core, x.core),
    })),
  );
}

/** All divisions of a length into equal spans, from one span to the shortest possible. */
function divisions(length: number, grid: number, margin: number): Span[][] {
  const all: Span[][] = [];
  let before = 0;
  for (let count = 1; count <= Math.ceil(length / grid); count++) {
    const core = ceilTo(length / count, grid);
    if (core === before) continue;
    before = core;
    const spans: Span[] = [];
    for (let start = 0; start < length; start += core) {
      const end = Math.min(length, start + core);
      spans.push({
        start: Math.max(0, start - margin),
        end: Math.min(length, end + margin),
        core: { start, end },
      });
    }
    all.push(spans);
  }
  return all;
}

const longest = (spans: readonly Span[]) => Math.max(...spans.map(({ start, end }) => end - start));
const total = (spans: readonly Span[]) => spans.reduce((sum, { start, end }) => sum + end - start, 0);

type Range = Pick<Span, 'start' | 'end'>;
const box = (y: Range, x: Range): Box => ({
  top: y.start,
  left: x.start,
  height: y.end - y.start,
  width: x.end - x.start,
});

const ceilTo = (length: number, grid: number) => grid * Math.ceil(length / grid);

/** A box of the picture, at the size of a layer. */
export function boxAt(layer: string, { top, left, height, width }: Box): Box {
  const { block } = convolutionsUpTo([layer]).at(-1)!;
  const scale = 2 ** block;
  return {
    top: top / scale,
    left: left / scale,
    height: Math.ceil(height / scale),
    width: Math.ceil(width / scale),
  };
}

/** The same box relative to the corner of another. */
export const within = ({ top, left, ...size }: Box, outer: Box): Box => ({
  top: top - outer.top,
  left: left - outer.left,
  ...size,
});

/** Cuts a box out of planes [C, H·W] that are `width` wide. */
export function cut(planes: Float32Array, size: Size, box: Box): Float32Array {
  const channels = planes.length / (size.height * size.width);
  const part = new Float32Array(channels * box.height * box.width);
  eachRow(channels, size, box, (whole, own) => {
    part.set(planes.subarray(whole, whole + box.width), own);
  });
  return part;
}

/** Writes planes back to the box that cut() reads. */
export function paste(planes: Float32Array, size: Size, box: Box, part: Float32Array): void {
  const channels = planes.length / (size.height * size.width);
  eachRow(channels, size, box, (whole, own) => {
    planes.set(part.subarray(own, own + box.width), whole);
  });
}

function eachRow(channels: number, size: Size, box: Box, visit: (whole: number, own: number) => void): void {
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < box.height; y++)
      visit((c * size.height + box.top + y) * size.width + box.left, (c * box.height + y) * box.width);
}
