/** ONNX Runtime, and how its sessions are told where to compute. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';
import { folders } from '../../settings/folders.js';
import { parseDevice } from '../placement.js';

/** A whole copy of the package, completed with NVIDIA's libraries: `stylize-tui engine install cuda`. */
export const cudaFolder = join(folders.engines, 'cuda');

export type Runtime = typeof OnnxRuntime;
type Provider = OnnxRuntime.InferenceSession.ExecutionProviderConfig;

/** The package's own library, or for NVIDIA's cards the completed copy of it. */
export async function loadRuntime(device: string): Promise<Runtime> {
  const { kind } = parseDevice(device);
  if (kind === 'cuda' || kind === 'tensorrt') return createRequire(join(cudaFolder, '/'))('onnxruntime-node');
  return import('onnxruntime-node');
}

/** What a provider cannot do is left to the next one, and at last to the processor. */
export function providersFor(device: string): Provider[] {
  const { kind, index: deviceId } = parseDevice(device);
  const numbered = (name: 'cuda' | 'tensorrt' | 'dml'): Provider => ({ name, deviceId });
  switch (kind) {
    case 'tensorrt':
      return [numbered('tensorrt'), numbered('cuda'), 'cpu'];
    case 'cuda':
    case 'dml':
      return [numbered(kind), 'cpu'];
    default:
      return [kind, 'cpu'];
  }
}
