/** Fits a painting to the memory budget: in one piece, in tiles, or smaller than requested. */
import { canTile } from '../engine/engines.js';
import { evaluationMemory, featuresMemory, tiledMemory, tileWithin } from '../engine/memory.js';
import type { EngineName } from '../engine/placement.js';
import { elements } from '../engine/sizes.js';
import { smallestPhotoSide } from '../image/decode.js';
import { readPictureFile } from '../image/file.js';
import type { Size } from '../image/picture.js';
import type { Settings } from '../settings/settings.js';
import { pairsKept } from '../transfer/lbfgs.js';
import { UserError } from '../util/errors.js';
import type { RenderJob } from './messages.js';
import { sizeOfStyle } from './style.js';

/** The longer side is not made smaller than this, since memory is only estimated. */
const minSide = 256;

/** Pixels of the smallest tile; smaller ones would be mostly margin. */
const minTile = 512 * 512;

/** Bytes per pixel of an image in memory. */
const image = 3 * 4;

/** Images in memory besides those of the engine and the optimizer: the latest and the best, with their gradients. */
const loopImages = 4;

/** Images that a step of L-BFGS allocates besides its curvature pairs, including the matrices of its coordinates. */
const stepImages = 10;

/**
 * Images in memory while a tile is evaluated, relative to the peak of a step: the gradient that is assembled from tiles, less
 * what only a step of L-BFGS needs.
 */
const tileImages = { adam: 1, lbfgs: 1 - 6 };

export interface Need {
  engine: EngineName;
  optimizer: Settings['optimizer'];
  contentLayers: readonly string[];
  content: Size;
  /** Pixels around the content. */
  bleed: number;
  styles: readonly Size[];
  /** The styles keep their size if the picture is made smaller. */
  stylesKept?: boolean;
}

/** How a picture is painted within its memory budget. */
export interface Fit {
  size: Size;
  /** Maximum pixels of a tile, if it is painted in tiles. */
  tile?: number;
}

/** Peak memory of a painting process in bytes: while it measures the largest style, or at the end of the painting. */
export function paintingMemory(need: Need): number {
  const { engine, styles } = need;
  const inputs = inputMemory(need);
  const painted = area(paintedSize(need));
  return Math.max(
    ...styles.map((style) => inputs + featuresMemory(engine, area(style))),
    inputs + evaluationMemory(engine, painted) + image * images(need) * painted,
  );
}

/** Its peak memory in bytes when painting in tiles of this many pixels. */
const inTiles = (need: Need, tile: number) => outsideTiles(need) + tiledMemory(need.engine, tile);

/** The part that does not depend on the tile's size. The content's features at all scales take a third more than at one. */
function outsideTiles(need: Need): number {
  const { contentLayers, optimizer } = need;
  const painted = paintedSize(need);
  const features = contentLayers.reduce((sum, layer) => sum + elements(layer, painted), 0);
  return (
    inputMemory(need) +
    image * (images(need) + tileImages[optimizer]) * area(painted) +
    (4 / 3) * 4 * features
  );
}

function inputMemory(need: Need): number {
  return image * need.styles.reduce((sum, style) => sum + area(style), area(paintedSize(need)));
}

/** Images of the optimizer and the loop. Adam has two moments; a curvature pair of L-BFGS is two images. */
const images = (need: Need) =>
  loopImages + (need.optimizer === 'adam' ? 2 : stepImages + 2 * pairsKept(3 * area(paintedSize(need))));

/** The largest size of the same shape, up to the one requested, whose painting takes at most `budget` bytes. */
export function largestFitting(need: Need, budget: number): Size {
  const { content } = need;
  const fits = (share: number) => {
    const part = scaledBy(need, Math.sqrt(share));
    return (canTile(need.engine) ? inTiles(part, minTile) : paintingMemory(part)) <= budget;
  };
  if (fits(1)) return content;
  // Bisection, since the optimizer's memory is not proportional to the size.
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return shrunk(content, low);
}

/** Including the bleed. */
const paintedSize = ({ content: { width, height }, bleed }: Need): Size => ({
  width: width + 2 * bleed,
  height: height + 2 * bleed,
});

const area = ({ width, height }: Size) => width * height;

/** Styles are scaled like the picture, unless they have a fixed size. */
const scaledBy = (need: Need, factor: number): Need => ({
  ...need,
  content: scaled(need.content, factor),
  styles: need.stylesKept ? need.styles : need.styles.map((style) => scaled(style, factor)),
});

const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.floor(width * factor),
  height: Math.floor(height * factor),
});

/** Reduced to this share of its pixels, but not below the minimum size. */
function shrunk({ width, height }: Size, share: number): Size {
  if (share >= 1) return { width, height };
  const minFactor = Math.min(1, minSide / Math.max(width, height));
  const factor = Math.max(minFactor, Math.sqrt(Math.max(0, share)));
  const side = (length: number) => Math.max(smallestPhotoSide, Math.floor(length * factor));
  return { width: side(width), height: side(height) };
}

type Job = Pick<RenderJob, 'source' | 'settings' | 'layers' | 'memory' | 'replay'>;

/**
 * The requested size if it fits the memory budget, in tiles if necessary; else the largest size that does.
 * @param requested size of the picture by its settings
 * @param warn called unless the picture is painted in one piece at the requested size
 * @throws UserError if a smaller size would be needed and is not allowed
 */
export async function fitToMemory(
  { source, settings, layers, memory, replay }: Job,
  requested: Size,
  engine: EngineName,
  warn: (text: string) => void,
): Promise<Fit> {
  const asked = replay?.painted ?? requested;
  const { limit, share = 1, strict } = memory;
  if (limit === undefined) return { size: shrunk(asked, share) };
  const styles: Size[] = [];
  for (const [i, file] of settings.styles.entries())
    styles.push(await sizeOfStyle(await readPictureFile(file), settings, i, asked.width));
  const { optimizer, bleed } = settings;
  const stylesKept = settings.styleSize !== undefined;
  const contentLayers = Object.keys(layers.content);
  const need: Need = { engine, optimizer, contentLayers, content: asked, bleed, styles, stylesKept };
  if (paintingMemory(need) <= limit) return { size: shrunk(asked, share) };
  const shortage = `${nameOf(asked)} needs about ${gigabytes(paintingMemory(need))} of memory, ${gigabytes(limit)} is available`;
  const size = largestFitting(need, limit);
  if (size.width < asked.width) {
    if (strict)
      throw new UserError(
        `${source}: ${shortage}. Close other programs, choose a smaller --size, or leave out --strict-size to paint it at ${nameOf(size)}.`,
      );
    warn(`${shortage}: painted at ${nameOf(size)}.`);
  } else warn(`${shortage}: painted in tiles, which takes longer.`);
  if (!canTile(need.engine)) return { size: shrunk(size, share) };
  const tile = Math.max(
    minTile,
    tileWithin(engine, limit - outsideTiles(scaledBy(need, size.width / asked.width))),
  );
  return { size: shrunk(size, share), tile };
}

const nameOf = ({ width, height }: Size) => `${width}×${height}`;

const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`;
