/** The engine that works everywhere: ONNX Runtime on the processor, or on a card that it has a provider for. */
import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { layerShape } from '../../network/vgg19.js';
import type {
  Engine,
  EngineOptions,
  Evaluation,
  Features,
  Image,
  Parts,
  Targets,
  TermWeights,
} from '../engine.js';
import { elements, gramDivisor, gramSlope, perLayer } from '../sizes.js';
import { addTotalVariation } from '../tv.js';
import { createAlgebra } from './algebra.js';
import { winogradKernels } from './kernels.js';
import { evaluateModel, featuresModel, type Model, names, partModel } from './model.js';
import { loadRuntime } from './runtime.js';
import { Sessions } from './sessions.js';

/** Pixels of an image whose evaluation takes little memory beside the network itself. */
const small = 256 * 256;

type Feeds = Record<string, Tensor>;

/**
 * Builds the engine for these layers. Takes about a quarter of a second.
 * @throws Error if the device is not there
 */
export async function createOnnxEngine(options: EngineOptions): Promise<Engine> {
  const { device = 'cpu', threads = availableParallelism(), contentLayers, styleLayers, masks = 0 } = options;
  const runtime = await loadRuntime(device);
  const winograd =
    device === 'cpu'
      ? winogradKernels(runtime, options.network, [...contentLayers, ...styleLayers], threads)
      : undefined;
  const model: Model = { ...options, network: winograd?.network ?? options.network, winograd: !!winograd };
  const models = {
    features: { make: () => featuresModel({ ...model, masks: 0 }), sparing: false },
    evaluate: { make: () => evaluateModel(model), sparing: false },
    // A part's Gram matrices are those of its core, which is a mask already.
    measure: { make: () => featuresModel({ ...model, masks: Math.max(1, masks) }), sparing: true },
    pull: { make: () => partModel(model), sparing: true },
  };
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
  const square = (matrix: Float32Array) => {
    const channels = Math.sqrt(matrix.length);
    return tensor(matrix, [channels, channels]);
  };

  /** Pixels of the largest image that was evaluated. For the next picture's targets the memory of a large one is freed; that
   * of a small one is not worth opening its session anew. */
  let painted = 0;

  const features = async (image: Image): Promise<Features> => {
    const session = await sessions.use('features', painted > small ? [] : ['evaluate']);
    const feeds: Feeds = { [names.image]: imageTensor(image) };
    for (const layer of styleLayers) feeds[names.perElement(layer)] = scalar(1 / elements(layer, image));
    const results = await run(session, feeds);
    return {
      content: perLayer(contentLayers, (layer) => take(results, names.features(layer))),
      grams: perLayer(styleLayers, (layer) => take(results, names.gram(layer))),
    };
  };

  const evaluate = async (image: Image, targets: Targets, weights: TermWeights): Promise<Evaluation> => {
    const session = await sessions.use('evaluate');
    painted = Math.max(painted, image.height * image.width);
    const feeds: Feeds = { [names.image]: imageTensor(image) };
    for (const layer of contentLayers) {
      feeds[names.target(layer)] = targetTensor(targets.content[layer], layer, image);
      feeds[names.slope(layer)] = scalar((2 * weights.content[layer]) / elements(layer, image));
    }
    for (const [index, { grams, mask }] of targets.regions.entries()) {
      for (const layer of styleLayers) {
        const n = gramDivisor(layer, image, mask?.[layer]);
        feeds[names.gramTarget(layer, index)] = square(grams[layer]);
        feeds[names.gramSlope(layer, index)] = scalar(gramSlope(weights.style[index][layer], layer, n));
        feeds[names.perElement(layer, index)] = scalar(1 / n);
        if (mask) feeds[names.mask(layer, index)] = maskTensor(mask[layer], layer, image);
      }
    }
    const results = await run(session, feeds);
    const gradient = take(results, names.gradient);
    return {
      content: perLayer(
        contentLayers,
        (layer) => take(results, names.squaredError(layer))[0] / elements(layer, image),
      ),
      grams: targets.regions.map((_, index) =>
        perLayer(styleLayers, (layer) => take(results, names.gram(layer, index))),
      ),
      tv: addTotalVariation(image, weights.tv, gradient),
      gradient,
    };
  };

  const parts: Parts = {
    async measure(part, masks, perElement) {
      const session = await sessions.use('measure', ['pull']);
      const feeds: Feeds = { [names.image]: imageTensor(part) };
      for (const [index, mask] of masks.entries()) {
        for (const layer of styleLayers) {
          feeds[names.mask(layer, index)] = maskTensor(mask[layer], layer, part);
          feeds[names.perElement(layer, index)] = scalar(perElement[index][layer]);
        }
      }
      const results = await run(session, feeds);
      return {
        content: perLayer(contentLayers, (layer) => take(results, names.features(layer))),
        grams: masks.map((_, index) =>
          perLayer(styleLayers, (layer) => take(results, names.gram(layer, index))),
        ),
      };
    },

    async pull(part, { content, slopes, regions }) {
      const session = await sessions.use('pull', ['measure']);
      const feeds: Feeds = { [names.image]: imageTensor(part) };
      for (const layer of contentLayers) {
        feeds[names.target(layer)] = targetTensor(content[layer], layer, part);
        feeds[names.slope(layer)] = scalar(slopes[layer]);
      }
      for (const [index, { matrices, mask }] of regions.entries()) {
        for (const layer of styleLayers) {
          feeds[names.gramPull(layer, index)] = square(matrices[layer]);
          if (mask) feeds[names.mask(layer, index)] = maskTensor(mask[layer], layer, part);
        }
      }
      return take(await run(session, feeds), names.gradient);
    },
  };

  const algebra = createAlgebra(async () => runtime, threads);
  // Opened at once, to see whether the device is there.
  await Promise.all([sessions.use('features'), winograd?.feeds]);
  const count = `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    name: 'onnx',
    device: `${device}${device === 'cpu' ? count : ''}`,
    features,
    evaluate,
    parts,
    algebra,
    async dispose() {
      await sessions.release();
      await algebra.dispose();
    },
  };
}

const take = (results: InferenceSession.OnnxValueMapType, name: string) => results[name].data as Float32Array;
