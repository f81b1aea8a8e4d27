/** ONNX Runtime, and how its sessions are told where to compute. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';
import { engineFolder } from '../installed.js';
import { parseDevice } from '../placement.js';

export type Runtime = typeof OnnxRuntime;
type Provider = OnnxRuntime.InferenceSession.ExecutionProviderConfig;

/** The package's own library, or for NVIDIA's cards the copy of it that `engine install cuda` completed. */
export async function loadRuntime(device: string): Promise<Runtime> {
  const { kind } = parseDevice(device);
  if (kind === 'cuda' || kind === 'tensorrt')
    return createRequire(join(engineFolder('cuda'), '/'))('onnxruntime-node');
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

/**
 * How sessions compute on the processor. Their threads wait asleep: as fast where they are alone, and faster where cores are
 * shared, with this process's own thread too.
 */
export const onProcessor = (threads: number): OnnxRuntime.InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});
