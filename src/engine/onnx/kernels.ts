/** The kernels of Winograd's convolutions: once for all sessions of an engine, since they are large. */
import type { Tensor } from 'onnxruntime-node';
import { convolutionsUpTo } from '../../network/vgg19.js';
import type { Network } from '../../network/weights.js';
import { onProcessor, type Runtime } from './runtime.js';
import { firstBlock, kernelsModel, kernelsOf } from './winograd.js';

export interface Kernels {
  /** What each run is given besides. */
  feeds: Record<string, Tensor>;
  /** The network without the weights that are in `feeds` now. */
  network: Network;
}

/** Of the convolutions up to the deepest of these layers. Takes about 0.1 s. */
export async function winogradKernels(
  runtime: Runtime,
  network: Network,
  layers: readonly string[],
  threads: number,
): Promise<Kernels> {
  const convolutions = new Map(network.convolutions);
  const feeds: Kernels['feeds'] = {};
  const session = await runtime.InferenceSession.create(kernelsModel(), onProcessor(threads));
  for (const convolution of convolutionsUpTo(layers).filter(({ block }) => block >= firstBlock)) {
    const { name, inputs, outputs } = convolution;
    const { weight, bias } = network.convolutions.get(name)!;
    const kernel = new runtime.Tensor('float32', weight, [outputs * inputs, 9]);
    const { kernels } = await session.run({ kernel });
    feeds[kernelsOf(convolution)] = kernels.reshape([36, outputs, inputs]);
    convolutions.set(name, { weight: new Float32Array(), bias });
  }
  await session.release();
  return { feeds, network: { ...network, convolutions } };
}
