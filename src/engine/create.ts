/** Creates the engine of a placement. */
import type { Engine, EngineOptions } from './engine.js';
import { engines } from './engines.js';
import type { Placement } from './placement.js';

/**
 * Call it in a process that was started with `environmentFor(placement)`.
 * @throws Error if the engine's library cannot be loaded or the device is not there
 */
export function createEngine(
  { engine, device, threads, descends }: Placement,
  options: Omit<EngineOptions, 'device' | 'threads' | 'descends'>,
): Promise<Engine> {
  return engines[engine].create({ ...options, device, threads, descends });
}
