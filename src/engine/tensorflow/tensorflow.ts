/** The engine on TensorFlow: the loss as in the paper, its gradient by automatic differentiation. */
import { availableParallelism } from 'node:os';
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { layerShape } from '../../network/vgg19.js';
import type {
  Engine,
  EngineOptions,
  Evaluation,
  Features,
  Image,
  PerLayer,
  Targets,
  TermWeights,
} from '../engine.js';
import { createAlgebra } from '../onnx/algebra.js';
import { loadRuntime } from '../onnx/runtime.js';
import { gramDivisor, perLayer } from '../sizes.js';
import { addTotalVariation } from '../tv.js';
import { loadTensorflow, type TF } from './backend.js';
import { forwardPass } from './network.js';

/**
 * Builds the engine for these layers; the network itself is not kept.
 * @throws Error if TensorFlow's library cannot be loaded, or sees no card where one is asked for
 */
export async function createTensorflowEngine(options: EngineOptions): Promise<Engine> {
  const { network, contentLayers, styleLayers, pooling, device = 'cpu' } = options;
  const { threads = availableParallelism() } = options;
  const tf = await loadTensorflow();
  // Without a word it would compute on the processor.
  if (device !== 'cpu' && !usesCard(tf)) throw new Error('TensorFlow sees no NVIDIA card');
  const forward = forwardPass(tf, network, [...new Set([...contentLayers, ...styleLayers])], pooling);
  const contentTargets = new TargetCache(tf);

  const features = async (image: Image): Promise<Features> => {
    const { content, grams } = tf.tidy(() => {
      const activations = forward(imageTensor(tf, image));
      return {
        content: perLayer(contentLayers, (layer) => toPlanes(tf, activations[layer])),
        grams: perLayer(styleLayers, (layer) =>
          gramMatrix(tf, flatten(tf, activations[layer]), gramDivisor(layer, image)),
        ),
      };
    });
    return { content: await read(content), grams: await read(grams) };
  };

  const evaluate = async (image: Image, targets: Targets, weights: TermWeights): Promise<Evaluation> => {
    const content: PerLayer<Tensor> = {};
    const grams: PerLayer<Tensor>[] = targets.regions.map(() => ({}));
    const wanted = perLayer(contentLayers, (layer) =>
      contentTargets.get(layer, targets.content[layer], image),
    );
    const gradient = tf.tidy(() => {
      const loss = (x: Tensor4D): Scalar => {
        const activations = forward(x);
        const terms: Tensor[] = [];
        for (const layer of contentLayers) {
          const error = tf.squaredDifference(activations[layer], wanted[layer]);
          content[layer] = tf.keep(tf.mean(error));
          terms.push(tf.mul(content[layer], weights.content[layer]));
        }
        for (const [index, { grams: targetGrams, mask }] of targets.regions.entries()) {
          for (const layer of styleLayers) {
            const flat = flatten(tf, activations[layer]);
            const covered: Tensor2D = mask
              ? tf.mul(flat, tf.tensor2d(mask[layer], [mask[layer].length, 1]))
              : flat;
            const gram = tf.keep(gramMatrix(tf, covered, gramDivisor(layer, image, mask?.[layer])));
            grams[index][layer] = gram;
            const error = tf.squaredDifference(gram, tf.tensor2d(targetGrams[layer], gram.shape));
            terms.push(tf.mul(tf.mean(error), weights.style[index][layer]));
          }
        }
        return tf.addN(terms) as Scalar;
      };
      return toPlanes(
        tf,
        tf.valueAndGrad(loss as (x: Tensor) => Scalar)(imageTensor(tf, image)).grad as Tensor4D,
      );
    });
    const { slopes } = await read({ slopes: gradient });
    const losses = await read(content);
    return {
      content: perLayer(contentLayers, (layer) => losses[layer][0]),
      grams: await Promise.all(grams.map(read)),
      tv: addTotalVariation(image, weights.tv, slopes),
      gradient: slopes,
    };
  };

  const algebra = createAlgebra(() => loadRuntime('cpu'), threads);
  const dispose = async () => {
    contentTargets.dispose();
    tf.dispose(forward.weights);
    await algebra.dispose();
  };

  const count = `, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    name: 'tensorflow',
    device: `${device}${device === 'cpu' ? count : ''}`,
    features,
    evaluate,
    algebra,
    dispose,
  };
}

const usesCard = (tf: TF) => (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;

/** Content targets stay on the device as long as the same ones are asked for. */
class TargetCache {
  private readonly kept = new Map<string, { data: Float32Array; tensor: Tensor }>();

  constructor(private readonly tf: TF) {}

  /** [C, H·W] → [1, H, W, C] */
  get(layer: string, data: Float32Array, image: Image): Tensor {
    const known = this.kept.get(layer);
    if (known?.data === data) return known.tensor;
    known?.tensor.dispose();
    const [channels, height, width] = layerShape(layer, image.height, image.width);
    const tensor = this.tf.tidy(() => channelsLast(this.tf, data, [channels, height, width]));
    this.kept.set(layer, { data, tensor });
    return tensor;
  }

  dispose(): void {
    for (const { tensor } of this.kept.values()) tensor.dispose();
    this.kept.clear();
  }
}

/** [C, H, W] → [1, H, W, C] */
const channelsLast = (tf: TF, data: Float32Array, shape: [number, number, number]): Tensor4D =>
  tf.expandDims(tf.transpose(tf.tensor3d(data, shape), [1, 2, 0]));

const imageTensor = (tf: TF, { data, height, width }: Image) => channelsLast(tf, data, [3, height, width]);

/** [1, H, W, C] → [C·H·W], channel by channel. */
const toPlanes = (tf: TF, x: Tensor4D): Tensor => tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [-1]);

/** [1, H, W, C] → [H·W, C] */
const flatten = (tf: TF, x: Tensor4D): Tensor2D => tf.reshape(x, [-1, x.shape[3]]);

/** G = Fᵀ F / N, with F as [H·W, C]. */
const gramMatrix = (tf: TF, flat: Tensor2D, n: number): Tensor2D => tf.div(tf.matMul(flat, flat, true), n);

/** Brings tensors back from the device and frees them. */
async function read(tensors: PerLayer<Tensor>): Promise<PerLayer<Float32Array>> {
  const entries = Object.entries(tensors).map(async ([layer, tensor]) => {
    const data = (await tensor.data()) as Float32Array;
    tensor.dispose();
    return [layer, data] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
