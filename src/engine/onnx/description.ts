/** ONNX Runtime as an engine: what is known of it before it is loaded. */
import type { EngineDescription } from '../description.js';

/** Longest side in pixels from which huge pages save more time than the half second that they cost at the start. */
const hugePagesFrom = 768;

export const onnxDescription: EngineDescription = {
  create: async (options) => (await import('./onnx.js')).createOnnxEngine(options),
  devices(platform) {
    const everywhere = ['cpu', 'webgpu'];
    if (platform === 'win32') return [...everywhere, 'dml:0'];
    return platform === 'darwin' ? [...everywhere, 'coreml'] : everywhere;
  },
  cardKinds: ['cuda', 'tensorrt'],
  cardLibraries: 'cuda',
  environment: (_, longest, inherited) => ({
    // Otherwise glibc keeps freed memory in fragments that fit nothing else: a fifth of all memory in use.
    MALLOC_MMAP_THRESHOLD_: inherited.MALLOC_MMAP_THRESHOLD_ ?? String(2 ** 20),
    // Each layer's tensors are fresh memory when painting in tiles. In pages of 4 KB, half the time goes into page faults.
    ...(longest >= hugePagesFrom && {
      GLIBC_TUNABLES: inherited.GLIBC_TUNABLES ?? 'glibc.malloc.hugetlb=1',
    }),
  }),
  memory: { fixed: 400e6, evaluate: 1950, features: 1100 },
  tiledMemory: { fixed: 380e6, pixel: 1600 },
};
