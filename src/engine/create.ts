/** The engine at a place. Each is loaded only where it is used: their native libraries are large. */
import type { Engine, EngineOptions } from './engine.js';
import type { Placement } from './placement.js';

/** Runs in a process of its own that was started with `environmentFor(placement)`. Throws if there is no such device. */
export async function createEngine(
  { device, threads }: Placement,
  options: Omit<EngineOptions, 'device' | 'threads'>,
): Promise<Engine> {
  const all = { ...options, device, threads };
  return (await import('./onnx/onnx.js')).createOnnxEngine(all);
}
