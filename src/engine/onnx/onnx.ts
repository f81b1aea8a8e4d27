/** The engine that works everywhere: ONNX Runtime on the processor, or on a card that it has a provider for. */
import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { layerShape } from '../../network/vgg19.js';
import type { Engine, EngineOptions, Evaluation, Features, Image, Targets, TermWeights } from '../engine.js';
import { elements, gramDivisor, perLayer } from '../sizes.js';
import { addTotalVariation } from '../tv.js';
import { evaluateModel, featuresModel, names } from './model.js';
import { loadRuntime, providersFor, type Runtime } from './runtime.js';

/** Pixels of an image whose evaluation takes little memory beside the network itself. */
const small = 256 * 256;

type Feeds = Record<string, Tensor>;

/**
 * Builds the engine for these layers; the network itself is not kept. Takes about half a second.
 * @throws Error if the device is not there
 */
export async function createOnnxEngine(options: EngineOptions): Promise<Engine> {
  const { device = 'cpu', threads = availableParallelism(), contentLayers, styleLayers } = options;
  const runtime = await loadRuntime(device);
  const open = (model: Uint8Array) => session(runtime, model, device, threads);
  const tensor = (data: Float32Array, shape: readonly number[]) => new runtime.Tensor('float32', data, shape);
  const scalar = (value: number) => tensor(Float32Array.of(value), []);
  const imageTensor = ({ data, height, width }: Image) => tensor(data, [1, 3, height, width]);

  // Two sessions in turn, not at once: targets are made first, then the image is painted. Each keeps the memory of its
  // largest image. For the next picture's targets that of a large one is freed; a small one is not worth the second that
  // building its session anew takes.
  let forward: InferenceSession | undefined = await open(featuresModel(options));
  let both: InferenceSession | undefined;
  /** Pixels of the largest image that it has seen. */
  let painted = 0;

  const features = async (image: Image): Promise<Features> => {
    if (painted > small) {
      await both?.release();
      both = undefined;
      painted = 0;
    }
    forward ??= await open(featuresModel(options));
    const feeds: Feeds = { [names.image]: imageTensor(image) };
    for (const layer of styleLayers) feeds[names.perElement(layer)] = scalar(1 / elements(layer, image));
    const results = await forward.run(feeds);
    return {
      content: perLayer(contentLayers, (layer) => take(results, names.features(layer))),
      grams: perLayer(styleLayers, (layer) => take(results, names.gram(layer))),
    };
  };

  const evaluate = async (image: Image, targets: Targets, weights: TermWeights): Promise<Evaluation> => {
    await forward?.release();
    forward = undefined;
    both ??= await open(evaluateModel(options));
    painted = Math.max(painted, image.height * image.width);
    const feeds: Feeds = { [names.image]: imageTensor(image) };
    for (const layer of contentLayers) {
      const shape = layerShape(layer, image.height, image.width);
      feeds[names.target(layer)] = tensor(targets.content[layer], [1, ...shape]);
      feeds[names.slope(layer)] = scalar((2 * weights.content[layer]) / elements(layer, image));
    }
    for (const [index, { grams, mask }] of targets.regions.entries()) {
      for (const layer of styleLayers) {
        const [channels] = layerShape(layer, image.height, image.width);
        const n = gramDivisor(layer, image, mask?.[layer]);
        const slope = (4 * weights.style[index][layer]) / (channels * channels * n);
        feeds[names.gramTarget(layer, index)] = tensor(grams[layer], [channels, channels]);
        feeds[names.gramSlope(layer, index)] = scalar(slope);
        feeds[names.perElement(layer, index)] = scalar(1 / n);
        if (mask) feeds[names.mask(layer, index)] = tensor(mask[layer], [1, mask[layer].length]);
      }
    }
    const results = await both.run(feeds);
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

  const dispose = async () => {
    await Promise.all([forward?.release(), both?.release()]);
    forward = both = undefined;
  };

  const count = `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { name: 'onnx', device: `${device}${device === 'cpu' ? count : ''}`, features, evaluate, dispose };
}

/** Without the memory pattern a session takes a third less memory and is as fast: 1.1 GB at 512², not 1.6. */
function session(
  { InferenceSession }: Runtime,
  model: Uint8Array,
  device: string,
  threads: number,
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: providersFor(device),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
}

const take = (results: InferenceSession.OnnxValueMapType, name: string) => results[name].data as Float32Array;
