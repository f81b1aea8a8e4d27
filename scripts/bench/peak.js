/** What plain convolutions reach on these cores at most, and how many an evaluation would need. */
import { Graph } from '#dist/engine/onnx/graph.js';
import { loadRuntime, onProcessor } from '#dist/engine/onnx/runtime.js';
import { convolutionsUpTo, layerShape } from '#dist/network/vgg19.js';

/** As in VGG-19's second block, for a picture of 256×256. */
const channels = 128;
const side = 128;
/** In a row, so that layouts are changed at its ends only. */
const row = 8;
const repeats = 5;

/** Floating-point operations a second of the best of some convolutions. */
export async function peak(threads) {
  const runtime = await loadRuntime('cpu');
  const graph = new Graph();
  const kernel = graph.weights(
    'kernel',
    [channels, channels, 3, 3],
    new Float32Array(9 * channels ** 2).fill(1),
  );
  const shape = [1, channels, side, side];
  let y = graph.input('x', shape);
  for (let i = 0; i < row; i++) y = graph.add('Conv', [y, kernel], { pads: [1, 1, 1, 1] });
  graph.output(y, 'y', shape);
  const session = await runtime.InferenceSession.create(graph.toModel(), onProcessor(threads));
  const x = new runtime.Tensor('float32', new Float32Array(channels * side ** 2), shape);
  let best = 0;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await session.run({ x });
    const seconds = (performance.now() - start) / 1000;
    best = Math.max(best, (row * operations(channels, channels, side, side)) / seconds);
  }
  await session.release();
  return best;
}

/** Floating-point operations of the plain convolutions that lead to these layers, and of their gradients back to the image. */
export function convolutionOperations(layers, height, width) {
  return convolutionsUpTo(layers).reduce((sum, { layer, inputs, outputs }) => {
    const [, h, w] = layerShape(layer, height, width);
    return sum + 2 * operations(inputs, outputs, h, w);
  }, 0);
}

/** Of one 3×3 convolution: a multiplication and an addition are two. */
const operations = (inputs, outputs, height, width) => 2 * 9 * inputs * outputs * height * width;
