/** The engine at a place. Each is loaded only where it is used: their native libraries are large. */
import type { Engine, EngineOptions } from './engine.js';
import type { Placement } from './placement.js';

/**
 * Runs in a process of its own, started with `environmentFor(placement)`.
 * @throws Error if the engine or the device is not there
 */
export async function createEngine(
  { engine, device, threads }: Placement,
  options: Omit<EngineOptions, 'device' | 'threads'>,
): Promise<Engine> {
  const all = { ...options, device, threads };
  if (engine === 'onnx') return (await import('./onnx/onnx.js')).createOnnxEngine(all);
  return (await import('./tensorflow/tensorflow.js')).createTensorflowEngine(all);
}
