/** Every engine and device that might be available on this machine, and what some of them need first. */
import { engines } from './engines.js';
import { runtimeVersion } from './install/cuda.js';
import { type Installable, readStamp } from './installed.js';
import { noCard, nvidiaCards } from './nvidia.js';
import { type EngineName, engineNames, type Placement, parseDevice } from './placement.js';
import { hasTensorflow } from './tensorflow/backend.js';

/** Something that is missing, and what fixes it. */
export interface Problem {
  what: string;
  fix: string;
}

export interface Candidate extends Pick<Placement, 'engine' | 'device'> {
  /** Why it cannot be used as things are. */
  missing?: Problem;
}

/** In the form used in messages. */
export const problemText = ({ what, fix }: Problem) => `${what}: ${fix}`;

/** In no order of speed. Whether a device really works shows only when it is tried. */
export async function candidates(): Promise<Candidate[]> {
  const cards = await nvidiaCards();
  const found: Candidate[] = [];
  for (const engine of engineNames)
    for (const device of engines[engine].devices(process.platform))
      found.push({ engine, device, missing: await missingFor[engine](parseDevice(device).kind) });
  // Without a card, one entry says so.
  for (const index of cards.length > 0 ? cards.keys() : [0])
    for (const engine of engineNames)
      for (const kind of engines[engine].cardKinds) {
        const missing = cards.length > 0 ? await missingFor[engine](kind) : noCard;
        found.push({ engine, device: `${kind}:${index}`, missing });
      }
  return found;
}

/** What an engine lacks for a kind of device. */
const missingFor: Record<EngineName, (kind: string) => Promise<Problem | undefined>> = {
  async onnx(kind) {
    if (!engines.onnx.cardKinds.includes(kind)) return undefined;
    return (await cudaMissing()) ?? (kind === 'tensorrt' ? tensorrtMissing() : undefined);
  },
  async tensorflow(kind) {
    if (!hasTensorflow()) return notInstalled('TensorFlow', 'tensorflow');
    return engines.tensorflow.cardKinds.includes(kind) ? gpuMissing() : undefined;
  },
};

const notInstalled = (what: string, engine: Installable, flag = ''): Problem => ({
  what: `${what} is not installed`,
  fix: `stylize-tui engine install ${engine}${flag}`,
});

async function cudaMissing(): Promise<Problem | undefined> {
  const stamp = readStamp('cuda');
  if (!stamp) return notInstalled("ONNX Runtime's library for NVIDIA", 'cuda');
  const version = await runtimeVersion();
  if (stamp.version === version) return undefined;
  return {
    what: `the library for NVIDIA is of ONNX Runtime ${stamp.version}, this is ${version}`,
    fix: 'stylize-tui engine install cuda',
  };
}

function tensorrtMissing(): Problem | undefined {
  const has = readStamp('cuda')?.libraries.some((folder) => folder.includes('tensorrt'));
  return has ? undefined : notInstalled('TensorRT', 'cuda', ' --tensorrt');
}

function gpuMissing(): Problem | undefined {
  const stamp = readStamp('tensorflow');
  // Without a stamp it is the package's own library, which may know cards.
  return stamp && !stamp.gpu ? notInstalled('TensorFlow for cards', 'tensorflow', ' --gpu') : undefined;
}
