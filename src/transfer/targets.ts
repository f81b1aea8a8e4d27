/** The targets of the losses at each scale: content features and style statistics. */
import type { Engine, Region } from '../engine/engine.js';
import { type Mask, resizeMask } from '../image/mask.js';
import type { Picture, Size } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { layerShape } from '../network/vgg19.js';
import type { LayerWeights, StyleTargets } from './losses.js';
import { subtractMean } from './mean.js';
import type { Scale } from './scales.js';
import { StatisticsCache } from './statistics.js';

/** What is measured, and by which layers. */
export interface Measured {
  content: Picture;
  /** One picture per style, each at the size it has at the final scale. */
  styles: readonly Picture[];
  /** Where each style paints, at the content's size; everywhere when left out. Outside them the content stays. */
  masks?: readonly Mask[];
  layers: LayerWeights;
  /** What was measured for earlier transfers with the same engine. */
  statistics?: StatisticsCache;
  /** Red, green, blue, 0..255: what the network wants subtracted. */
  mean: readonly [number, number, number];
}

/** Measures the targets of each scale once. */
export class Targets {
  private readonly measured = new Map<number, StyleTargets>();

  constructor(
    private readonly engine: Engine,
    private readonly transfer: Measured,
  ) {}

  async measure(scales: readonly Scale[]): Promise<void> {
    for (const scale of scales)
      if (!this.measured.has(scale.width))
        this.measured.set(scale.width, await measureTargets(this.engine, this.transfer, scale));
  }

  at({ width }: Scale): StyleTargets {
    return this.measured.get(width)!;
  }
}

/** The content's features and each style's statistics and masks at one scale. */
async function measureTargets(
  engine: Engine,
  { content, styles, masks, layers, mean, statistics: known = new StatisticsCache() }: Measured,
  scale: Scale,
): Promise<StyleTargets> {
  const shrink = scale.width / content.width;
  const sized = async (picture: Picture, width: number, height: number) =>
    subtractMean(await resize(picture, width, height), mean);
  const statistics: StyleTargets['styles'][number][] = [];
  for (const style of styles) {
    const { width, height } = styleSizeAt(style, shrink);
    statistics.push(await known.of(await sized(style, width, height), engine));
  }
  const { content: features } = await engine.features(await sized(content, scale.width, scale.height));
  if (!masks) return { content: features, styles: statistics };
  const perLayer = masks.map((mask) => layerMasks(mask, Object.keys(layers.style), scale));
  return { content: features, styles: statistics, masks: await Promise.all(perLayer) };
}

/**
 * Size in pixels of a style at a scale; no side is shorter than 32.
 * @param shrink the scale's width as a share of the content's
 */
export function styleSizeAt({ width, height }: Size, shrink: number): Size {
  const at = (n: number) => Math.max(32, Math.round(n * shrink));
  return { width: at(width), height: at(height) };
}

/** The mask at the size of each layer, [H·W]. */
async function layerMasks(
  mask: Mask,
  layers: readonly string[],
  scale: Scale,
): Promise<NonNullable<Region['mask']>> {
  const entries = layers.map(async (layer) => {
    const [, height, width] = layerShape(layer, scale.height, scale.width);
    return [layer, (await resizeMask(mask, width, height)).data] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The masks at the size of a scale. */
export const resizeMasks = (masks: readonly Mask[], { width, height }: Scale) =>
  Promise.all(masks.map((mask) => resizeMask(mask, width, height)));
