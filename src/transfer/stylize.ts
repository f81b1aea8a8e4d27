/**
 * Style transfer by optimisation (Gatys et al. 2015) as an async generator of iterates. Pausing is not asking for the
 * next one; stopping is not asking any more; new weights are handed over with the asking: `iterates.next(weights)`.
 */
import type { Engine, Image } from '../engine/engine.js';
import { type Mask, mix, union } from '../image/mask.js';
import type { Picture } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { type AdamOptions, adam } from './adam.js';
import type { GramCache } from './grams.js';
import { lbfgs } from './lbfgs.js';
import {
  type LayerWeights,
  type Losses,
  regions,
  type StyleTargets,
  sum,
  termWeights,
  type Weights,
  weigh,
} from './losses.js';
import type { Memory, Optimiser } from './optimiser.js';
import { planScales, type Scale } from './scales.js';
import { measureTargets, resizeMasks, subtractMean } from './targets.js';

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
  /** What was measured for earlier transfers with the same engine. */
  grams?: GramCache;
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
  /** Where the painting stands now; its arrays may change with the next step. */
  state(): State;
}

/** Where a painting stands between two steps: enough to go on from there in another process. */
export interface State {
  iteration: number;
  /** Index of the scale, from 0. */
  scale: number;
  weights: Weights;
  /** The image that is evaluated next, mean-subtracted. */
  image: Image;
  best: Best;
  optimiser: Memory;
}

/** The best image of a scale so far, mean-subtracted. */
export interface Best {
  image: Image;
  gradient: Float32Array;
  losses: Losses;
}

/** An L-BFGS step to this many times the best loss left the region that its quadratic model describes. */
const blownUp = 3;

/**
 * Yields after each evaluation; accepts new weights, which count from the next one on.
 * @param from where an earlier run of the same transfer stood: the first evaluation is that of its next image
 */
export async function* stylize(
  engine: Engine,
  transfer: Transfer,
  from?: State,
): AsyncGenerator<Iterate, void, Weights | undefined> {
  const { content, layers, mean } = transfer;
  const scales = planScales(content.width, content.height, transfer.scales, transfer.iterations);
  const targets = new Map<Scale, StyleTargets>();
  for (const scale of scales.slice(from?.scale))
    targets.set(scale, await measureTargets(engine, transfer, scale));

  let weights = from?.weights ?? transfer.weights;
  let picture = transfer.initial;
  let iteration = from?.iteration ?? 0;
  for (const [scale, target] of targets) {
    const index = scales.indexOf(scale);
    const resumed = index === from?.scale ? from : undefined;
    const reach = transfer.masks && union(await resizeMasks(transfer.masks, scale));
    picture = resumed ? addMean(resumed.best.image, mean) : await resize(picture, scale.width, scale.height);
    if (reach && !resumed) picture = await keepOutside(picture, content, reach);
    let image = resumed?.image ?? subtractMean(picture, mean);
    let best = resumed?.best;
    const optimiser = createOptimiser(transfer, resumed?.optimiser);
    // The last image of a scale is only worth evaluating where no other scale follows.
    const end = sum(scales.slice(0, index + 1).map(({ iterations }) => iterations));
    const last = index === scales.length - 1 ? end : end - 1;

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
        state: stateNow(iteration, index, weights, image, best, optimiser),
      };
      if (changed) weights = changed;
      if (iteration === last) break;
      let start = { image, gradient };
      if (isLost(losses.total, best.losses.total, transfer.optimizer)) {
        start = best;
        optimiser.retreat();
      }
      image = { ...image, data: optimiser.step(start.image.data, start.gradient) };
      if (changed) {
        // Losses under other weights do not compare: the best starts anew from here.
        best = undefined;
        optimiser.reset();
      }
    }
    iteration++;
  }
}

const createOptimiser = ({ optimizer, adam: options }: Transfer, memory?: Memory) =>
  optimizer === 'adam' ? adam(options, memory) : lbfgs({}, memory);

const stateNow =
  (iteration: number, scale: number, weights: Weights, image: Image, best: Best, optimiser: Optimiser) =>
  (): State => ({ iteration, scale, weights, image, best, optimiser: optimiser.remember() });

/** Adam leaps as a matter of course and comes back; only a loss that is no number is lost for it. */
function isLost(total: number, best: number, optimizer: Transfer['optimizer']): boolean {
  return !Number.isFinite(total) || (optimizer === 'lbfgs' && total > blownUp * best);
}

/** The picture within reach, the content elsewhere. */
async function keepOutside(picture: Picture, content: Picture, reach: Float32Array): Promise<Picture> {
  const { width, height, data } = picture;
  return { width, height, data: mix(data, (await resize(content, width, height)).data, reach) };
}

/** A gradient that moves nothing out of reach. */
const within = (gradient: Float32Array, reach: Float32Array) =>
  gradient.map((value, i) => value * reach[i % reach.length]);

function addMean({ data, width, height }: Image, mean: readonly number[]): Picture {
  const plane = width * height;
  return { data: data.map((value, i) => value + mean[Math.floor(i / plane)]), width, height };
}
