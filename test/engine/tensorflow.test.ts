/** TensorFlow on the processor, where `engine install tensorflow` or the package's own installer brought its library. */
import { describe, expect, it, vi } from 'vitest';
import type { Image, LayerLossWeights, Targets } from '../../src/engine/engine.js';
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import { perLayer } from '../../src/engine/sizes.js';
import { hasTensorflow, loadTensorflow } from '../../src/engine/tensorflow/backend.js';
import { createTensorflowEngine } from '../../src/engine/tensorflow/tensorflow.js';
import type { Statistics } from '../../src/losses/statistics.js';
import { wasserstein } from '../../src/losses/wasserstein.js';
import { loadNetwork } from '../../src/network/weights.js';
import { goldenTests } from './golden.js';
import { gradientTests } from './gradient.js';

const isThere = hasTensorflow();
if (!isThere) console.log('Not tested: TensorFlow is not installed (stylize-tui engine install tensorflow).');

describe.skipIf(!isThere)('TensorFlow', () => {
  goldenTests(createTensorflowEngine);
  gradientTests(createTensorflowEngine);

  const contentLayers = ['relu2_2'];
  const styleLayers = ['relu1_1', 'relu2_1'];
  const layers = { contentLayers, styleLayers, styleLoss: wasserstein };
  const regions = (style: Record<string, Statistics>) => [
    { targets: perLayer(styleLayers, (layer) => wasserstein.target(style[layer])) },
  ];
  const weights: LayerLossWeights = {
    content: { relu2_2: 5 },
    style: [{ relu1_1: 1e5, relu2_1: 1e5 }],
  };

  /** Blotches, the upper half of one color, as a clipped sky is: there the maxima of pooling tie. */
  function skyAndGround(height: number, width: number, phase: number): Image {
    const data = Float32Array.from({ length: 3 * height * width }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      return y < height / 2 ? 90 : 70 * Math.sin(0.6 * x + phase) * Math.cos(0.9 * y + i + phase);
    });
    return { data, height, width };
  }

  it.each(['max', 'avg'] as const)(
    'gives the same numbers as ONNX Runtime, ties included: %s',
    async (pooling) => {
      const network = await loadNetwork();
      const results = [];
      for (const create of [createOnnxEngine, createTensorflowEngine]) {
        const engine = await create({ network, ...layers, pooling });
        const { content } = await engine.features(skyAndGround(45, 53, 1));
        const { style } = await engine.features(skyAndGround(33, 64, 2));
        results.push(
          await engine.evaluate(skyAndGround(45, 53, 0), { content, regions: regions(style) }, weights),
        );
        await engine.dispose();
      }
      const [onnx, tensorflow] = results;
      expect(Math.abs(tensorflow.content.relu2_2 / onnx.content.relu2_2 - 1)).toBeLessThan(1e-4);
      for (const layer of styleLayers) {
        const [expected, got] = [onnx, tensorflow].map(({ style }) => style[0][layer]);
        expect(Math.abs(got.loss / expected.loss - 1), layer).toBeLessThan(1e-3);
        const largest = Math.max(...expected.second);
        expected.second.forEach((value, i) => {
          expect(Math.abs(got.second[i] - value)).toBeLessThan(1e-4 * largest);
        });
      }
      const apart = onnx.gradient.map((value, i) => value - tensorflow.gradient[i]);
      expect(Math.hypot(...apart) / Math.hypot(...onnx.gradient)).toBeLessThan(1e-3);
    },
  );

  it('does not take the processor for a card', async () => {
    const network = await loadNetwork();
    const options = { network, ...layers, pooling: 'max', device: 'cuda:0' } as const;
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '-1');
    await expect(createTensorflowEngine(options)).rejects.toThrow(/sees no NVIDIA card/);
    vi.unstubAllEnvs();
  });

  it('keeps no tensor over a thousand evaluations at two sizes, and none at the end', async () => {
    const tf = await loadTensorflow();
    const before = tf.memory().numTensors;
    const network = await loadNetwork();
    const engine = await createTensorflowEngine({ network, ...layers, pooling: 'max' });
    const targetsAt = async (height: number, width: number): Promise<Targets> => {
      const { content, style } = await engine.features(skyAndGround(height, width, 1));
      return { content, regions: regions(style) };
    };
    const sizes = [32, 35];
    const targets = await Promise.all(sizes.map((size) => targetsAt(size, size)));
    const evaluate = (i: number) =>
      engine.evaluate(skyAndGround(sizes[i % 2], sizes[i % 2], i), targets[i % 2], weights);
    await evaluate(0);
    const { numTensors, numBytes } = tf.memory();
    for (let i = 1; i <= 1000; i++) await evaluate(i);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.memory().numBytes).toBe(numBytes);
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
