/** The queue as rows: waiting pictures in order, then the latest finished ones. */
import { basename } from 'node:path';
import type { Finished, ScreenState } from './state.js';

export interface Row extends Omit<Finished, 'status'> {
  name: string;
  status: 'waiting' | Finished['status'];
  /** Path of the picture to preview: the painting where there is one, else the photo. */
  picture: string;
}

type QueueState = Pick<ScreenState, 'waiting' | 'finished' | 'filter' | 'picked'>;

export function rowsOf({ waiting, finished, filter }: QueueState): Row[] {
  const waits = [...waiting].map(
    ([job, source]) => ({ job, source, status: 'waiting', detail: '' }) as const,
  );
  const wanted = filter.toLowerCase();
  const rows = [...waits, ...finished].map((row): Row => {
    const picture = row.status === 'done' ? row.detail : row.source;
    return { ...row, name: basename(row.source), picture };
  });
  return rows.filter(({ name }) => name.toLowerCase().includes(wanted));
}

/** A row's text beside its status; `arrow` points from a photo to its painting. */
export function describe(row: Omit<Row, 'name' | 'picture'>, arrow: string): string {
  const { source, status, detail, remark = '' } = row;
  const name = basename(source);
  if (status === 'waiting') return name;
  return status === 'done' ? `${name} ${arrow} ${basename(detail)}${remark}` : `${name}: ${detail}`;
}

/** The selected row; the first one where the selected one is gone. */
export const selectedRow = (state: QueueState): Row | undefined => {
  const rows = rowsOf(state);
  return rows.find(({ job }) => job === state.picked) ?? rows.at(0);
};

/** The job of the row `by` rows further down, wrapping around. */
export function neighbour(state: QueueState, by: 1 | -1): number | undefined {
  const rows = rowsOf(state);
  const at = rows.findIndex(({ job }) => job === selectedRow(state)?.job);
  return rows.at((at + by) % rows.length)?.job;
}
