/** The engine on ONNX Runtime: on the processor, or on a device with an execution provider. */
import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Matrix } from '../../losses/statistics.js';
import { layerShape } from '../../network/vgg19.js';
import type { Descended, Descent, StepMethod } from '../descent.js';
import type {
  Engine,
  EngineOptions,
  Evaluation,
  Features,
  Image,
  LayerLossWeights,
  Parts,
  PerLayer,
  Region,
  Targets,
} from '../engine.js';
import { elements, perLayer, positions } from '../sizes.js';
import { createAlgebra, separableFeeds } from './algebra.js';
import { descentFeeds, descentModel, readDescended } from './descent.js';
import { winogradKernels } from './kernels.js';
import { compareModel, evaluateModel, featuresModel, type Model, names, partModel } from './model.js';
import { loadRuntime, onProcessor } from './runtime.js';
import { Sessions } from './sessions.js';

/** Pixels of an image whose evaluation takes little memory compared with the network. */
const smallImage = 256 * 256;

type Feeds = Record<string, Tensor>;

/**
 * Builds the engine for these layers. Takes about a quarter of a second.
 * @throws Error if the device is not there
 */
export async function createOnnxEngine(options: EngineOptions): Promise<Engine> {
  const { device = 'cpu', threads = availableParallelism() } = options;
  const { contentLayers, styleLayers, styleLoss, masks = 0, descends = false } = options;
  const runtime = await loadRuntime(device);
  const winograd =
    device === 'cpu'
      ? winogradKernels(runtime, options.network, [...contentLayers, ...styleLayers], threads)
      : undefined;
  const model: Model = { ...options, network: winograd?.network ?? options.network, winograd: !!winograd };
  const models = {
    features: { make: () => featuresModel({ ...model, masks: 0 }), releaseMemory: false },
    evaluate: { make: () => evaluateModel(model), releaseMemory: false },
    // The core of a part is a mask already.
    forward: { make: () => featuresModel({ ...model, masks: Math.max(1, masks) }), releaseMemory: true },
    backward: { make: () => partModel(model), releaseMemory: true },
    descend: { make: () => descentModel(model, method!), releaseMemory: false },
  };
  /** Of the session that descends. */
  let method: StepMethod | undefined;
  const sessions = new Sessions(runtime, models, device, threads);
  const run = async (session: InferenceSession, feeds: Feeds) =>
    session.run({ ...(await winograd?.feeds), ...feeds });
  const tensor = (data: Float32Array, shape: readonly number[]) => new runtime.Tensor('float32', data, shape);
  const scalar = (value: number) => tensor(Float32Array.of(value), []);
  const imageTensor = ({ data, height, width }: Image) => tensor(data, [1, 3, height, width]);
  const maskTensor = (mask: Float32Array, layer: string, { height, width }: Image) =>
    tensor(mask, [1, 1, ...layerShape(layer, height, width).slice(1)]);
  const targetTensor = (target: Float32Array, layer: string, { height, width }: Image) =>
    tensor(target, [1, ...layerShape(layer, height, width)]);
  const matrix = ({ data, rows, columns }: Matrix) => tensor(data, [rows, columns]);
  const square = (data: Float32Array) => {
    const side = Math.sqrt(data.length);
    return matrix({ data, rows: side, columns: side });
  };
  const column = (data: Float32Array) => matrix({ data, rows: data.length, columns: 1 });
  const statisticsOf = (results: InferenceSession.OnnxValueMapType, region?: number) =>
    perLayer(styleLayers, (layer) => ({
      mean: take(results, names.mean(layer, region)),
      second: take(results, names.second(layer, region)),
    }));
  const feedTarget = (feeds: Feeds, target: Region['targets'][string], layer: string, region: number) => {
    for (const part of styleLoss.parts) feeds[names.styleTarget(layer, region, part)] = matrix(target[part]);
  };

  /** Pixels of the largest image that was evaluated. For the next picture's targets the memory of a large one is freed; that
   * of a small one is not worth opening its session anew. */
  let painted = 0;

  const features = async (image: Image): Promise<Features> => {
    const session = await sessions.use('features', painted > smallImage ? [] : ['evaluate', 'descend']);
    const feeds: Feeds = { [names.image]: imageTensor(image) };
    for (const layer of styleLayers) feeds[names.perPosition(layer)] = scalar(1 / positions(layer, image));
    const results = await run(session, feeds);
    return {
      content: perLayer(contentLayers, (layer) => take(results, names.features(layer))),
      style: statisticsOf(results),
    };
  };

  /** What an image is evaluated with, besides the image. */
  const objectiveFeeds = (image: Image, targets: Targets, weights: LayerLossWeights): Feeds => {
    const feeds: Feeds = {};
    for (const layer of contentLayers) {
      feeds[names.target(layer)] = targetTensor(targets.content[layer], layer, image);
      feeds[names.slope(layer)] = scalar((2 * weights.content[layer]) / elements(layer, image));
    }
    for (const [index, { targets: wanted, mask }] of targets.regions.entries()) {
      for (const layer of styleLayers) {
        const n = positions(layer, image, mask?.[layer]);
        feedTarget(feeds, wanted[layer], layer, index);
        feeds[names.styleSlope(layer, index)] = scalar((2 * weights.style[index][layer]) / n);
        feeds[names.perPosition(layer, index)] = scalar(1 / n);
        if (mask) feeds[names.mask(layer, index)] = maskTensor(mask[layer], layer, image);
      }
    }
    return feeds;
  };

  const evaluate = async (image: Image, targets: Targets, weights: LayerLossWeights): Promise<Evaluation> => {
    const session = await sessions.use('evaluate');
    painted = Math.max(painted, image.height * image.width);
    const feeds = { [names.image]: imageTensor(image), ...objectiveFeeds(image, targets, weights) };
    const results = await run(session, feeds);
    return {
      gradient: take(results, names.gradient),
      content: perLayer(
        contentLayers,
        (layer) => take(results, names.squaredError(layer))[0] / elements(layer, image),
      ),
      style: targets.regions.map((_, index) =>
        perLayer(styleLayers, (layer) => ({
          loss: take(results, names.styleLoss(layer, index))[0],
          second: take(results, names.second(layer, index)),
        })),
      ),
    };
  };

  const descend = async (descent: Descent): Promise<Descended> => {
    const { image, targets, weights, transform } = descent;
    if (method !== descent.method) await sessions.release((name) => name === 'descend');
    method = descent.method;
    const session = await sessions.use('descend');
    painted = Math.max(painted, image.height * image.width);
    const feeds: Feeds = {
      ...objectiveFeeds(image, targets, weights),
      ...(transform && separableFeeds(transform, runtime.Tensor)),
      ...descentFeeds(descent, options, tensor),
    };
    return readDescended(await run(session, feeds), descent, options);
  };

  const feedMasks = (feeds: Feeds, mask: PerLayer<Float32Array>, region: number, part: Image) => {
    for (const layer of styleLayers) feeds[names.mask(layer, region)] = maskTensor(mask[layer], layer, part);
  };
  /** Small, and one for each number of channels. */
  const comparisons = new Map<number, Promise<InferenceSession>>();
  const comparison = (channels: number) => {
    const session =
      comparisons.get(channels) ??
      runtime.InferenceSession.create(compareModel(model, channels), onProcessor(threads));
    comparisons.set(channels, session);
    return session;
  };
  const parts: Parts = {
    async forward(part, masks, perPosition) {
      const session = await sessions.use('forward', ['backward']);
      const feeds: Feeds = { [names.image]: imageTensor(part) };
      for (const [index, mask] of masks.entries()) {
        feedMasks(feeds, mask, index, part);
        for (const layer of styleLayers)
          feeds[names.perPosition(layer, index)] = scalar(perPosition[index][layer]);
      }
      const results = await run(session, feeds);
      return {
        content: perLayer(contentLayers, (layer) => take(results, names.features(layer))),
        style: masks.map((_, index) => statisticsOf(results, index)),
      };
    },

    async compare({ mean, second }, target, slope) {
      const session = await comparison(mean.length);
      const feeds: Feeds = { [names.second('')]: square(second), [names.styleSlope('', 0)]: scalar(slope) };
      if (session.inputNames.includes(names.mean(''))) feeds[names.mean('')] = column(mean);
      feedTarget(feeds, target, '', 0);
      const results = await session.run(feeds);
      return {
        loss: take(results, names.styleLoss('', 0))[0],
        matrix: take(results, names.matrix('', 0)),
        vector: results[names.vector('', 0)]?.data as Float32Array | undefined,
      };
    },

    async backward(part, { content, slopes, regions }) {
      const session = await sessions.use('backward', ['forward']);
      const feeds: Feeds = { [names.image]: imageTensor(part) };
      for (const layer of contentLayers) {
        feeds[names.target(layer)] = targetTensor(content[layer], layer, part);
        feeds[names.slope(layer)] = scalar(slopes[layer]);
      }
      for (const [index, { style, mask }] of regions.entries()) {
        if (mask) feedMasks(feeds, mask, index, part);
        for (const layer of styleLayers) {
          const { matrix, vector = new Float32Array(Math.sqrt(matrix.length)) } = style[layer];
          feeds[names.matrix(layer, index)] = square(matrix);
          feeds[names.vector(layer, index)] = column(vector);
        }
      }
      return take(await run(session, feeds), names.gradient);
    },
  };

  const algebra = createAlgebra(async () => runtime, threads);
  // Opened at once, to fail early if the device is missing.
  await Promise.all([sessions.use('features'), winograd?.feeds]);
  const count = `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    name: 'onnx',
    device: `${device}${device === 'cpu' ? count : ''}`,
    features,
    evaluate,
    ...(descends && { descend }),
    parts,
    algebra,
    async dispose() {
      await sessions.release();
      for (const session of comparisons.values()) await (await session).release();
      await algebra.dispose();
    },
  };
}

const take = (results: InferenceSession.OnnxValueMapType, name: string) => results[name].data as Float32Array;
