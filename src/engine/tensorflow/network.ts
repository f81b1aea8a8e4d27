/** VGG-19 forward in TensorFlow, features in its order: [1, H, W, C]. */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { type Convolution, convolutionsUpTo, type Pooling } from '../../network/vgg19.js';
import type { Network } from '../../network/weights.js';
import { perLayer } from '../sizes.js';
import type { TF } from './backend.js';

export interface Forward {
  /** Activations of the wanted layers, by name. */
  (image: Tensor4D): Record<string, Tensor4D>;
  /** The weights, to be freed at the end. */
  weights: Tensor[];
}

/** Puts the weights on the device. */
export function forwardPass(tf: TF, network: Network, layers: readonly string[], pooling: Pooling): Forward {
  const steps = convolutionsUpTo(layers).map((convolution) => ({
    ...convolution,
    ...tf.tidy(() => weightsOf(tf, network, convolution)),
  }));
  const pool = pooling === 'max' ? maxPool(tf) : (x: Tensor4D) => tf.avgPool(x, 2, 2, 'same');
  const forward = (image: Tensor4D) => {
    const activations: Record<string, Tensor4D> = {};
    let x = image;
    for (const { layer, pooled, kernel, bias } of steps) {
      if (pooled) x = pool(x);
      x = convolution(tf, kernel, bias)(x);
      activations[layer] = x;
    }
    return perLayer(layers, (layer) => activations[layer]);
  };
  return Object.assign(forward, { weights: steps.flatMap(({ kernel, bias }) => [kernel, bias]) });
}

/** Kernel [3, 3, in, out], from [out, in, 3, 3], and bias [out]. */
function weightsOf(tf: TF, network: Network, { name, inputs, outputs }: Convolution) {
  const { weight, bias } = network.convolutions.get(name)!;
  const kernel: Tensor4D = tf.transpose(tf.tensor4d(weight, [outputs, inputs, 3, 3]), [2, 3, 1, 0]);
  return { kernel, bias: tf.tensor1d(bias) };
}

/**
 * 3×3 convolution and ReLU in one piece. Left to itself, TensorFlow.js keeps what is between them, and every
 * intermediate of their gradient, until the whole gradient is there: that takes nearly twice the memory.
 */
const convolution = (tf: TF, kernel: Tensor4D, bias: Tensor1D) =>
  differentiable(
    tf,
    (x) => {
      const y = tf.fused.conv2d({ x, filter: kernel, strides: 1, pad: 'same', bias, activation: 'relu' });
      return { value: y, kept: [x, y] };
    },
    (slope, [x, y]) => {
      const open = tf.cast(tf.greater(y, 0), 'float32');
      return tf.conv2dTranspose(tf.mul(slope, open) as Tensor4D, kernel, (x as Tensor4D).shape, 1, 'same');
    },
  );

/**
 * 2×2 maximum pooling that keeps odd edges. TensorFlow's own gradient goes to one of the pixels that tie for the
 * maximum, whichever comes first; here they share it, as in the other engine: flat areas do tie.
 */
const maxPool = (tf: TF) =>
  differentiable(
    tf,
    (x) => {
      const y = tf.maxPool(x, 2, 2, 'same');
      return { value: y, kept: [x, y] };
    },
    (slope, [x, y]) => {
      const [, height, width] = x.shape;
      const [, h, w] = y.shape;
      const up = (map: Tensor) =>
        tf.slice(tf.image.resizeNearestNeighbor(map as Tensor4D, [2 * h, 2 * w]), 0, x.shape);
      const winners = tf.cast(tf.equal(x, up(y)), 'float32') as Tensor4D;
      const whole = tf.pad(winners, [
        [0, 0],
        [0, 2 * h - height],
        [0, 2 * w - width],
        [0, 0],
      ]);
      const ties = tf.mul(tf.avgPool(whole, 2, 2, 'valid'), 4);
      return tf.mul(winners, up(tf.div(slope, ties)));
    },
  );

/** A step with a gradient of its own, whose intermediates are freed at once. */
export function differentiable<T extends Tensor>(
  tf: TF,
  /** The value, and what its gradient needs of it. */
  forward: (x: Tensor4D) => { value: T; kept: Tensor[] },
  /** From d loss / d value to d loss / d x. */
  backward: (slope: Tensor, kept: Tensor[]) => Tensor,
): (x: Tensor4D) => T {
  return tf.customGrad((input, save) => {
    const { value, kept } = tf.tidy(() => forward(input as Tensor4D));
    (save as (tensors: Tensor[]) => void)(kept);
    const gradFunc = (slope: Tensor, kept: Tensor[]) => tf.tidy(() => backward(slope, kept));
    return { value, gradFunc };
  }) as (x: Tensor4D) => T;
}
