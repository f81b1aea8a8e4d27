/**
 * The transfer's mathematics as ONNX graphs: VGG-19 forward, and the hand-derived gradient of the loss back to
 * the image. Height and width stay symbolic, so one session serves every size.
 *
 * With F the features of a layer as [C, H·W], N = C·H·W and G = F Fᵀ / N:
 *   content = mean((F − T)²)   d/dF = 2/N · (F − T)
 *   style   = mean((G − A)²)   d/dF = 4/(C²·N) · (G − A) F
 * and under a mask T, which stands for T ⊙ F and N = C·ΣT² in the style's lines: d/dF = T ⊙ 4/(C²·N) · (G − A) (T ⊙ F).
 * A ReLU's gradient is a mask on its output; convolutions and poolings bring their own.
 */
import type { Convolution } from '../../network/vgg19.js';
import { convolutionsUpTo } from '../../network/vgg19.js';
import type { EngineOptions } from '../engine.js';
import { Graph } from './graph.js';
import { type Layout, planes } from './layout.js';
import { pool, poolGradient } from './pooling.js';
import { firstBlock, phases } from './winograd.js';

/** Names of a layer's inputs and outputs in the graphs. Slopes are the factors of the gradients above. */
export const names = {
  image: 'image',
  gradient: 'gradient',
  features: (layer: string) => `features/${layer}`,
  target: (layer: string) => `target/${layer}`,
  slope: (layer: string) => `slope/${layer}`,
  squaredError: (layer: string) => `squared-error/${layer}`,
  // Of the region with this index; region 0 is the whole picture where there are no masks.
  mask: (layer: string, region: number) => `mask/${region}/${layer}`,
  gram: (layer: string, region = 0) => `gram/${region}/${layer}`,
  gramTarget: (layer: string, region: number) => `gram-target/${region}/${layer}`,
  gramSlope: (layer: string, region: number) => `gram-slope/${region}/${layer}`,
  gramPull: (layer: string, region: number) => `gram-pull/${region}/${layer}`,
  perElement: (layer: string, region = 0) => `per-element/${region}/${layer}`,
};

/** Activations below a hundred-millionth are as good as none. */
const steep = Float32Array.of(1e8);

export interface Model
  extends Pick<EngineOptions, 'network' | 'contentLayers' | 'styleLayers' | 'pooling' | 'masks'> {
  /** Whether the convolutions of the deeper blocks are computed as products of matrices, which is faster on a processor. */
  winograd?: boolean;
}

/** The forward pass: content features and Gram matrices, of each region where there are masks. */
export function featuresModel(model: Model): Uint8Array {
  const graph = new Graph();
  const { activations, layouts, convolutions } = forward(graph, model);
  for (const { layer, block } of convolutions) {
    const activation = activations.get(layer)!;
    const layout = layouts[block];
    if (model.contentLayers.includes(layer)) {
      const shape = [1, 'c', `h/${layer}`, `w/${layer}`];
      graph.output(layout.to(activation), names.features(layer), shape);
    }
    if (!model.styleLayers.includes(layer)) continue;
    for (const { region, covered } of regionsOf(graph, model, layer, layout, activation)) {
      const gram = gramMatrix(graph, covered, names.perElement(layer, region));
      graph.output(gram, names.gram(layer, region), ['c', 'c']);
    }
  }
  return graph.toModel();
}

/** Forward and backward: the image's gradient, each content layer's squared error, each style layer's Gram matrix. */
export const evaluateModel = (model: Model): Uint8Array => forwardAndBackward(model, false);

/**
 * The gradient alone, of part of a picture. 4/(C²·N) · (G − A) is brought to each run, since the Gram matrices are those
 * of the whole picture.
 */
export const partModel = (model: Model): Uint8Array => forwardAndBackward(model, true);

function forwardAndBackward(model: Model, isPart: boolean): Uint8Array {
  const graph = new Graph();
  const { activations, pooled, layouts, convolutions } = forward(graph, model);
  let gradient: string | undefined;
  for (const convolution of convolutions.toReversed()) {
    const { layer, block } = convolution;
    const activation = activations.get(layer)!;
    for (const term of lossGradients(graph, model, convolution, layouts[block], activation, isPart)) {
      gradient = gradient ? graph.add('Add', [gradient, term]) : term;
    }
    gradient = layouts[block].convolutionGradient(reluGradient(graph, gradient!, activation), convolution);
    if (convolution.pooled) {
      const { from, to } = pooled[block - 1];
      const above = layouts[block].to(gradient);
      gradient = layouts[block - 1].from(poolGradient(graph, model.pooling, above, from, to));
    }
  }
  graph.output(gradient!, names.gradient, [1, 3, 'height', 'width']);
  return graph.toModel();
}

/** Activations by layer name in their block's layout, and what the pooling after each block made of what. */
function forward(graph: Graph, { network, contentLayers, styleLayers, pooling, winograd }: Model) {
  const convolutions = convolutionsUpTo([...contentLayers, ...styleLayers]);
  const activations = new Map<string, string>();
  const layouts: Layout[] = [];
  const pooled: { from: string; to: string }[] = [];
  let x = graph.input(names.image, [1, 3, 'height', 'width']);
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

/** G = F Fᵀ / N. 1/N comes in as a scalar, since N is known at run time only. */
function gramMatrix(graph: Graph, flat: string, perElement: string): string {
  const product = graph.add('Gemm', [flat, flat], { transB: 1 });
  return graph.add('Mul', [product, graph.input(perElement, [])]);
}

/** F, or T ⊙ F for each mask T, as [C, H·W]. */
function regionsOf(graph: Graph, { masks = 0 }: Model, layer: string, layout: Layout, activation: string) {
  const flat = layout.flatten(activation, channelsOf(layer));
  if (masks === 0) return [{ region: 0, covered: flat, mask: undefined }];
  return Array.from({ length: masks }, (_, region) => {
    const input = graph.input(names.mask(layer, region), [1, 1, `h/${layer}`, `w/${layer}`]);
    const mask = layout.flatten(layout.from(input), 1);
    return { region, covered: graph.add('Mul', [flat, mask]), mask };
  });
}

/** What the loss terms at this layer add to the gradient of its features. */
function lossGradients(
  graph: Graph,
  model: Model,
  { layer, outputs }: Convolution,
  layout: Layout,
  activation: string,
  isPart: boolean,
): string[] {
  const terms: string[] = [];
  if (model.contentLayers.includes(layer)) {
    const target = graph.input(names.target(layer), [1, outputs, `h/${layer}`, `w/${layer}`]);
    const error = graph.add('Sub', [activation, layout.from(target)]);
    if (!isPart)
      graph.output(graph.add('ReduceSumSquare', [error], { keepdims: 0 }), names.squaredError(layer), []);
    terms.push(graph.add('Mul', [error, graph.input(names.slope(layer), [])]));
  }
  if (model.styleLayers.includes(layer)) {
    for (const { region, covered, mask } of regionsOf(graph, model, layer, layout, activation)) {
      const pull = isPart
        ? graph.input(names.gramPull(layer, region), [outputs, outputs])
        : gramPull(graph, layer, region, covered, outputs);
      const product = graph.add('Gemm', [pull, covered]);
      terms.push(layout.unflatten(mask ? graph.add('Mul', [product, mask]) : product, outputs));
    }
  }
  return terms;
}

/** 4/(C²·N) · (G − A); G is an output besides. */
function gramPull(graph: Graph, layer: string, region: number, covered: string, channels: number): string {
  const gram = gramMatrix(graph, covered, names.perElement(layer, region));
  graph.output(gram, names.gram(layer, region), [channels, channels]);
  const target = graph.input(names.gramTarget(layer, region), [channels, channels]);
  const error = graph.add('Sub', [gram, target]);
  return graph.add('Mul', [error, graph.input(names.gramSlope(layer, region), [])]);
}

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
