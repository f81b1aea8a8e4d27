/**
 * The losses and their gradient as ONNX graphs: VGG-19 forward, and the hand-derived way back to the image. Height and width
 * stay symbolic, so one session serves every size.
 *
 * With F the features of a layer as [C, n], n = H·W positions:
 *   content = mean((F − T)²)   d/dF = 2/(C·n) · (F − T)
 *   style   = a function of μ = F 1 / n and S = F Fᵀ / n   d/dF = 2/n · (d/dS) F + 1/n · (d/dμ) 1ᵀ
 * and under a mask T, which stands for T ⊙ F, n = ΣT², and T for 1 in the style's lines: d/dF is T ⊙ that.
 * A ReLU's gradient is a mask on its output; convolutions and poolings bring their own.
 */

import type { StyleLoss } from '../../losses/statistics.js';
import type { Convolution } from '../../network/vgg19.js';
import { convolutionsUpTo } from '../../network/vgg19.js';
import type { EngineOptions } from '../engine.js';
import { Graph } from './graph.js';
import { type Layout, planes } from './layout.js';
import { matrixAlgebra } from './matrices.js';
import { pool, poolGradient } from './pooling.js';
import { firstBlock, phases } from './winograd.js';

/** Names of a layer's inputs and outputs in the graphs. Slopes are the factors 2/(C·n) and 2/n above, weighted. */
export const names = {
  image: 'image',
  gradient: 'gradient',
  features: (layer: string) => `features/${layer}`,
  target: (layer: string) => `target/${layer}`,
  slope: (layer: string) => `slope/${layer}`,
  squaredError: (layer: string) => `squared-error/${layer}`,
  // Of the region with this index; region 0 is the whole picture where there are no masks.
  mask: (layer: string, region: number) => `mask/${region}/${layer}`,
  /** 1/n */
  perPosition: (layer: string, region = 0) => `per-position/${region}/${layer}`,
  mean: (layer: string, region = 0) => `mean/${region}/${layer}`,
  second: (layer: string, region = 0) => `second/${region}/${layer}`,
  styleTarget: (layer: string, region: number, part: string) => `style-target/${region}/${layer}/${part}`,
  styleSlope: (layer: string, region: number) => `style-slope/${region}/${layer}`,
  styleLoss: (layer: string, region: number) => `style-loss/${region}/${layer}`,
  styleWeight: (layer: string, region: number) => `style-weight/${region}/${layer}`,
  // What features are multiplied by and what is added to them in the style's gradient, slopes included.
  matrix: (layer: string, region: number) => `matrix/${region}/${layer}`,
  vector: (layer: string, region: number) => `vector/${region}/${layer}`,
};

/** Activations below a hundred-millionth are as good as none. */
const steep = Float32Array.of(1e8);

export interface Model
  extends Pick<
    EngineOptions,
    'network' | 'contentLayers' | 'styleLayers' | 'styleLoss' | 'pooling' | 'masks'
  > {
  /** Whether the convolutions of the deeper blocks are computed as products of matrices, which is faster on a processor. */
  winograd?: boolean;
  /** Whether an evaluation leaves out the second moments, which are large. */
  withoutSeconds?: boolean;
}

/** The forward pass: content features, and statistics of each region where there are masks. */
export function featuresModel(model: Model): Uint8Array {
  const graph = new Graph();
  const { activations, layouts, convolutions } = forward(graph, model, imageInput(graph));
  for (const { layer, block } of convolutions) {
    const activation = activations.get(layer)!;
    const layout = layouts[block];
    if (model.contentLayers.includes(layer)) {
      const shape = [1, 'c', `h/${layer}`, `w/${layer}`];
      graph.output(layout.to(activation), names.features(layer), shape);
    }
    if (!model.styleLayers.includes(layer)) continue;
    for (const region of regionsOf(graph, model, layer, layout, activation)) {
      const { mean, second } = statistics(graph, layer, region);
      graph.output(mean(), names.mean(layer, region.index), ['c', 1]);
      graph.output(second, names.second(layer, region.index), ['c', 'c']);
    }
  }
  return graph.toModel();
}

/** Forward and backward: the image's gradient, each content layer's squared error, each style layer's loss and second moment. */
export function evaluateModel(model: Model): Uint8Array {
  const graph = new Graph();
  const { gradient } = evaluation(graph, model, imageInput(graph));
  graph.output(gradient, names.gradient, imageShape);
  return graph.toModel();
}

/**
 * The gradient alone, of part of a picture. What the style's losses come to is brought to each run, since the statistics are
 * those of the whole picture.
 */
export function partModel(model: Model): Uint8Array {
  const graph = new Graph();
  const { gradient } = evaluation(graph, model, imageInput(graph), true);
  graph.output(gradient, names.gradient, imageShape);
  return graph.toModel();
}

/** A style loss and what its gradient is made of, from the statistics of one layer. */
export function compareModel({ styleLoss }: Pick<Model, 'styleLoss'>, channels: number): Uint8Array {
  const graph = new Graph();
  const mean = () => graph.input(names.mean(''), [channels, 1]);
  const second = graph.input(names.second(''), [channels, channels]);
  const { loss, matrix, vector } = compare(graph, styleLoss, {
    layer: '',
    channels,
    region: 0,
    mean,
    second,
  });
  graph.output(loss, names.styleLoss('', 0), [1, 1]);
  graph.output(matrix, names.matrix('', 0), [channels, channels]);
  if (vector) graph.output(vector, names.vector('', 0), [channels, 1]);
  return graph.toModel();
}

export const imageShape = [1, 3, 'height', 'width'];

export const imageInput = (graph: Graph) => graph.input(names.image, imageShape);

/** A loss at a layer, unweighted: a squared error, or the style loss of a region. */
export interface LayerLoss {
  layer: string;
  /** Of a style loss. */
  region?: number;
  value: string;
}

/** The gradient of an image, [1, 3, H, W], and its losses, which are outputs of the graph besides; of a part, there are none. */
export function evaluation(graph: Graph, model: Model, image: string, isPart = false) {
  const { activations, pooled, layouts, convolutions } = forward(graph, model, image);
  const losses: LayerLoss[] = [];
  let gradient: string | undefined;
  for (const convolution of convolutions.toReversed()) {
    const { layer, block } = convolution;
    const activation = activations.get(layer)!;
    for (const term of lossGradients(graph, model, convolution, layouts[block], activation, isPart, losses)) {
      gradient = gradient ? graph.add('Add', [gradient, term]) : term;
    }
    gradient = layouts[block].convolutionGradient(reluGradient(graph, gradient!, activation), convolution);
    if (convolution.pooled) {
      const { from, to } = pooled[block - 1];
      const above = layouts[block].to(gradient);
      gradient = layouts[block - 1].from(poolGradient(graph, model.pooling, above, from, to));
    }
  }
  return { gradient: gradient!, losses };
}

/** Activations by layer name in their block's layout, and what the pooling after each block made of what. */
function forward(
  graph: Graph,
  { network, contentLayers, styleLayers, pooling, winograd }: Model,
  image: string,
) {
  const convolutions = convolutionsUpTo([...contentLayers, ...styleLayers]);
  const activations = new Map<string, string>();
  const layouts: Layout[] = [];
  const pooled: { from: string; to: string }[] = [];
  let x = image;
  for (const convolution of convolutions) {
    const { layer, block } = convolution;
    if (convolution.pooled) {
      const from = layouts[block - 1].to(x);
      x = pool(graph, pooling, from);
      pooled.push({ from, to: x });
    }
    if (block === layouts.length) {
      const make = winograd && block >= firstBlock ? phases : planes;
      layouts.push(make(graph, network, x));
      x = layouts[block].from(x);
    }
    x = layouts[block].convolve(x, convolution);
    activations.set(layer, x);
  }
  return { activations, pooled, layouts, convolutions };
}

/** F, or T ⊙ F for a mask T, as [C, n], and the mask as [1, n]. */
interface Covered {
  index: number;
  covered: string;
  mask?: string;
}

function regionsOf(
  graph: Graph,
  { masks = 0 }: Model,
  layer: string,
  layout: Layout,
  activation: string,
): Covered[] {
  const flat = layout.flatten(activation, channelsOf(layer));
  if (masks === 0) return [{ index: 0, covered: flat }];
  return Array.from({ length: masks }, (_, index) => {
    const input = graph.input(names.mask(layer, index), [1, 1, `h/${layer}`, `w/${layer}`]);
    const mask = layout.flatten(layout.from(input), 1);
    return { index, covered: graph.add('Mul', [flat, mask]), mask };
  });
}

/** μ, made only where it is asked for, and S. 1/n comes in as a scalar, since n is known at run time only. */
function statistics(graph: Graph, layer: string, { index, covered, mask }: Covered) {
  const perPosition = graph.input(names.perPosition(layer, index), []);
  const averaged = (sum: string) => graph.add('Mul', [sum, perPosition]);
  return {
    second: averaged(graph.add('Gemm', [covered, covered], { transB: 1 })),
    mean: () =>
      averaged(
        mask
          ? graph.add('Gemm', [covered, mask], { transB: 1 })
          : graph.add('ReduceSum', [covered, graph.integers([1])], { keepdims: 1 }),
      ),
  };
}

interface ToCompare {
  layer: string;
  channels: number;
  region: number;
  mean(): string;
  second: string;
}

/** The loss, and in the gradient d/dF = matrix F + vector 1ᵀ its factors, slopes included. */
function compare(graph: Graph, styleLoss: StyleLoss, { layer, channels, region, mean, second }: ToCompare) {
  const target = Object.fromEntries(
    styleLoss.parts.map((part) => {
      const name = names.styleTarget(layer, region, part);
      return [part, graph.input(name, [`rows/${name}`, `columns/${name}`])];
    }),
  );
  const measured = {
    channels,
    second,
    get mean() {
      return mean();
    },
  };
  const { loss, bySecond, byMean } = styleLoss.compare(matrixAlgebra(graph), measured, target);
  const slope = graph.input(names.styleSlope(layer, region), []);
  const half = graph.weights('half', [], Float32Array.of(0.5));
  return {
    loss,
    matrix: graph.add('Mul', [bySecond, slope]),
    vector: byMean && graph.add('Mul', [byMean, graph.add('Mul', [slope, half])]),
  };
}

/** What the losses at this layer add to the gradient of its features. Adds the losses to `losses`. */
function lossGradients(
  graph: Graph,
  model: Model,
  { layer, outputs }: Convolution,
  layout: Layout,
  activation: string,
  isPart: boolean,
  losses: LayerLoss[],
): string[] {
  const terms: string[] = [];
  if (model.contentLayers.includes(layer)) {
    const target = graph.input(names.target(layer), [1, outputs, `h/${layer}`, `w/${layer}`]);
    const error = graph.add('Sub', [activation, layout.from(target)]);
    if (!isPart) {
      const value = graph.add('ReduceSumSquare', [error], { keepdims: 0 });
      graph.output(value, names.squaredError(layer), []);
      losses.push({ layer, value });
    }
    terms.push(graph.add('Mul', [error, graph.input(names.slope(layer), [])]));
  }
  if (model.styleLayers.includes(layer)) {
    for (const region of regionsOf(graph, model, layer, layout, activation)) {
      const { index, covered, mask } = region;
      const { matrix, vector } = isPart
        ? wholeStyle(graph, layer, index, outputs)
        : ownStyle(graph, model, layer, region, outputs, losses);
      // One product with both where nothing is masked; the vector is spread over all positions.
      const offset = mask ? graph.add('Gemm', [vector, mask]) : vector;
      const product = graph.add('Gemm', [matrix, covered, offset]);
      terms.push(layout.unflatten(mask ? graph.add('Mul', [product, mask]) : product, outputs));
    }
  }
  return terms;
}

/** As compared with the target in this very run; loss and second moment are outputs besides. */
function ownStyle(
  graph: Graph,
  { styleLoss, withoutSeconds }: Model,
  layer: string,
  region: Covered,
  channels: number,
  losses: LayerLoss[],
) {
  const { mean, second } = statistics(graph, layer, region);
  if (!withoutSeconds) graph.output(second, names.second(layer, region.index), [channels, channels]);
  const compared = compare(graph, styleLoss, { layer, channels, region: region.index, mean, second });
  graph.output(compared.loss, names.styleLoss(layer, region.index), [1, 1]);
  losses.push({ layer, region: region.index, value: compared.loss });
  return { matrix: compared.matrix, vector: compared.vector ?? noVector(graph, channels) };
}

/** As the whole picture's comparison came to. */
const wholeStyle = (graph: Graph, layer: string, region: number, channels: number) => ({
  matrix: graph.input(names.matrix(layer, region), [channels, channels]),
  vector: graph.input(names.vector(layer, region), [channels, 1]),
});

const noVector = (graph: Graph, channels: number) =>
  graph.weights(`no-vector/${channels}`, [channels, 1], new Float32Array(channels));

/**
 * Passes the gradient on where the ReLU was open: times 0 at 0 and 1 above, which is a steep hard sigmoid of its output.
 * Flat, since else ONNX Runtime makes the large masks in the forward pass, and they wait in memory for the backward one.
 */
function reluGradient(graph: Graph, gradient: string, activation: string): string {
  const flat = (x: string) => graph.add('Reshape', [x, graph.integers([-1])]);
  const open = graph.add('HardSigmoid', [flat(activation)], { alpha: steep, beta: Float32Array.of(0) });
  const passed = graph.add('Mul', [flat(gradient), open]);
  return graph.add('Reshape', [passed, graph.add('Shape', [activation])]);
}

const channelsOf = (layer: string) => convolutionsUpTo([layer]).at(-1)!.outputs;
