/** The queue as rows: what waits, in the order in which it will be painted, then what became of the latest. */
import type { Finished, ScreenState } from './state.js';

export interface Row {
  job: number;
  name: string;
  status: 'waiting' | Finished['status'];
  detail: string;
}

type QueueState = Pick<ScreenState, 'waiting' | 'finished' | 'filter' | 'picked'>;

export function rowsOf({ waiting, finished, filter }: QueueState): Row[] {
  const waits = [...waiting].map(([job, name]): Row => ({ job, name, status: 'waiting', detail: '' }));
  const wanted = filter.toLowerCase();
  return [...waits, ...finished].filter(({ name }) => name.toLowerCase().includes(wanted));
}

/** The chosen row: the first, while the one that was chosen is not there. */
export const pickedOf = (state: QueueState): Row | undefined => {
  const rows = rowsOf(state);
  return rows.find(({ job }) => job === state.picked) ?? rows.at(0);
};

/** The job of the row `by` rows further on, from the last to the first again. */
export function neighbour(state: QueueState, by: 1 | -1): number | undefined {
  const rows = rowsOf(state);
  const at = rows.findIndex(({ job }) => job === pickedOf(state)?.job);
  return rows.at((at + by) % rows.length)?.job;
}

/** The jobs that wait with one of them `by` places later, or earlier; null: at the front. */
export function moved<T>(waiting: ReadonlyMap<number, T>, job: number, by: 1 | -1 | null): Map<number, T> {
  const entries = [...waiting];
  const at = entries.findIndex(([id]) => id === job);
  if (at < 0) return new Map(waiting);
  const [entry] = entries.splice(at, 1);
  entries.splice(by === null ? 0 : Math.max(0, at + by), 0, entry);
  return new Map(entries);
}
