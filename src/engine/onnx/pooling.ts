/** Pooling between the network's blocks, of [1, C, h, w], and its gradient. */
import type { Pooling } from '../../network/vgg19.js';
import { float32, type Graph } from './graph.js';

/**
 * 2×2 pooling that keeps odd edges (TensorFlow's SAME): padded at the far edges it gives ceil(n/2) for odd and even n.
 * Padding never wins a maximum, and an average counts real pixels only.
 */
const poolWindow = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] };

export function pool(graph: Graph, pooling: Pooling, x: string): string {
  return graph.add(pooling === 'max' ? 'MaxPool' : 'AveragePool', [x], poolWindow);
}

/**
 * Brings the gradient of a pooling's output back to its input's size. An average hands a window's gradient to its
 * pixels in equal parts, a maximum to the largest. Pixels that tie for it (flat areas do) share, or the gradient
 * of a clipped sky would come out four times too large.
 */
export function poolGradient(
  graph: Graph,
  pooling: Pooling,
  gradient: string,
  input: string,
  pooled: string,
): string {
  const size = graph.add('Shape', [input]);
  // By sizes, not by scales and a cut: two copies of the largest tensors less. Of odd sides beyond 5141 the runtime's single
  // precision may take the last row or column but one for its neighbour's.
  const up = (x: string) =>
    graph.add('Resize', [x, '', '', size], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  if (pooling === 'max') {
    const winners = graph.add('Cast', [graph.add('Equal', [input, up(pooled)])], { to: float32 });
    return graph.add('Mul', [winners, up(graph.add('Div', [gradient, countPerWindow(graph, winners)]))]);
  }
  return up(graph.add('Div', [gradient, countPerWindow(graph, graph.ones(input))]));
}

/** How many pixels of a 0/1 map each window of a pooling holds; what lies past an odd edge counts as 0. */
function countPerWindow(graph: Graph, map: string): string {
  const share = graph.add('AveragePool', [map], { ...poolWindow, count_include_pad: 1 });
  return graph.add('Mul', [share, graph.weights('window', [], Float32Array.of(4))]);
}
