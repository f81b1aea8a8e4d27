/** The kernels of Winograd's convolutions: once for all sessions of an engine, since they are large. */
import type { Tensor } from 'onnxruntime-node';
import { type Convolution, convolutionsUpTo } from '../../network/vgg19.js';
import type { Network } from '../../network/weights.js';
import { onProcessor, type Runtime } from './runtime.js';
import { firstBlock, kernelsModel, kernelsOf } from './winograd.js';

export interface Kernels {
  /** What each run is given besides; about 0.1 s away. */
  feeds: Promise<Record<string, Tensor>>;
  /** The network without the weights that `feeds` stands for. */
  network: Network;
}

/** Of the convolutions up to the deepest of these layers. */
export function winogradKernels(
  runtime: Runtime,
  network: Network,
  layers: readonly string[],
  threads: number,
): Kernels {
  const transformed = convolutionsUpTo(layers).filter(({ block }) => block >= firstBlock);
  const convolutions = new Map(network.convolutions);
  for (const { name } of transformed)
    convolutions.set(name, { ...convolutions.get(name)!, weight: new Float32Array() });
  return {
    feeds: transform(runtime, network, transformed, threads),
    network: { ...network, convolutions },
  };
}

async function transform(
  runtime: Runtime,
  network: Network,
  convolutions: readonly Convolution[],
  threads: number,
): Promise<Record<string, Tensor>> {
  const session = await runtime.InferenceSession.create(kernelsModel(), onProcessor(threads));
  // All at once, so that whoever waits for them can open a session meanwhile.
  const feeds = await Promise.all(
    convolutions.map(async (convolution) => {
      const { name, inputs, outputs } = convolution;
      const { weight } = network.convolutions.get(name)!;
      const kernel = new runtime.Tensor('float32', weight, [outputs * inputs, 9]);
      const { kernels } = await session.run({ kernel });
      return [kernelsOf(convolution), kernels.reshape([36, outputs, inputs])] as const;
    }),
  );
  await session.release();
  return Object.fromEntries(feeds);
}
