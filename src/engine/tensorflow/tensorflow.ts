/** The engine on TensorFlow: automatic differentiation for the network, explicit derivatives for the style losses. */
import { availableParallelism } from 'node:os';
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { layerShape } from '../../network/vgg19.js';
import type {
  Engine,
  EngineOptions,
  Evaluation,
  Features,
  Image,
  LayerLossWeights,
  PerLayer,
  Targets,
} from '../engine.js';
import { perLayer, positions } from '../sizes.js';
import { createAlgebra } from './algebra.js';
import { loadTensorflow, type TF } from './backend.js';
import { matrixAlgebra, matrixOf } from './matrices.js';
import { differentiable, forwardPass } from './network.js';

/**
 * Builds the engine for these layers; the network itself is not kept.
 * @throws Error if TensorFlow's library cannot be loaded, or sees no card where one is asked for
 */
export async function createTensorflowEngine(options: EngineOptions): Promise<Engine> {
  const { network, contentLayers, styleLayers, styleLoss, pooling, device = 'cpu' } = options;
  const { threads = availableParallelism() } = options;
  const tf = await loadTensorflow();
  // Otherwise TensorFlow would silently use the processor.
  if (device !== 'cpu' && !usesCard(tf)) throw new Error('TensorFlow sees no NVIDIA card');
  const forward = forwardPass(tf, network, [...new Set([...contentLayers, ...styleLayers])], pooling);
  const contentTargets = new TargetCache(tf);

  const features = async (image: Image): Promise<Features> => {
    const { content, mean, second } = tf.tidy(() => {
      const activations = forward(imageTensor(tf, image));
      const style = perLayer(styleLayers, (layer) =>
        statistics(tf, { flat: flatten(tf, activations[layer]), n: positions(layer, image) }),
      );
      return {
        content: perLayer(contentLayers, (layer) => toPlanes(tf, activations[layer])),
        mean: perLayer(styleLayers, (layer) => style[layer].mean),
        second: perLayer(styleLayers, (layer) => style[layer].second),
      };
    });
    const [means, seconds] = [await read(mean), await read(second)];
    return {
      content: await read(content),
      style: perLayer(styleLayers, (layer) => ({ mean: means[layer], second: seconds[layer] })),
    };
  };

  /**
   * The style loss at a layer. Its derivative by the features follows from those by the statistics: left to itself,
   * TensorFlow.js would keep every matrix on the way to the loss.
   */
  const styleTerm = (
    activation: Tensor4D,
    layer: string,
    image: Image,
    { targets, mask }: Targets['regions'][number],
    keep: (name: 'loss' | 'second', tensor: Tensor) => void,
  ): Tensor => {
    const [channels] = layerShape(layer, image.height, image.width);
    const column = mask && tf.tensor2d(mask[layer], [mask[layer].length, 1]);
    const n = positions(layer, image, mask?.[layer]);
    const term = differentiable(
      tf,
      (x) => {
        const flat = flatten(tf, x);
        const covered = column ? tf.mul<Tensor2D>(flat, column) : flat;
        const { mean, second } = statistics(tf, { flat: covered, mask: column, n });
        const target = Object.fromEntries(
          styleLoss.parts.map((part) => [part, matrixOf(tf, targets[layer][part])]),
        );
        const { loss, bySecond, byMean } = styleLoss.compare(
          matrixAlgebra(tf),
          { channels, mean, second },
          target,
        );
        keep('loss', loss);
        keep('second', second);
        // F Dᵀ, not F D: byMean has D μ, and rounding leaves D not quite symmetric. Its errors are largest on the mean, where
        // those of D f and D μ cancel, while those of Dᵀ f and D μ do not.
        const steep = tf.mul(tf.matMul(covered, bySecond, false, true), 2 / n);
        const spread = byMean && tf.mul(tf.transpose(byMean), 1 / n);
        const along = spread ? tf.add(steep, column ? tf.matMul(column, spread) : spread) : steep;
        const slope = tf.reshape(column ? tf.mul(along, column) : along, x.shape);
        return { value: tf.reshape(loss, []) as Tensor, kept: [slope] };
      },
      (outer, [slope]) => tf.mul(slope, outer),
    );
    return term(activation);
  };

  const evaluate = async (image: Image, targets: Targets, weights: LayerLossWeights): Promise<Evaluation> => {
    const content: PerLayer<Tensor> = {};
    const losses: PerLayer<Tensor>[] = targets.regions.map(() => ({}));
    const seconds: PerLayer<Tensor>[] = targets.regions.map(() => ({}));
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
        for (const [index, region] of targets.regions.entries()) {
          for (const layer of styleLayers) {
            const kept = { loss: losses[index], second: seconds[index] };
            const term = styleTerm(activations[layer], layer, image, region, (name, tensor) => {
              kept[name][layer] = tf.keep(tensor);
            });
            terms.push(tf.mul(term, weights.style[index][layer]));
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
    const contentLosses = await read(content);
    const styleLosses = await Promise.all(losses.map(read));
    const second = await Promise.all(seconds.map(read));
    return {
      gradient: slopes,
      content: perLayer(contentLayers, (layer) => contentLosses[layer][0]),
      style: targets.regions.map((_, index) =>
        perLayer(styleLayers, (layer) => ({
          loss: styleLosses[index][layer][0],
          second: second[index][layer],
        })),
      ),
    };
  };

  const algebra = createAlgebra(tf);
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

/** μ [C, 1] and S [C, C] of features [n, C], or of those that a mask [n, 1] lets through, over so many positions. */
function statistics(tf: TF, { flat, mask, n }: { flat: Tensor2D; mask?: Tensor2D; n: number }) {
  const sum = mask ? tf.matMul(flat, mask, true) : tf.reshape(tf.sum(flat, 0), [-1, 1]);
  return {
    mean: tf.div<Tensor2D>(sum, n),
    second: tf.div<Tensor2D>(tf.matMul(flat, flat, true), n),
  };
}

/** Copies tensors from the device and frees them. */
async function read(tensors: PerLayer<Tensor>): Promise<PerLayer<Float32Array>> {
  const entries = Object.entries(tensors).map(async ([layer, tensor]) => {
    const data = (await tensor.data()) as Float32Array;
    tensor.dispose();
    return [layer, data] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
