/** How a picture is painted within the memory that there is: in one piece, in tiles, or smaller than it was asked for. */
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

/** No longer side is made smaller than this: what is known of memory is an estimate, and may be wrong. */
const leastSide = 256;

/** Pixels of the least tile: of smaller ones nearly all is margin. */
const leastTile = 512 * 512;

/** Bytes of an image in memory, for each pixel. */
const image = 3 * 4;

/** Images that are kept beside the engine's and the optimizer's: the latest and the best, with their gradients. */
const kept = 4;

/** Images that a step of L-BFGS takes besides its pairs, with the matrices of its coordinates. */
const step = 10;

/** The gradient that is put together from tiles; most of what a step of L-BFGS takes is there when no tile is. */
const underway = { adam: 1, lbfgs: 1 - 6 };

export interface Need {
  engine: EngineName;
  optimizer: Settings['optimizer'];
  contentLayers: readonly string[];
  content: Size;
  /** Pixels around the content. */
  bleed: number;
  styles: readonly Size[];
  /** The styles keep their size where the picture must be smaller. */
  stylesKept?: boolean;
}

/** How a picture is painted within the memory that there is. */
export interface Fit {
  size: Size;
  /** Pixels of a tile at most, where it is painted in tiles. */
  tile?: number;
}

/** Bytes that a painting process holds at most: while it measures the largest style, or with all it keeps at the end. */
export function paintingMemory(need: Need): number {
  const { engine, styles } = need;
  const inputs = inputMemory(need);
  const painted = area(paintedSize(need));
  return Math.max(
    ...styles.map((style) => inputs + featuresMemory(engine, area(style))),
    inputs + evaluationMemory(engine, painted) + image * images(need) * painted,
  );
}

/** Bytes that it holds when it paints in tiles of so many pixels. */
const inTiles = (need: Need, tile: number) => besideTiles(need) + tiledMemory(need.engine, tile);

/** What is as large as the picture and no tile: the content's features at all scales are a third more than at one. */
function besideTiles(need: Need): number {
  const { contentLayers, optimizer } = need;
  const painted = paintedSize(need);
  const features = contentLayers.reduce((sum, layer) => sum + elements(layer, painted), 0);
  return (
    inputMemory(need) + image * (images(need) + underway[optimizer]) * area(painted) + (4 / 3) * 4 * features
  );
}

function inputMemory(need: Need): number {
  return image * need.styles.reduce((sum, style) => sum + area(style), area(paintedSize(need)));
}

/** Adam has two moments; a pair of L-BFGS is two images. */
const images = (need: Need) =>
  kept + (need.optimizer === 'adam' ? 2 : step + 2 * pairsKept(3 * area(paintedSize(need))));

/** The largest size of the same shape, up to the one asked for, whose painting takes no more than `room` bytes. */
export function largestFitting(need: Need, room: number): Size {
  const { content } = need;
  const fits = (share: number) => {
    const part = scaledBy(need, Math.sqrt(share));
    return (canTile(need.engine) ? inTiles(part, leastTile) : paintingMemory(part)) <= room;
  };
  if (fits(1)) return content;
  // Halving finds it, whatever the optimizer keeps at which size.
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return shrunk(content, low);
}

/** With what is trimmed in the end. */
const paintedSize = ({ content: { width, height }, bleed }: Need): Size => ({
  width: width + 2 * bleed,
  height: height + 2 * bleed,
});

const area = ({ width, height }: Size) => width * height;

/** Styles are as much smaller as the picture is, unless they have a size of their own. */
const scaledBy = (need: Need, factor: number): Need => ({
  ...need,
  content: scaled(need.content, factor),
  styles: need.stylesKept ? need.styles : need.styles.map((style) => scaled(style, factor)),
});

const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.floor(width * factor),
  height: Math.floor(height * factor),
});

/** With this share of its pixels, but not below the least size. */
function shrunk({ width, height }: Size, share: number): Size {
  if (share >= 1) return { width, height };
  const least = Math.min(1, leastSide / Math.max(width, height));
  const factor = Math.max(least, Math.sqrt(Math.max(0, share)));
  const side = (length: number) => Math.max(smallestPhotoSide, Math.floor(length * factor));
  return { width: side(width), height: side(height) };
}

type Job = Pick<RenderJob, 'source' | 'settings' | 'layers' | 'memory' | 'replay'>;

/**
 * The size that was asked for where memory has room for that, in tiles if need be; else the largest that it has room for.
 * @param within the size that the settings ask for
 * @param warn told when it is not painted in one piece, as asked for
 * @throws UserError where it may not be another size
 */
export async function fitToMemory(
  { source, settings, layers, memory, replay }: Job,
  within: Size,
  engine: EngineName,
  warn: (text: string) => void,
): Promise<Fit> {
  const asked = replay?.painted ?? within;
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
  const shortage = `${nameOf(asked)} needs about ${gigabytes(paintingMemory(need))} of memory, there is room for ${gigabytes(limit)}`;
  const size = largestFitting(need, limit);
  if (size.width < asked.width) {
    if (strict)
      throw new UserError(
        `${source}: ${shortage}. Close other programs, paint it smaller, or leave out --strict-size: then it is painted at ${nameOf(size)}.`,
      );
    warn(`${shortage}: painted at ${nameOf(size)}.`);
  } else warn(`${shortage}: painted in tiles, which takes longer.`);
  if (!canTile(need.engine)) return { size: shrunk(size, share) };
  const tile = Math.max(
    leastTile,
    tileWithin(engine, limit - besideTiles(scaledBy(need, size.width / asked.width))),
  );
  return { size: shrunk(size, share), tile };
}

const nameOf = ({ width, height }: Size) => `${width}×${height}`;

const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`;
