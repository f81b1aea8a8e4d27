/** Steps from image to image, each with its evaluation: one at a time, or several at once in an engine that can. */
import type { Evaluated } from '../engine/descent.js';
import type { Engine, Image } from '../engine/engine.js';
import { evaluate, type Losses, type Objective } from './losses.js';
import type { Optimizer } from './optimizer.js';

/** An image with what its evaluation gave; the gradient is that within reach. */
export interface Place {
  image: Image;
  gradient: Float32Array;
  losses: Losses;
}

/** Where some steps led. */
export interface Reached extends Place {
  best: Place;
  /** The best total after each step's evaluation. */
  bestTotals: readonly number[];
}

export interface Going {
  objective: Objective;
  best: Place | undefined;
  /** At most so many steps. */
  steps: number;
}

export interface Descent {
  /** Evaluates the image to begin with. */
  begin(image: Image, going: Omit<Going, 'steps'>): Promise<Reached>;
  /** Takes a step or more; fewer than asked for when the loss leaps beyond the limit. */
  from(start: Pick<Place, 'image' | 'gradient'>, going: Going): Promise<Reached>;
}

export interface DescentOptions {
  optimizer: Optimizer;
  /** Where the image may change, [H·W], 0..1; everywhere when left out. */
  reach?: Float32Array;
  /** Always one step at a time: engines compute no temporal loss. */
  singly?: boolean;
  /** Several steps at once end early with this many times the best loss. */
  limit: number;
}

export const descentIn = (engine: Engine, options: DescentOptions): Descent =>
  engine.descend && options.optimizer.inEngine && !options.singly
    ? atOnce(engine, options)
    : oneByOne(engine, options);

function oneByOne(engine: Engine, { optimizer, reach }: DescentOptions): Descent {
  const begin: Descent['begin'] = async (image, { objective, best }) => {
    const { losses, gradient } = await evaluate(engine, image, objective);
    const place = { image, losses, gradient: reach ? within(gradient, reach) : gradient };
    const better = !best || losses.total < best.losses.total ? place : best;
    return { ...place, best: better, bestTotals: [better.losses.total] };
  };
  return {
    begin,
    async from({ image, gradient }, going) {
      return begin({ ...image, data: await optimizer.step(image.data, gradient) }, going);
    },
  };
}

/** Milliseconds that a call takes at most, about: until it ends, nothing that a person wants can happen. */
const longestCall = 100;

function atOnce({ descend }: Engine, { optimizer, reach, limit }: DescentOptions): Descent {
  const { method, transform, state, take } = optimizer.inEngine!;
  /** Milliseconds of a step, by the latest call. */
  let each: number | undefined;

  const call = async ({ image, gradient }: Pick<Place, 'image' | 'gradient'>, going: Going) => {
    const { objective, best, steps } = going;
    const { targets, weights, tvWeight, constant } = objective;
    const descended = await descend!({
      ...{ method, transform, image, gradient, targets, constant, reach, limit, steps },
      state: await state(image.data.length),
      weights: { ...weights, tv: tvWeight },
      best: best && evaluatedOf(best),
    });
    const passes = descended.passes.map(({ isBest, tv, ...evaluation }) => ({
      isBest,
      losses: objective.losses(evaluation, tv),
    }));
    let better = best?.losses;
    const bestTotals = passes.map(({ isBest, losses }) => {
      if (isBest || !better) better = losses;
      return better.total;
    });
    const at = (data: Float32Array) => ({ ...image, data });
    const reached: Reached = {
      image: at(descended.image),
      gradient: descended.gradient,
      losses: passes.at(-1)!.losses,
      best:
        better === best?.losses
          ? best!
          : { image: at(descended.best.image), gradient: descended.best.gradient, losses: better! },
      bestTotals,
    };
    return { descended, reached };
  };

  return {
    async begin(image, going) {
      // Without a gradient nothing moves. What the step makes of the optimizer's state is not kept.
      const gradient = new Float32Array(image.data.length);
      return (await call({ image, gradient }, { ...going, steps: 1 })).reached;
    },
    async from(start, { steps, ...going }) {
      const fitting = each === undefined ? 1 : Math.max(1, Math.floor(longestCall / each));
      const before = performance.now();
      const { descended, reached } = await call(start, { ...going, steps: Math.min(steps, fitting) });
      take(descended);
      each = (performance.now() - before) / descended.passes.length;
      return reached;
    },
  };
}

const evaluatedOf = ({ image, gradient, losses }: Place): Evaluated => ({
  image: image.data,
  gradient,
  total: losses.total,
});

/** A gradient or a step that moves nothing out of reach. */
export const within = (values: Float32Array, reach: Float32Array) =>
  values.map((value, i) => value * reach[i % reach.length]);
