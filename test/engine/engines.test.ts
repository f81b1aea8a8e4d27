/** What the table of engines says, against the engines themselves. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { canTile } from '../../src/engine/engines.js';
import { environmentFor } from '../../src/engine/environment.js';
import { tiledMemory, tileWithin } from '../../src/engine/memory.js';
import { engineNames } from '../../src/engine/placement.js';
import { hasTensorflow } from '../../src/engine/tensorflow/backend.js';
import { gram } from '../../src/losses/gram.js';
import { loadNetwork } from '../../src/network/weights.js';

afterEach(() => vi.unstubAllEnvs());

describe.each(engineNames)('%s', (engine) => {
  it.skipIf(engine === 'tensorflow' && !hasTensorflow())('can tile if it has parts to offer', async () => {
    const network = await loadNetwork();
    const layers = { contentLayers: ['relu1_1'], styleLayers: ['relu1_1'], styleLoss: gram };
    const placement = { engine, device: 'cpu', threads: 1 };
    const created = await createEngine(placement, { network, ...layers, pooling: 'max' });
    expect(created.name).toBe(engine);
    expect(created.parts !== undefined).toBe(canTile(engine));
    await created.dispose();
  });
});

it('finds the largest tile that fits, where the engine can tile', () => {
  expect(tileWithin('onnx', tiledMemory('onnx', 512 * 512))).toBeCloseTo(512 * 512, -1);
  expect(tileWithin('onnx', 1e6)).toBeLessThan(0);
  expect(() => tiledMemory('tensorflow', 512 * 512)).toThrow(/cannot paint in tiles/);
});

describe('the environment of a painting process', () => {
  it('for ONNX Runtime has huge pages for large pictures, and keeps what is set already', () => {
    const placement = { engine: 'onnx', device: 'cpu' } as const;
    vi.stubEnv('GLIBC_TUNABLES', undefined);
    vi.stubEnv('MALLOC_MMAP_THRESHOLD_', '4096');
    expect(environmentFor(placement, 767).GLIBC_TUNABLES).toBeUndefined();
    expect(environmentFor(placement, 768).GLIBC_TUNABLES).toBe('glibc.malloc.hugetlb=1');
    expect(environmentFor(placement, 768).MALLOC_MMAP_THRESHOLD_).toBe('4096');
    vi.stubEnv('GLIBC_TUNABLES', 'glibc.malloc.check=1');
    expect(environmentFor(placement, 768).GLIBC_TUNABLES).toBe('glibc.malloc.check=1');
  });

  it('for TensorFlow names the card among those that are visible, or none', () => {
    const visible = (device: string) =>
      environmentFor({ engine: 'tensorflow', device }, 256).CUDA_VISIBLE_DEVICES;
    vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
    expect(visible('cuda:1')).toBe('1');
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '4,7');
    expect(visible('cuda:1')).toBe('7');
    expect(visible('cpu')).toBe('-1');
    const { TF_NUM_INTRAOP_THREADS } = environmentFor(
      { engine: 'tensorflow', device: 'cpu', threads: 3 },
      256,
    );
    expect(TF_NUM_INTRAOP_THREADS).toBe('3');
  });
});
