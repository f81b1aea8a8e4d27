/**
 * Style transfer by optimization (Gatys et al. 2015) as an async generator of iterates. The consumer pauses by not calling
 * next(), stops by returning, and changes the transfer with next({ weights }).
 */
import type { Engine, Image } from '../engine/engine.js';
import { type Mask, mix, resizeMask, sharesOf, union } from '../image/mask.js';
import type { Picture } from '../image/picture.js';
import { resize } from '../image/resize.js';
import type { StyleLoss } from '../losses/statistics.js';
import type { Kept } from '../losses/temporal.js';
import { type AdamOptions, adam } from './adam.js';
import { descentIn, type Place, within } from './descent.js';
import { appendLoss, type LossTrail, stopsEarly, untilDecision } from './early-stopping.js';
import { enlarge } from './enlarge.js';
import { lbfgs } from './lbfgs.js';
import { type Losses, objectiveFor, type Weights } from './losses.js';
import { addMean, subtractMean } from './mean.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { preconditioner } from './preconditioner.js';
import { cutShort, endOf, lastOf, type Plan, planScales, replan, type Scale } from './scales.js';
import { type Measured, resizeMasks, Targets } from './targets.js';

export interface Transfer extends Measured {
  /** Where painting starts. */
  initial: Picture;
  /** Of the frame before, if it is to stay. */
  former?: Former;
  /** Whose fine detail each larger scale begins with; none when left out. */
  detail?: Picture;
  weights: Weights;
  /** As the engine was built for. */
  styleLoss: StyleLoss;
  optimizer: 'adam' | 'lbfgs';
  adam: AdamOptions;
  /** Steps of the optimizer, over all scales. */
  iterations: number;
  /** A scale ends early once 20 iterations take off less than this share of its best loss. */
  until?: number;
  /** At most so many: see planScales(). */
  scales?: number;
  /** Of this very transfer, where they were measured before. */
  targets?: Targets;
  /** The most steps that may be taken from an iteration on before the next iterate; any number when left out. */
  stepsUnseen?(iteration: number): number;
}

/** The painting of the frame before, as this frame begins with it. */
export interface Former {
  /** Moved along with what moved in the photos; as large as the content. */
  painting: Picture;
  /** Where it is to stay, as large. */
  still: Mask;
}

/** A change between two steps; it applies from the next evaluation on. */
export interface TransferChange {
  weights?: Weights;
  /** New total number of steps: see replan(). */
  iterations?: number;
  /** Paint the best image again, from coarse to fine, in as many steps as the current plan has. */
  again?: true;
}

export interface Iterate {
  /**
   * Steps taken so far: 0 for the initial image, at most `iterations` for the last. An engine that takes several steps at once
   * leaves out those between.
   */
  iteration: number;
  iterations: number;
  plan: Plan;
  /** From 1, coarse to fine. */
  scale: number;
  scales: number;
  /** Whether this scale ends here because of `until`, unless a change is passed to next(). */
  stoppedEarly: boolean;
  losses: Losses;
  weights: Weights;
  /** The best image of this scale so far, [3, H, W], 0..255 but not clamped; each call returns a new copy. */
  best(): Picture;
  bestLosses: Losses;
  /** State to resume from; its arrays may change with the next step. */
  state(): State;
}

/** State of a painting between two steps, from which another process can resume. */
export interface State {
  iteration: number;
  plan: Plan;
  /** Index of the scale, from 0. */
  scale: number;
  /** For early stopping: best losses before this evaluation. */
  trail: LossTrail;
  weights: Weights;
  /** The image to evaluate next, mean-subtracted. */
  image: Image;
  /** The best image of the scale so far. */
  best: Place;
  optimizer: OptimizerState;
}

/**
 * How many times the best loss is too much. An L-BFGS step that far left the region that its quadratic model describes. Adam leaps
 * as a matter of course and comes back; only a loss that is no number is lost for it.
 */
const limits = { lbfgs: 3, adam: Infinity } as const;

/** What one scale hands to the next. */
interface Course {
  plan: Plan;
  weights: Weights;
  /** Steps so far. */
  iteration: number;
  /** The best picture so far, [3, H, W], 0..255, at the size of the scale before. */
  picture: Picture;
}

/**
 * Yields after each evaluation; accepts changes, which count from the next one on.
 * @param from where an earlier run of the same transfer stood: the first evaluation is that of its next image
 */
export async function* stylize(
  engine: Engine,
  transfer: Transfer,
  from?: State,
): AsyncGenerator<Iterate, void, TransferChange | undefined> {
  const { content } = transfer;
  const planFrom = (begun: number, iterations: number): Plan => ({
    begun,
    scales: planScales(content.width, content.height, transfer.scales, iterations),
  });
  let course: Course = {
    plan: from?.plan ?? planFrom(0, transfer.iterations),
    weights: from?.weights ?? transfer.weights,
    iteration: from?.iteration ?? 0,
    picture: from ? addMean(from.best.image, transfer.mean) : transfer.initial,
  };
  const targets = transfer.targets ?? new Targets(engine, transfer);
  await targets.measure(course.plan.scales.slice(from?.scale));
  let scale = from?.scale ?? 0;
  let resumed = from;
  while (scale < course.plan.scales.length) {
    const { again, ...reached } = yield* paintScale(engine, transfer, targets, course, scale, resumed);
    course = reached;
    resumed = undefined;
    scale++;
    if (!again) continue;
    const { plan, iteration } = course;
    course.plan = planFrom(iteration, lastOf(plan) - plan.begun);
    await targets.measure(course.plan.scales);
    scale = 0;
  }
}

/**
 * Descends at one scale, from the picture of the scale before.
 * @param index of the scale, from 0
 * @param from where an earlier run stood at this scale
 * @returns how far it came; `again`: a person wants the picture painted again from there, from coarse to fine
 */
async function* paintScale(
  engine: Engine,
  transfer: Transfer,
  targets: Targets,
  course: Course,
  index: number,
  from?: State,
): AsyncGenerator<Iterate, Course & { again?: true }, TransferChange | undefined> {
  const { content, layers, mean, styleLoss } = transfer;
  let { plan, weights, iteration } = course;
  const scale = plan.scales[index];
  const kept = transfer.former && (await keptAt(transfer.former, scale, mean));
  const target = { ...targets.at(scale), kept };
  const masks = transfer.masks && (await resizeMasks(transfer.masks, scale));
  /** Where the picture may change. */
  const reach = masks && union(masks);
  const beginning = async () => {
    const enlarged = await enlarge(engine.algebra, course.picture, scale, {
      styles: transfer.styles,
      styleScale: scale.width / content.width,
      shares: masks ? sharesOf(masks) : weights.blend,
      photo: transfer.detail,
    });
    const bounded = subtractMean(reach ? await keepOutside(enlarged, content, reach) : enlarged, mean);
    // What stays keeps the detail that it had; what is new was painted at the smaller scales.
    return kept ? { ...bounded, data: mix(kept.painting, bounded.data, kept.still) } : bounded;
  };
  let best = from?.best;
  const optimizer = createOptimizer(engine, transfer, scale, reach, from?.optimizer);
  const limit = limits[transfer.optimizer];
  const descent = descentIn(engine, { optimizer, reach, limit, singly: kept !== undefined });
  let trail = from?.trail ?? [];
  let objective = objectiveFor(target, weights, layers, styleLoss);
  let reached = await descent.begin(from?.image ?? (await beginning()), { objective, best });
  const ended = () => ({ plan, weights, iteration: iteration + 1, picture: addMean(best!.image, mean) });

  while (true) {
    const { image, losses, bestTotals } = reached;
    best = reached.best;
    if (!Number.isFinite(best.losses.total))
      throw new Error(`the loss before the first step is ${best.losses.total}`);
    let before = trail;
    for (const total of bestTotals) {
      before = trail;
      trail = appendLoss(trail, total);
    }
    const stoppedEarly = stopsEarly(trail, transfer.until);
    const change = yield {
      iteration,
      iterations: lastOf(plan),
      plan,
      scale: index + 1,
      scales: plan.scales.length,
      stoppedEarly,
      losses,
      weights,
      best: pictureOf(best.image, mean),
      bestLosses: best.losses,
      state: stateNow({ iteration, plan, scale: index, trail: before, weights, image, best }, optimizer),
    };
    if (change?.weights) {
      weights = change.weights;
      objective = objectiveFor(target, weights, layers, styleLoss, objective);
    }
    if (change?.iterations) plan = replan(plan, index, iteration, change.iterations);
    if (change?.again) return { ...ended(), again: true };
    if (stoppedEarly && !change) plan = cutShort(plan, index, iteration);
    if (iteration === lastAt(plan, index)) return ended();
    const { total } = losses;
    let start: Pick<Place, 'image' | 'gradient'> = reached;
    if (!Number.isFinite(total) || total > limit * best.losses.total) {
      start = best;
      optimizer.retreat();
    }
    // Whoever changes something wants to see what comes of it.
    if (change) trail = [];
    // Losses under other weights do not compare: the best starts anew from here.
    const ahead = Math.min(
      lastAt(plan, index) - iteration,
      untilDecision(trail, transfer.until),
      transfer.stepsUnseen?.(iteration) ?? Infinity,
    );
    const steps = change?.weights ? 1 : ahead;
    reached = await descent.from(start, { objective, best: change?.weights ? undefined : best, steps });
    if (change?.weights) optimizer.reset();
    iteration += reached.bestTotals.length;
  }
}

async function keptAt(
  { painting, still }: Former,
  { width, height }: Scale,
  mean: Transfer['mean'],
): Promise<Kept> {
  const sized = subtractMean(await resize(painting, width, height), mean);
  return { painting: sized.data, still: (await resizeMask(still, width, height)).data };
}

const pictureOf = (image: Image, mean: readonly number[]) => () => addMean(image, mean);

/** The step at which a scale ends. The image after its last step is evaluated only at the final scale. */
const lastAt = (plan: Plan, index: number) =>
  index === plan.scales.length - 1 ? endOf(plan, index) : endOf(plan, index) - 1;

/** @param reach where the picture may change; everywhere when left out */
function createOptimizer(
  { algebra }: Engine,
  { optimizer, adam: options }: Transfer,
  scale: Scale,
  reach: Float32Array | undefined,
  saved?: OptimizerState,
): Optimizer {
  if (optimizer === 'adam') return adam(options, saved);
  const waves = preconditioner(algebra, scale);
  // Low-frequency waves would carry a step across the mask's edge.
  const step = async (z: Float32Array) => within(await waves.step(z), reach!);
  return lbfgs({ algebra, coordinates: reach ? { ...waves, step } : waves }, saved);
}

const stateNow = (where: Omit<State, 'optimizer'>, optimizer: Optimizer) => (): State => ({
  ...where,
  optimizer: optimizer.state(),
});

/** The picture within reach, the content elsewhere. */
async function keepOutside(picture: Picture, content: Picture, reach: Float32Array): Promise<Picture> {
  const { width, height, data } = picture;
  return { width, height, data: mix(data, (await resize(content, width, height)).data, reach) };
}
