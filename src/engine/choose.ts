/** Where to paint: what a person asked for, or the fastest that is there. */
import { availableParallelism } from 'node:os';
import type { EngineName, Placement } from './placement.js';

export interface Wanted {
  engine: EngineName | 'auto';
  /** One or several, or `auto`. */
  device: readonly string[];
  /** How many pictures at the same time; one on each device when left out. */
  slots?: number;
  threads?: number;
}

/** A placement for each slot. */
export async function choosePlacements({ slots, threads, ...wanted }: Wanted): Promise<Placement[]> {
  const places = await placesFor(wanted);
  const count = slots ?? places.length;
  // Slots on the processor share its cores.
  const share = threads ?? (count > 1 ? Math.max(1, Math.floor(availableParallelism() / count)) : undefined);
  return Array.from({ length: count }, (_, i) => ({ ...places[i % places.length], threads: share }));
}

async function placesFor(_wanted: Pick<Wanted, 'engine' | 'device'>): Promise<Placement[]> {
  return [{ engine: 'onnx', device: 'cpu' }];
}
