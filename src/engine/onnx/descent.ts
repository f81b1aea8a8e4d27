/** Steps of an optimizer, each followed by an evaluation, as one graph: the image stays on the device from step to step. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Matrix } from '../../losses/statistics.js';
import type { Descended, Descent, StepMethod } from '../descent.js';
import type { EngineOptions } from '../engine.js';
import { elements, perLayer } from '../sizes.js';
import { transformed, transposed } from './algebra.js';
import { Graph } from './graph.js';
import { stepAlgebra } from './matrices.js';
import { evaluation, imageInput, imageShape, type LayerLoss, type Model, names } from './model.js';

/** Names of inputs and outputs beside those of an evaluation. */
const own = {
  times: 'times',
  reach: 'reach',
  tvWeight: 'tv-weight',
  tv: 'tv',
  /** One over the number of differences along an axis of the image. */
  perDifference: (axis: 2 | 3) => `per-difference/${axis}`,
  constant: 'constant',
  limit: 'limit',
  isBest: 'is-best',
  bestImage: 'best-image',
  bestGradient: 'best-gradient',
  bestTotal: 'best-total',
  /** Of the state, before and after. */
  state: (part: string) => `state/${part}`,
  after: (name: string) => `after/${name}`,
  record: (name: string) => `record/${name}`,
};

/** Beyond this, products with a loss would overflow. */
const highestLimit = 1e6;

/** The loss of no image: larger than any. */
const noBest = 1e30;

export function descentModel(model: Omit<Model, 'withoutSeconds'>, method: StepMethod): Uint8Array {
  const graph = new Graph();
  const image = imageInput(graph);
  const size = graph.add('Shape', [image]);
  const scalar = (name: string) => graph.input(name, [1, 1]);
  const reach = graph.input(own.reach, [1, 1, 'height', 'width']);
  const states = Object.fromEntries(
    method.state.map((part) => {
      const name = own.state(part);
      return [name, graph.input(name, [`rows/${part}`, `columns/${part}`])];
    }),
  );
  const start = {
    image,
    gradient: graph.input(names.gradient, imageShape),
    bestImage: graph.input(own.bestImage, imageShape),
    bestGradient: graph.input(own.bestGradient, imageShape),
    bestTotal: scalar(own.bestTotal),
    ...states,
  };
  const after = graph.loop<string>(graph.input(own.times, [1]), start, (body, now) => {
    const m = stepAlgebra(body);
    const flat = (x: string) => body.add('Reshape', [x, body.integers([1, -1])]);
    const colors = (x: string) => body.add('Reshape', [x, body.add('Shape', [image], { start: 1 })]);
    const within = (x: string) => body.add('Mul', [x, reach]);
    const stepped = method.step(m, {
      image: flat(now.image),
      gradient: flat(now.gradient),
      state: Object.fromEntries(method.state.map((part) => [part, now[own.state(part)]])),
      apply: (x) => flat(transformed(body, colors(x))),
      transposed: (z) => flat(within(transposed(body, colors(z)))),
    });
    for (const [name, value] of Object.entries(stepped.records))
      body.output(value, own.record(name), [`rows/${name}`, `columns/${name}`]);
    const next = body.add('Reshape', [stepped.image, size]);
    const { gradient: ofLayers, losses } = evaluation(
      body,
      { ...model, withoutSeconds: !model.styleLoss.distance },
      next,
    );
    const tv = totalVariation(body, next);
    body.output(tv.loss, own.tv, [1, 1]);
    const tvWeight = scalar(own.tvWeight);
    const weighted = losses.map((loss) => m.multiply(loss.value, weightOf(body, loss)));
    const total = [...weighted, m.multiply(tv.loss, tvWeight)].reduce(m.add, scalar(own.constant));
    const gradient = within(m.add(ofLayers, m.multiply(tv.gradient, tvWeight)));
    const isBest = m.less(total, now.bestTotal);
    body.output(m.where(isBest, m.number(1), m.number(0)), own.isBest, [1, 1]);
    const bestTotal = m.where(isBest, total, now.bestTotal);
    const state = Object.fromEntries(method.state.map((part) => [own.state(part), stepped.state[part]]));
    return {
      values: {
        image: next,
        gradient,
        bestImage: m.where(isBest, next, now.bestImage),
        bestGradient: m.where(isBest, gradient, now.bestGradient),
        bestTotal,
        ...state,
      },
      goesOn: m.less(total, m.multiply(bestTotal, scalar(own.limit))),
    };
  });
  for (const name of ['image', 'bestImage', 'bestGradient', 'gradient'] as const)
    graph.output(after[name], own.after(name), imageShape);
  graph.output(after.bestTotal, own.after('bestTotal'), [1, 1]);
  for (const part of method.handsBack) {
    const name = own.state(part);
    graph.output(after[name], own.after(name), [`rows/${part}`, `columns/${part}`]);
  }
  return graph.toModel();
}

/** All inputs that an evaluation and the transform do not have. */
export function descentFeeds(
  { image: { data, height, width }, gradient, best, reach, steps, state, constant, limit, weights }: Descent,
  { styleLayers }: Pick<EngineOptions, 'styleLayers'>,
  tensor: (data: Float32Array, shape: readonly number[]) => Tensor,
): Record<string, Tensor> {
  const matrix = ({ data, rows, columns }: Matrix) => tensor(data, [rows, columns]);
  const number = (value: number) => tensor(Float32Array.of(value), [1, 1]);
  const picture = (data: Float32Array) => tensor(data, [1, 3, height, width]);
  const feeds: Record<string, Tensor> = {
    [own.times]: tensor(Float32Array.of(steps), [1]),
    [names.image]: picture(data),
    [names.gradient]: picture(gradient),
    [own.bestImage]: picture(best?.image ?? data),
    [own.bestGradient]: picture(best?.gradient ?? gradient),
    [own.bestTotal]: number(best?.total ?? noBest),
    [own.reach]: tensor(reach ?? new Float32Array(height * width).fill(1), [1, 1, height, width]),
    [own.constant]: number(constant),
    [own.limit]: number(Math.min(limit, highestLimit)),
    [own.tvWeight]: number(weights.tv),
    [own.perDifference(2)]: number(1 / (3 * (height - 1) * width)),
    [own.perDifference(3)]: number(1 / (3 * height * (width - 1))),
  };
  for (const [part, value] of Object.entries(state)) feeds[own.state(part)] = matrix(value);
  for (const [region, ofLayers] of weights.style.entries())
    for (const layer of styleLayers) feeds[names.styleWeight(layer, region)] = number(ofLayers[layer]);
  return feeds;
}

export function readDescended(
  results: InferenceSession.OnnxValueMapType,
  { image, targets, method }: Descent,
  {
    contentLayers,
    styleLayers,
    styleLoss,
  }: Pick<EngineOptions, 'contentLayers' | 'styleLayers' | 'styleLoss'>,
): Descended {
  const data = (name: string) => results[name].data as Float32Array;
  const after = (name: string) => data(own.after(name));
  const count = results[own.tv].dims[0];
  const recorded = Object.keys(results).filter((name) => name.startsWith(own.record('')));
  const passes = Array.from({ length: count }, (_, pass) => {
    const of = (name: string) => {
      const length = data(name).length / count;
      return data(name).subarray(pass * length, (pass + 1) * length);
    };
    return {
      content: perLayer(contentLayers, (layer) => of(names.squaredError(layer))[0] / elements(layer, image)),
      style: targets.regions.map((_, region) =>
        perLayer(styleLayers, (layer) => ({
          loss: of(names.styleLoss(layer, region))[0],
          second: styleLoss.distance && of(names.second(layer, region)),
        })),
      ),
      tv: of(own.tv)[0],
      isBest: of(own.isBest)[0] > 0,
      records: Object.fromEntries(recorded.map((name) => [name.slice(own.record('').length), of(name)])),
    };
  });
  return {
    image: after('image'),
    gradient: after('gradient'),
    state: Object.fromEntries(method.handsBack.map((part) => [part, after(own.state(part))])),
    best: { image: after('bestImage'), gradient: after('bestGradient'), total: after('bestTotal')[0] },
    passes,
  };
}

/** A squared error's weight is half the slope that it brings: 1/N of the loss's. */
function weightOf(graph: Graph, { layer, region }: LayerLoss): string {
  if (region !== undefined) return graph.input(names.styleWeight(layer, region), [1, 1]);
  const half = graph.weights('half', [], Float32Array.of(0.5));
  return graph.add('Mul', [graph.input(names.slope(layer), []), half]);
}

/** As src/losses/tv.ts has it: the loss [1, 1], and its gradient by the image. */
function totalVariation(graph: Graph, image: string): { loss: string; gradient: string } {
  const along = (axis: 2 | 3) => {
    const perDifference = graph.input(own.perDifference(axis), [1, 1]);
    const cut = (from: number, to: number) =>
      graph.add('Slice', [image, graph.integers([from]), graph.integers([to]), graph.integers([axis])]);
    const difference = graph.add('Sub', [cut(1, Number.MAX_SAFE_INTEGER), cut(0, -1)]);
    const sum = graph.add('Reshape', [graph.add('ReduceSumSquare', [difference]), graph.integers([1, 1])]);
    const padded = (before: number, after: number) => {
      const pads = [0, 0, 0, 0, 0, 0, 0, 0];
      pads[axis] = before;
      pads[axis + 4] = after;
      return graph.add('Pad', [difference, graph.integers(pads)]);
    };
    const twice = graph.add('Add', [perDifference, perDifference]);
    const slope = graph.add('Sub', [padded(1, 0), padded(0, 1)]);
    return {
      loss: graph.add('Mul', [sum, perDifference]),
      gradient: graph.add('Mul', [slope, twice]),
    };
  };
  const [down, across] = [along(2), along(3)];
  return {
    loss: graph.add('Add', [down.loss, across.loss]),
    gradient: graph.add('Add', [down.gradient, across.gradient]),
  };
}
