/**
 * The transfer's mathematics as ONNX graphs: VGG-19 forward, and the hand-derived gradient of the loss back to
 * the image. Height and width stay symbolic, so one session serves every size.
 *
 * With F the features of a layer as [C, H·W], N = C·H·W and G = F Fᵀ / N:
 *   content = mean((F − T)²)   d/dF = 2/N · (F − T)
 *   style   = mean((G − A)²)   d/dF = 4/(C²·N) · (G − A) F
 * and under a mask T, which stands for T ⊙ F and N = C·ΣT² in the style's lines: d/dF = T ⊙ 4/(C²·N) · (G − A) (T ⊙ F).
 * A stride-1 convolution's gradient is a convolution with the kernel flipped and its channel axes swapped; a
 * ReLU's is a mask on its output; a pooling's is below.
 */
import type { Convolution, Pooling } from '../../network/vgg19.js';
import { convolutionsUpTo } from '../../network/vgg19.js';
import type { Network } from '../../network/weights.js';
import type { EngineOptions } from '../engine.js';
import { bool, float32, Graph } from './graph.js';

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

type Model = Pick<EngineOptions, 'network' | 'contentLayers' | 'styleLayers' | 'pooling' | 'masks'>;

/** The forward pass: content features and Gram matrices, of each region where there are masks. */
export function featuresModel(model: Model): Uint8Array {
  const graph = new Graph();
  const { activations } = forward(graph, model);
  for (const layer of model.contentLayers) {
    graph.output(activations.get(layer)!, names.features(layer), [1, 'c', `h/${layer}`, `w/${layer}`]);
  }
  for (const layer of model.styleLayers) {
    const flat = flatten(graph, layer, activations.get(layer)!);
    for (const { region, covered } of regionsOf(graph, model, layer, flat)) {
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
  const { activations, convolutions } = forward(graph, model);
  let gradient: string | undefined;
  for (const convolution of convolutions.toReversed()) {
    const { name, layer, inputs, outputs, pooled } = convolution;
    const activation = activations.get(layer)!;
    for (const term of lossGradients(graph, model, convolution, activation, isPart)) {
      gradient = gradient ? graph.add('Add', [gradient, term]) : term;
    }
    const masked = reluGradient(graph, gradient!, activation);
    const kernel = graph.weights(
      `${name}.flipped`,
      [inputs, outputs, 3, 3],
      flipped(model.network, convolution),
    );
    gradient = graph.add('Conv', [masked, kernel], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    if (pooled) {
      const below = convolutions[convolutions.indexOf(convolution) - 1];
      gradient = poolGradient(
        graph,
        model.pooling,
        gradient,
        activations.get(below.layer)!,
        activations.get(`${layer}/pooled`)!,
      );
    }
  }
  graph.output(gradient!, names.gradient, [1, 3, 'height', 'width']);
  return graph.toModel();
}

/** Activations by layer name; `<layer>/pooled` is what enters a block's first convolution. */
function forward(graph: Graph, { network, contentLayers, styleLayers, pooling }: Model) {
  const convolutions = convolutionsUpTo([...contentLayers, ...styleLayers]);
  const activations = new Map<string, string>();
  let x = graph.input(names.image, [1, 3, 'height', 'width']);
  for (const { name, layer, inputs, outputs, pooled } of convolutions) {
    if (pooled) {
      x = pool(graph, pooling, x);
      activations.set(`${layer}/pooled`, x);
    }
    const { weight, bias } = network.convolutions.get(name)!;
    const kernel = graph.weights(`${name}.weight`, [outputs, inputs, 3, 3], weight);
    const offset = graph.weights(`${name}.bias`, [outputs], bias);
    x = graph.add('Conv', [x, kernel, offset], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    x = graph.add('Relu', [x]);
    activations.set(layer, x);
  }
  return { activations, convolutions };
}

/**
 * 2×2 pooling that keeps odd edges (TensorFlow's SAME): padded at the far edges it gives ceil(n/2) for odd and even n.
 * Padding never wins a maximum, and an average counts real pixels only.
 */
const poolWindow = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] };

function pool(graph: Graph, pooling: Pooling, x: string): string {
  return graph.add(pooling === 'max' ? 'MaxPool' : 'AveragePool', [x], poolWindow);
}

/** F as [C, H·W]. */
function flatten(graph: Graph, layer: string, activation: string): string {
  return graph.add('Reshape', [activation, graph.integers([blockChannels(layer), -1])]);
}

/** G = F Fᵀ / N. 1/N comes in as a scalar, since N is known at run time only. */
function gramMatrix(graph: Graph, flat: string, perElement: string): string {
  const product = graph.add('Gemm', [flat, flat], { transB: 1 });
  return graph.add('Mul', [product, graph.input(perElement, [])]);
}

/** F, or T ⊙ F for each mask T, as [C, H·W]. */
function regionsOf(graph: Graph, { masks = 0 }: Model, layer: string, flat: string) {
  if (masks === 0) return [{ region: 0, covered: flat, mask: undefined }];
  return Array.from({ length: masks }, (_, region) => {
    const mask = graph.input(names.mask(layer, region), [1, `hw/${layer}`]);
    return { region, covered: graph.add('Mul', [flat, mask]), mask };
  });
}

/** What the loss terms at this layer add to the gradient of its features. */
function lossGradients(
  graph: Graph,
  model: Model,
  { layer, outputs }: Convolution,
  activation: string,
  isPart: boolean,
): string[] {
  const terms: string[] = [];
  if (model.contentLayers.includes(layer)) {
    const target = graph.input(names.target(layer), [1, outputs, `h/${layer}`, `w/${layer}`]);
    const error = graph.add('Sub', [activation, target]);
    if (!isPart)
      graph.output(graph.add('ReduceSumSquare', [error], { keepdims: 0 }), names.squaredError(layer), []);
    terms.push(graph.add('Mul', [error, graph.input(names.slope(layer), [])]));
  }
  if (model.styleLayers.includes(layer)) {
    const flat = flatten(graph, layer, activation);
    const shape = graph.add('Shape', [activation]);
    for (const { region, covered, mask } of regionsOf(graph, model, layer, flat)) {
      const pull = isPart
        ? graph.input(names.gramPull(layer, region), [outputs, outputs])
        : gramPull(graph, layer, region, covered, outputs);
      const product = graph.add('Gemm', [pull, covered]);
      terms.push(graph.add('Reshape', [mask ? graph.add('Mul', [product, mask]) : product, shape]));
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

/** Passes the gradient on where the ReLU was open. A bool mask takes a quarter of a float one's memory and time. */
function reluGradient(graph: Graph, gradient: string, activation: string): string {
  const open = graph.add('Cast', [activation], { to: bool });
  return graph.add('Where', [open, gradient, graph.weights(`zero/${activation}`, [], Float32Array.of(0))]);
}

/**
 * Brings the gradient of a pooling's output back to its input's size. An average hands a window's gradient to its
 * pixels in equal parts, a maximum to the largest. Pixels that tie for it (flat areas do) share, or the gradient
 * of a clipped sky would come out four times too large.
 */
function poolGradient(
  graph: Graph,
  pooling: Pooling,
  gradient: string,
  input: string,
  pooled: string,
): string {
  const up = (x: string) => {
    const scales = graph.weights(`scales/${x}`, [4], Float32Array.of(1, 1, 2, 2));
    const doubled = graph.add('Resize', [x, '', scales], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    return graph.add('Slice', [doubled, graph.integers([0, 0, 0, 0]), graph.add('Shape', [input])]);
  };
  if (pooling === 'max') {
    const winners = graph.add('Cast', [graph.add('Equal', [input, up(pooled)])], { to: float32 });
    return graph.add('Mul', [winners, up(graph.add('Div', [gradient, countPerWindow(graph, winners)]))]);
  }
  const size = graph.add('Concat', [graph.integers([1, 1]), graph.add('Shape', [input], { start: 2 })], {
    axis: 0,
  });
  const one = graph.weights(`one/${input}`, [1, 1, 1, 1], Float32Array.of(1));
  return up(graph.add('Div', [gradient, countPerWindow(graph, graph.add('Expand', [one, size]))]));
}

/** How many pixels of a 0/1 map each window of a pooling holds; what lies past an odd edge counts as 0. */
function countPerWindow(graph: Graph, map: string): string {
  const share = graph.add('AveragePool', [map], { ...poolWindow, count_include_pad: 1 });
  return graph.add('Mul', [share, graph.weights(`window/${map}`, [], Float32Array.of(4))]);
}

const blockChannels = (layer: string) => convolutionsUpTo([layer]).at(-1)!.outputs;

/** [out, in, 3, 3] → [in, out, 3, 3] with every 3×3 kernel turned by half a turn. */
function flipped(network: Network, { name, inputs, outputs }: Convolution): Float32Array {
  const { weight } = network.convolutions.get(name)!;
  const turned = new Float32Array(weight.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const from = (o * inputs + i) * 9;
      const to = (i * outputs + o) * 9;
      for (let k = 0; k < 9; k++) turned[to + k] = weight[from + 8 - k];
    }
  }
  return turned;
}
