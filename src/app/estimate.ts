/** Estimates of what a painting takes, for --dry-run. */
import type { Placement } from '../engine/placement.js';
import { tryPlacement } from '../engine/trial.js';
import type { Size } from '../image/picture.js';
import { paintingMemory } from '../render/fit.js';
import type { Recipe } from '../settings/recipe.js';
import { planScales } from '../transfer/scales.js';
import { UserError } from '../util/errors.js';

/** Seconds that a painting takes besides its evaluations: the process, the network, reading and writing. */
const overhead = 1.5;

/** Pixels of the evaluation that trials time. */
const trialPixels = 256 * 256;

/** What measuring a style takes, as a share of an evaluation of the same size: it has no gradient. */
const measuring = 1 / 3;

export interface Estimate {
  seconds: number;
  /** Memory, in bytes. */
  bytes: number;
}

/**
 * @param size of the painting
 * @param secondsOfTrial seconds an evaluation at 256×256: see evaluationTime()
 */
export function estimate(
  { settings, layers }: Pick<Recipe, 'settings' | 'layers'>,
  size: Size,
  { engine }: Pick<Placement, 'engine'>,
  secondsOfTrial: number,
): Estimate {
  const { bleed, scales, iterations, optimizer, styles, styleScales, styleSize } = settings;
  // Styles are taken to have the photo's shape, since reading them is what a dry run saves.
  const sizes = styles.map((_, i) => {
    const scale = styleScales[i] ?? styleScales[0];
    const factor = styleSize === undefined ? scale : styleSize / Math.max(size.width, size.height);
    return { width: Math.round(size.width * factor), height: Math.round(size.height * factor) };
  });
  const [width, height] = [size.width + 2 * bleed, size.height + 2 * bleed];
  const work = planScales(width, height, scales, iterations).reduce((sum, scale) => {
    const share = (scale.width / width) ** 2;
    const measured = sizes.reduce((total, style) => total + measuring * share * area(style), 0);
    // Each scale evaluates its start too.
    return sum + area(scale) * (scale.iterations + 1) + measured;
  }, 0);
  const contentLayers = Object.keys(layers.content);
  return {
    seconds: overhead + (work / trialPixels) * secondsOfTrial,
    bytes: Math.round(
      paintingMemory({ engine, optimizer, contentLayers, content: size, bleed, styles: sizes }),
    ),
  };
}

/** What was measured already, by placement. */
const measured = new Map<string, number>();

/**
 * Seconds an evaluation at 256×256 takes, measured in about two seconds, once.
 * @throws UserError if the device cannot be used
 */
export async function evaluationTime(placement: Placement): Promise<number> {
  const key = JSON.stringify(placement);
  const known = measured.get(key);
  if (known !== undefined) return known;
  const result = await tryPlacement(placement);
  if ('reason' in result)
    throw new UserError(`${placement.engine} ${placement.device}: cannot be used: ${result.reason}`);
  measured.set(key, result.seconds);
  return result.seconds;
}

const area = ({ width, height }: Size) => width * height;
