/**
 * How a block of the network lays its features out, and what is done with them there. Features and gradients are names
 * of tensors in the graph; `from` and `to` lead from [1, C, h, w] and back.
 */

import type { Convolution } from '../../network/vgg19.js';
import type { Network } from '../../network/weights.js';
import type { Graph } from './graph.js';

export interface Layout {
  from(picture: string): string;
  to(features: string): string;
  /** The convolution with its bias, and the ReLU after it. */
  convolve(features: string, convolution: Convolution): string;
  /** The gradient of a convolution's input, from that of its output. */
  convolutionGradient(gradient: string, convolution: Convolution): string;
  /** Features of so many channels as [C, n]: every pixel once, in an order of the layout's own. */
  flatten(features: string, channels: number): string;
  unflatten(flat: string, channels: number): string;
}

/** Rows of pixels, as pictures are kept, and the runtime's own convolutions. `picture` is what enters the block. */
export function planes(graph: Graph, network: Network, picture: string): Layout {
  const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  return {
    from: (picture) => picture,
    to: (features) => features,
    convolve(features, { name, inputs, outputs }) {
      const { weight, bias } = network.convolutions.get(name)!;
      const kernel = graph.weights(`${name}.weight`, [outputs, inputs, 3, 3], weight);
      const offset = graph.weights(`${name}.bias`, [outputs], bias);
      return graph.add('Relu', [graph.add('Conv', [features, kernel, offset], window)]);
    },
    convolutionGradient(gradient, convolution) {
      const { name, inputs, outputs } = convolution;
      const turned = flipped(network, convolution);
      const kernel = graph.weights(`${name}.flipped`, [inputs, outputs, 3, 3], turned);
      return graph.add('Conv', [gradient, kernel], window);
    },
    flatten: (features, channels) => graph.add('Reshape', [features, graph.integers([channels, -1])]),
    unflatten(flat, channels) {
      const size = graph.add('Shape', [picture], { start: 2 });
      return graph.add('Reshape', [flat, graph.shape([1, channels], size)]);
    },
  };
}

/**
 * [out, in, 3, 3] → [in, out, 3, 3] with every 3×3 kernel turned by half a turn: the gradient of a convolution of stride
 * 1 is a convolution with these.
 */
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
