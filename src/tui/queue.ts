/** The queue as rows: what is being painted, waiting pictures in order, then the latest finished ones. */
import { basename } from 'node:path';
import stringWidth from 'string-width';
import { clip, clipEnd, duration, followUpsNote, fromTo, type Glyphs } from '../util/format.js';
import { inboxOf, nameOf } from './inboxes.js';
import type { Painting } from './painting.js';
import type { Finished, ScreenState } from './state.js';

export interface Row extends Omit<Finished, 'status'> {
  status: 'painting' | 'waiting' | Finished['status'];
  /** It waits, and its inbox is paused. */
  isHeld: boolean;
  /** Path of the picture to preview: the painting where there is one, else the photo. */
  picture: string;
}

type QueueState = Pick<
  ScreenState,
  'paintings' | 'waiting' | 'finished' | 'filter' | 'picked' | 'pending' | 'inboxes' | 'held'
>;

export function rowsOf(state: QueueState): Row[] {
  const { paintings, waiting, finished, filter, pending, inboxes, held } = state;
  const current = paintings.map(
    (painting) =>
      ({
        job: painting.job,
        source: painting.source,
        name: nameOf(painting.source, inboxes),
        status: 'painting',
        detail: progressOf(painting),
      }) as const,
  );
  const leaving = new Set(pending.flatMap(({ jobs }) => jobs));
  const waits = [...waiting].map(
    ([job, source]) =>
      ({
        job,
        source,
        name: nameOf(source, inboxes),
        status: 'waiting',
        detail: leaving.has(job) ? 'u keeps it' : '',
      }) as const,
  );
  const wanted = filter.toLowerCase();
  const rows = [...current, ...waits, ...finished].map((row): Row => {
    const picture = row.status === 'done' ? row.detail : row.source;
    const isHeld = row.status === 'waiting' && inboxOf(held, row.source) !== undefined;
    return { ...row, isHeld, picture };
  });
  return rows.filter(({ name }) => name.toLowerCase().includes(wanted));
}

function progressOf({ iteration, iterations, paused, secondsLeft }: Painting): string {
  const left = secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`;
  return `${iteration}/${iterations}${paused ? '  PAUSED' : left}`;
}

/** A row's text beside its status, in `columns`: its names are shortened in their middle, what is said of it at the end. */
export function describe(row: Omit<Row, 'isHeld' | 'picture'>, columns: number, glyphs: Glyphs): string {
  const { name, status, detail } = row;
  const said = noteOn(row);
  const room = Math.max(columns - stringWidth(said), Math.floor(columns / 2));
  const names = status === 'done' ? fromTo(name, basename(detail), room, glyphs) : clip(name, room, glyphs);
  return names + clipEnd(said, columns - stringWidth(names), glyphs);
}

/** What is said of a row, beginning with what separates it from the names. */
function noteOn({
  status,
  detail,
  remark = '',
  followUps = [],
}: Omit<Row, 'isHeld' | 'name' | 'picture'>): string {
  if (status === 'waiting' || status === 'painting') return detail && `  ${detail}`;
  const after = followUps.length === 0 ? '' : `, ${followUpsNote(followUps)}`;
  return `${status === 'done' ? remark : `: ${detail}`}${after}`;
}

/** The word for what becomes of a row. */
export const wordFor = ({ isHeld, status }: Pick<Row, 'isHeld' | 'status'>) => (isHeld ? 'held' : status);

/** The selected row; the first one where the selected one is gone. */
export const selectedRow = (state: QueueState): Row | undefined => {
  const rows = rowsOf(state);
  return rows.find(({ job }) => job === state.picked) ?? rows.at(0);
};

/** The job of the row `by` rows further down; one row further, it wraps around. */
export function neighbour(state: QueueState, by: number): number | undefined {
  const rows = rowsOf(state);
  const at = rows.findIndex(({ job }) => job === selectedRow(state)?.job);
  return rows.at(stepped(at, by, rows.length))?.job;
}

/** An index `by` places on: single steps wrap around, larger ones stop at the ends. */
export const stepped = (at: number, by: number, length: number): number =>
  Math.abs(by) === 1 ? (at + by + length) % length : Math.max(0, Math.min(length - 1, at + by));

/** The next finished painting in the direction of `by`, after the row of this job. */
export function nextPainting(state: QueueState, job: number, by: 1 | -1): number | undefined {
  const rows = rowsOf(state);
  const at = rows.findIndex((row) => row.job === job);
  const ahead = by > 0 ? rows.slice(at + 1) : rows.slice(0, Math.max(0, at)).reverse();
  return ahead.find(({ status }) => status === 'done')?.job;
}
