/** TensorFlow as an engine: what is known of it before it is loaded. */
import type { EngineDescription } from '../description.js';
import { parseDevice } from '../placement.js';

export const tensorflowDescription: EngineDescription = {
  create: async (options) => (await import('./tensorflow.js')).createTensorflowEngine(options),
  devices: () => ['cpu'],
  cardKinds: ['cuda'],
  cardLibraries: 'tensorflow',
  environment({ device, threads }, _, inherited) {
    const { kind, index } = parseDevice(device);
    // A card's number counts those that this process may see.
    const visible = inherited.CUDA_VISIBLE_DEVICES?.split(',');
    return {
      CUDA_VISIBLE_DEVICES: kind === 'cuda' ? (visible?.[index] ?? String(index)) : '-1',
      ...(threads !== undefined && { TF_NUM_INTRAOP_THREADS: String(threads) }),
      // Allocate the card's memory as needed, not all of it at once.
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      // Errors only.
      TF_CPP_MIN_LOG_LEVEL: '2',
    };
  },
  memory: { fixed: 680e6, evaluate: 5500, features: 1700 },
};
