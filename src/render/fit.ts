/** The size at which a picture is painted: the one that was asked for, or the largest that memory has room for. */
import { evaluationMemory, featuresMemory } from '../engine/memory.js';
import type { EngineName } from '../engine/placement.js';
import { sizeWithin, smallestSide } from '../image/decode.js';
import type { Size } from '../image/picture.js';
import { UserError } from '../settings/errors.js';
import type { Settings } from '../settings/settings.js';
import { history } from '../transfer/lbfgs.js';
import { styleBounds } from './inputs.js';
import type { RenderJob } from './messages.js';

/** No longer side is made smaller than this: what is known of memory is an estimate, and may be wrong. */
const leastSide = 256;

/** Bytes of an image in memory, for each pixel. */
const image = 3 * 4;

/** Images beside the engine's: L-BFGS's pairs and what a step takes, Adam's moments; the latest and the best, with gradients. */
const kept = { lbfgs: 2 * history + 4 + 4, adam: 2 + 4 };

export interface Need {
  engine: EngineName;
  optimizer: Settings['optimizer'];
  content: Size;
  /** Pixels around the content. */
  bleed: number;
  styles: readonly Size[];
}

/** Bytes that a painting process holds at most: while it measures the largest style, or with all it keeps at the end. */
export function paintingMemory({ engine, optimizer, content, bleed, styles }: Need): number {
  const painted = (content.width + 2 * bleed) * (content.height + 2 * bleed);
  const styleArea = styles.reduce((sum, style) => sum + area(style), 0);
  const inputs = image * (painted + styleArea);
  return Math.max(
    ...styles.map((style) => inputs + featuresMemory(engine, area(style))),
    inputs + evaluationMemory(engine, painted) + image * kept[optimizer] * painted,
  );
}

/** The largest size of the same shape, up to the one asked for, whose painting takes no more than `room` bytes. */
export function largestFitting(need: Need, room: number): Size {
  const { content } = need;
  // What a painting takes grows with its area, from what it takes without any.
  const least = paintingMemory({ ...need, content: nothing, styles: [] });
  return shrunk(content, Math.min(1, (room - least) / (paintingMemory(need) - least)));
}

const nothing: Size = { width: 0, height: 0 };

const area = ({ width, height }: Size) => width * height;

/** With this share of its pixels, but not below the least size. */
function shrunk({ width, height }: Size, share: number): Size {
  if (share >= 1) return { width, height };
  const least = Math.min(1, leastSide / Math.max(width, height));
  const factor = Math.max(least, Math.sqrt(Math.max(0, share)));
  const side = (length: number) => Math.max(smallestSide, Math.floor(length * factor));
  return { width: side(width), height: side(height) };
}

type Job = Pick<RenderJob, 'source' | 'settings' | 'memory' | 'replay'>;

/**
 * @param within the size that the settings ask for
 * @param warn told when memory allows only another one
 * @throws UserError where it may not be another one
 */
export async function sizeToPaint(
  { source, settings, memory, replay }: Job,
  within: Size,
  engine: EngineName,
  warn: (text: string) => void,
): Promise<Size> {
  const asked = replay?.painted ?? within;
  const { room, share = 1, strict } = memory;
  if (room === undefined) return shrunk(asked, share);
  const styles: Size[] = [];
  for (const [i, file] of settings.styles.entries())
    styles.push(await sizeWithin(file, styleBounds(settings, i, asked.width)));
  const { optimizer, bleed } = settings;
  const need: Need = { engine, optimizer, content: asked, bleed, styles };
  if (paintingMemory(need) <= room) return shrunk(asked, share);
  const fitting = largestFitting(need, room);
  const shortage = `${nameOf(asked)} needs about ${gigabytes(paintingMemory(need))} of memory, ${gigabytes(room)} are free`;
  if (strict)
    throw new UserError(
      `${source}: ${shortage}. Close other programs, paint it smaller, or leave out --strict-size: then it is painted at ${nameOf(fitting)}.`,
    );
  warn(`${shortage}: painted at ${nameOf(fitting)}.`);
  return shrunk(fitting, share);
}

const nameOf = ({ width, height }: Size) => `${width}×${height}`;

const gigabytes = (bytes: number) => `${(bytes / 1e9).toPrecision(2)} GB`;
