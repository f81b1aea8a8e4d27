/** What these cores can do at most, and how much of it an evaluation would need with plain convolutions. */
import { Graph } from '../../dist/engine/onnx/graph.js';
import { loadRuntime, onProcessor } from '../../dist/engine/onnx/runtime.js';
import { convolutionsUpTo, layerShape } from '../../dist/network/vgg19.js';

const side = 2048;
const repeats = 5;

/** Floating-point operations a second of the best of some products of large matrices. */
export async function peak(threads) {
  const runtime = await loadRuntime('cpu');
  const graph = new Graph();
  const factors = [graph.input('a', [side, side]), graph.input('b', [side, side])];
  graph.output(graph.add('MatMul', factors), 'product', [side, side]);
  const session = await runtime.InferenceSession.create(graph.toModel(), onProcessor(threads));
  const matrix = new runtime.Tensor('float32', new Float32Array(side ** 2).fill(1), [side, side]);
  let best = 0;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await session.run({ a: matrix, b: matrix });
    best = Math.max(best, (2 * side ** 3) / ((performance.now() - start) / 1000));
  }
  await session.release();
  return best;
}

/** Floating-point operations of the plain convolutions that lead to these layers, and of their gradients back to the image. */
export function convolutionOperations(layers, height, width) {
  return convolutionsUpTo(layers).reduce((sum, { layer, inputs, outputs }) => {
    const [, h, w] = layerShape(layer, height, width);
    return sum + 2 * (2 * 9 * inputs * outputs * h * w);
  }, 0);
}
