/** Every place that this machine might paint at, and what some of them lack. */
import { runtimeVersion } from './install/cuda.js';
import { type Installable, readStamp } from './installed.js';
import { noCard, nvidiaCards } from './nvidia.js';
import type { Placement } from './placement.js';
import { hasTensorflow } from './tensorflow/backend.js';

/** What is not there, and what brings it. */
export interface Lack {
  what: string;
  mend: string;
}

export interface Candidate extends Pick<Placement, 'engine' | 'device'> {
  /** Why it cannot be used as things are. */
  missing?: Lack;
}

/** How messages say it. */
export const lackText = ({ what, mend }: Lack) => `${what}: ${mend}`;

/** In no order of speed. Whether a device really works shows only when it is tried. */
export async function candidates(): Promise<Candidate[]> {
  const [cards, cuda] = await Promise.all([nvidiaCards(), cudaMissing()]);
  const tensorflow = hasTensorflow() ? undefined : install('TensorFlow', 'tensorflow');
  const found: Candidate[] = [
    { engine: 'onnx', device: 'cpu' },
    { engine: 'onnx', device: 'webgpu' },
    { engine: 'tensorflow', device: 'cpu', missing: tensorflow },
  ];
  if (process.platform === 'win32') found.push({ engine: 'onnx', device: 'dml:0' });
  if (process.platform === 'darwin') found.push({ engine: 'onnx', device: 'coreml' });
  for (const index of cards.length > 0 ? cards.keys() : [0]) {
    const lacking = (missing: Lack | undefined) => (cards.length > 0 ? missing : noCard);
    found.push(
      { engine: 'onnx', device: `cuda:${index}`, missing: lacking(cuda) },
      { engine: 'onnx', device: `tensorrt:${index}`, missing: lacking(cuda ?? tensorrtMissing()) },
      { engine: 'tensorflow', device: `cuda:${index}`, missing: lacking(tensorflow ?? gpuMissing()) },
    );
  }
  return found;
}

const install = (what: string, engine: Installable, flag = ''): Lack => ({
  what: `${what} is not installed`,
  mend: `stylize-tui engine install ${engine}${flag}`,
});

async function cudaMissing(): Promise<Lack | undefined> {
  const stamp = readStamp('cuda');
  if (!stamp) return install("ONNX Runtime's library for NVIDIA", 'cuda');
  const version = await runtimeVersion();
  if (stamp.version === version) return undefined;
  return {
    what: `the library for NVIDIA is of ONNX Runtime ${stamp.version}, this is ${version}`,
    mend: 'stylize-tui engine install cuda',
  };
}

function tensorrtMissing(): Lack | undefined {
  const has = readStamp('cuda')?.libraries.some((folder) => folder.includes('tensorrt'));
  return has ? undefined : install('TensorRT', 'cuda', ' --tensorrt');
}

function gpuMissing(): Lack | undefined {
  const stamp = readStamp('tensorflow');
  // Without a stamp it is the package's own library, which may know cards.
  return stamp && !stamp.gpu ? install('TensorFlow for cards', 'tensorflow', ' --gpu') : undefined;
}
