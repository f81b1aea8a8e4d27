import * as runtime from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { winogradKernels } from '../../src/engine/onnx/kernels.js';
import { evaluateModel, names } from '../../src/engine/onnx/model.js';
import { gram } from '../../src/losses/gram.js';
import { layerShape } from '../../src/network/vgg19.js';
import { loadNetwork } from '../../src/network/weights.js';
import { noise } from '../../src/transfer/noise.js';

const contentLayers = ['relu3_2', 'relu4_2'];
const styleLayers = ['relu1_1', 'relu3_1', 'relu5_1'];
const network = await loadNetwork();
const kernels = winogradKernels(runtime, network, [...contentLayers, ...styleLayers], 1);

type Feeds = Record<string, runtime.Tensor>;
const tensor = (data: Float32Array, shape: readonly number[]) => new runtime.Tensor('float32', data, shape);
const scalar = (value: number) => tensor(Float32Array.of(value), []);

/** Any image, targets that are all zero, and masks that let some of it through. */
function feedsFor(width: number, height: number, masks: number): Feeds {
  const image = noise(width, height, [0, 0, 0], 1).data;
  const feeds: Feeds = { [names.image]: tensor(image, [1, 3, height, width]) };
  for (const layer of contentLayers) {
    const shape = layerShape(layer, height, width);
    feeds[names.target(layer)] = tensor(new Float32Array(shape[0] * shape[1] * shape[2]), [1, ...shape]);
    feeds[names.slope(layer)] = scalar(1e-3);
  }
  for (let region = 0; region < Math.max(1, masks); region++) {
    for (const layer of styleLayers) {
      const [channels, h, w] = layerShape(layer, height, width);
      const wanted = tensor(new Float32Array(channels * channels), [channels, channels]);
      feeds[names.styleTarget(layer, region, 'gram')] = wanted;
      feeds[names.styleSlope(layer, region)] = scalar(1e-6);
      feeds[names.perPosition(layer, region)] = scalar(1 / (h * w));
      const mask = Float32Array.from({ length: h * w }, (_, i) => ((i + region) % 7) / 7);
      if (masks > 0) feeds[names.mask(layer, region)] = tensor(mask, [1, 1, h, w]);
    }
  }
  return feeds;
}

/** Largest difference, as a share of the largest value. */
function apart(a: runtime.Tensor, b: runtime.Tensor): number {
  expect(a.dims).toEqual(b.dims);
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0) / largest;
}

it.each([
  ['max', 0],
  ['avg', 2],
] as const)(
  'computes what plain convolutions do, at any size: %s pooling, %d masks',
  async (pooling, masks) => {
    const model = { contentLayers, styleLayers, styleLoss: gram, pooling, masks };
    const open = (bytes: Uint8Array) => runtime.InferenceSession.create(bytes);
    const plain = await open(evaluateModel({ ...model, network }));
    const fast = await open(evaluateModel({ ...model, network: kernels.network, winograd: true }));
    for (const [width, height] of [
      [32, 32],
      [33, 47],
      [64, 48],
      [131, 70],
    ]) {
      const feeds = feedsFor(width, height, masks);
      const expected = await plain.run(feeds);
      const got = await fast.run({ ...feeds, ...(await kernels.feeds) });
      expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
      for (const name of Object.keys(expected))
        expect(apart(expected[name], got[name]), `${name} at ${width}×${height}`).toBeLessThan(1e-4);
    }
    await plain.release();
    await fast.release();
  },
);
