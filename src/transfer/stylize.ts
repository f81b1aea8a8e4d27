/**
 * Style transfer by optimisation (Gatys et al. 2015) as an async generator of iterates. Pausing is not asking for the
 * next one; stopping is not asking any more; new weights are handed over with the asking: `iterates.next(weights)`.
 */
import type { Engine, Image, Region } from '../engine/engine.js';
import { type Mask, mix, resizeMask, union } from '../image/mask.js';
import type { Picture } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { layerShape } from '../network/vgg19.js';
import { type AdamOptions, adam } from './adam.js';
import { lbfgs } from './lbfgs.js';
import {
  type LayerWeights,
  type Losses,
  regions,
  type StyleTargets,
  termWeights,
  type Weights,
  weigh,
} from './losses.js';
import { planScales, type Scale } from './scales.js';

export interface Transfer {
  content: Picture;
  /** One picture per style, each at the size it has at the final scale. */
  styles: readonly Picture[];
  /** Where each style paints, at the content's size; everywhere when left out. Outside them the content stays. */
  masks?: readonly Mask[];
  /** Where painting starts. */
  initial: Picture;
  weights: Weights;
  layers: LayerWeights;
  optimizer: 'adam' | 'lbfgs';
  adam: AdamOptions;
  /** Steps of the optimiser, over all scales. */
  iterations: number;
  scales: number;
  /** Red, green, blue, 0..255: what the network wants subtracted. */
  mean: readonly [number, number, number];
}

export interface Iterate {
  /** Steps so far: 0 for the start, `iterations` for the last. */
  iteration: number;
  iterations: number;
  /** From 1, coarse to fine. */
  scale: number;
  scales: number;
  losses: Losses;
  weights: Weights;
  /** The best image of this scale so far, [3, H, W], 0..255 but not clamped. Not to be written to. */
  best: Picture;
  bestLosses: Losses;
}

/** An L-BFGS step to this many times the best loss left the region that its quadratic model describes. */
const blownUp = 3;

/** Yields after each evaluation; accepts new weights, which count from the next one on. */
export async function* stylize(
  engine: Engine,
  transfer: Transfer,
): AsyncGenerator<Iterate, void, Weights | undefined> {
  const { content, layers, mean } = transfer;
  const scales = planScales(content.width, content.height, transfer.scales, transfer.iterations);
  const targets: StyleTargets[] = [];
  for (const scale of scales) targets.push(await measureTargets(engine, transfer, scale));

  let weights = transfer.weights;
  let picture = transfer.initial;
  let iteration = 0;
  for (const [index, scale] of scales.entries()) {
    const target = targets[index];
    const reach = transfer.masks && union(await resizeMasks(transfer.masks, scale));
    picture = await resize(picture, scale.width, scale.height);
    if (reach) picture = await keepOutside(picture, content, reach);
    let image = subtractMean(picture, mean);
    let best: { image: Image; gradient: Float32Array; losses: Losses } | undefined;
    const optimiser = transfer.optimizer === 'adam' ? adam(transfer.adam) : lbfgs();
    // The last image of a scale is only worth evaluating where no other scale follows.
    const last = index === scales.length - 1 ? transfer.iterations : iteration + scale.iterations - 1;

    for (; ; iteration++) {
      const evaluation = await engine.evaluate(
        image,
        { content: target.content, regions: regions(target, weights, layers) },
        termWeights(target, weights, layers),
      );
      const losses = weigh(evaluation, target, weights, layers);
      const gradient = reach ? within(evaluation.gradient, reach) : evaluation.gradient;
      if (!best && !Number.isFinite(losses.total))
        throw new Error(`the loss before the first step is ${losses.total}`);
      if (!best || losses.total < best.losses.total) {
        best = { image, gradient, losses };
        picture = addMean(image, mean);
      }
      const changed = yield {
        iteration,
        iterations: transfer.iterations,
        scale: index + 1,
        scales: scales.length,
        losses,
        weights,
        best: picture,
        bestLosses: best.losses,
      };
      if (changed) weights = changed;
      if (iteration === last) break;
      let from = { image, gradient };
      if (isLost(losses.total, best.losses.total, transfer.optimizer)) {
        from = best;
        optimiser.retreat();
      }
      image = { ...image, data: optimiser.step(from.image.data, from.gradient) };
      if (changed) {
        // Losses under other weights do not compare: the best starts anew from here.
        best = undefined;
        optimiser.reset();
      }
    }
    iteration++;
  }
}

/** Adam leaps as a matter of course and comes back; only a loss that is no number is lost for it. */
function isLost(total: number, best: number, optimizer: Transfer['optimizer']): boolean {
  return !Number.isFinite(total) || (optimizer === 'lbfgs' && total > blownUp * best);
}

/** The content's features and every style's Gram matrices and mask, each picture at this scale's size. */
async function measureTargets(
  engine: Engine,
  { content, styles, masks, layers, mean }: Transfer,
  scale: Scale,
): Promise<StyleTargets> {
  const shrink = scale.width / content.width;
  const measure = async (picture: Picture, width: number, height: number) =>
    engine.features(subtractMean(await resize(picture, width, height), mean));
  const grams: StyleTargets['styles'][number][] = [];
  for (const style of styles) {
    const size = (n: number) => Math.max(32, Math.round(n * shrink));
    grams.push((await measure(style, size(style.width), size(style.height))).grams);
  }
  const { content: features } = await measure(content, scale.width, scale.height);
  if (!masks) return { content: features, styles: grams };
  const perLayer = masks.map((mask) => layerMasks(mask, Object.keys(layers.style), scale));
  return { content: features, styles: grams, masks: await Promise.all(perLayer) };
}

/** A mask at the size of each layer. */
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

const resizeMasks = (masks: readonly Mask[], { width, height }: Scale) =>
  Promise.all(masks.map((mask) => resizeMask(mask, width, height)));

/** The picture within reach, the content elsewhere. */
async function keepOutside(picture: Picture, content: Picture, reach: Float32Array): Promise<Picture> {
  const { width, height, data } = picture;
  return { width, height, data: mix(data, (await resize(content, width, height)).data, reach) };
}

/** A gradient that moves nothing out of reach. */
const within = (gradient: Float32Array, reach: Float32Array) =>
  gradient.map((value, i) => value * reach[i % reach.length]);

function subtractMean({ data, width, height }: Picture, mean: readonly number[]): Image {
  const plane = width * height;
  return { data: data.map((value, i) => value - mean[Math.floor(i / plane)]), width, height };
}

function addMean({ data, width, height }: Image, mean: readonly number[]): Picture {
  const plane = width * height;
  return { data: data.map((value, i) => value + mean[Math.floor(i / plane)]), width, height };
}
