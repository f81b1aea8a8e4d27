/**
 * Style transfer by optimisation (Gatys et al. 2015) as an async generator of iterates. Pausing is not asking for the
 * next one; stopping is not asking any more; new weights are handed over with the asking: `iterates.next(weights)`.
 */
import type { Engine, Image } from '../engine/engine.js';
import type { Picture } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { adam } from './adam.js';
import { lbfgs } from './lbfgs.js';
import {
  blendTargets,
  type LayerWeights,
  type Losses,
  type Targets,
  termWeights,
  type Weights,
  weigh,
} from './losses.js';
import type { Optimiser } from './optimiser.js';
import { planScales, type Scale } from './scales.js';

export interface Transfer {
  content: Picture;
  /** One picture per style, each at the size it has at the final scale. */
  styles: readonly Picture[];
  /** Where painting starts; the content when left out. */
  initial?: Picture;
  weights: Weights;
  layers: LayerWeights;
  optimizer: 'adam' | 'lbfgs';
  /** Adam's, in grey levels. */
  learningRate: number;
  /** Evaluations of the whole picture, over all its scales. */
  iterations: number;
  scales: number;
  /** Red, green, blue, 0..255: what the network wants subtracted. */
  mean: readonly [number, number, number];
}

export interface Iterate {
  /** Evaluations so far, from 1; the last iterate's is `iterations`. */
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
  const targets: Targets[] = [];
  for (const scale of scales) targets.push(await measureTargets(engine, transfer, scale));

  let weights = transfer.weights;
  let picture = transfer.initial ?? content;
  let iteration = 0;
  for (const [index, scale] of scales.entries()) {
    picture = await resize(picture, scale.width, scale.height);
    let image = subtractMean(picture, mean);
    let blended = blendTargets(targets[index].styles, weights.blend);
    let best: { image: Image; gradient: Float32Array; losses: Losses } | undefined;
    const optimiser = makeOptimiser(transfer);

    for (let step = 0; step < scale.iterations; step++) {
      const target = { content: targets[index].content, grams: blended };
      const evaluation = await engine.evaluate(image, target, termWeights(weights, layers));
      const losses = weigh(evaluation, targets[index], weights, layers);
      if (!best && !Number.isFinite(losses.total))
        throw new Error(`the loss before the first step is ${losses.total}`);
      if (!best || losses.total < best.losses.total) {
        best = { image, gradient: evaluation.gradient, losses };
        picture = addMean(image, mean);
      }
      iteration++;
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
      let from = { image, gradient: evaluation.gradient };
      if (isLost(losses.total, best.losses.total, transfer.optimizer)) {
        from = best;
        optimiser.retreat();
      }
      image = { ...image, data: optimiser.step(from.image.data, from.gradient) };
      if (changed) {
        // Losses under other weights do not compare: the best starts anew from here.
        weights = changed;
        blended = blendTargets(targets[index].styles, weights.blend);
        best = undefined;
        optimiser.reset();
      }
    }
  }
}

/** Adam leaps as a matter of course and comes back; only a loss that is no number is lost for it. */
function isLost(total: number, best: number, optimizer: Transfer['optimizer']): boolean {
  return !Number.isFinite(total) || (optimizer === 'lbfgs' && total > blownUp * best);
}

/** The content's features and every style's Gram matrices, each picture at this scale's size. */
async function measureTargets(
  engine: Engine,
  { content, styles, mean }: Transfer,
  scale: Scale,
): Promise<Targets> {
  const shrink = scale.width / content.width;
  const measure = async (picture: Picture, width: number, height: number) =>
    engine.features(subtractMean(await resize(picture, width, height), mean));
  const grams: Targets['styles'][number][] = [];
  for (const style of styles) {
    const size = (n: number) => Math.max(32, Math.round(n * shrink));
    grams.push((await measure(style, size(style.width), size(style.height))).grams);
  }
  return { content: (await measure(content, scale.width, scale.height)).content, styles: grams };
}

function makeOptimiser({ optimizer, learningRate }: Transfer): Optimiser {
  return optimizer === 'adam' ? adam({ learningRate }) : lbfgs();
}

function subtractMean({ data, width, height }: Picture, mean: readonly number[]): Image {
  const plane = width * height;
  return { data: data.map((value, i) => value - mean[Math.floor(i / plane)]), width, height };
}

function addMean({ data, width, height }: Image, mean: readonly number[]): Picture {
  const plane = width * height;
  return { data: data.map((value, i) => value + mean[Math.floor(i / plane)]), width, height };
}
