/** The screen's state and its reducer. */
import { basename } from 'node:path';
import type { PaintEvent, Preview } from '../render/events.js';
import { earlyStopNote, type FollowUpState, followUpNote } from '../util/format.js';
import { type Inbox, nameOf } from './inboxes.js';
import { type Input, initialInput, type Modal, type Pane } from './input.js';
import { knobsOf } from './knobs.js';
import { type LogLine, lineOf, note, noteChange, reasonOf } from './log.js';
import { type Pace, unknownPace } from './pace.js';
import { beginPainting, iterate, type Painting, place } from './painting.js';
import type { Pending } from './pending.js';
import { dropIterationChanges, redo, type Tuning, undo, withChange } from './tuning.js';
import { initialView, lookAt, uncover, type View, type ViewTarget } from './view.js';

export interface Finished {
  job: number;
  /** The photo's path. */
  source: string;
  /** See nameOf(). */
  name: string;
  status: 'done' | 'failed' | 'skipped';
  /** The output's path, or why there is none. */
  detail: string;
  /** A suffix for the line, with its own comma. */
  remark?: string;
  /** Its commands and its move, in order. */
  followUps?: readonly FollowUpState[];
}

export interface ScreenState extends Input {
  /** The pictures in progress, in order of slots; at most one per slot. */
  paintings: readonly Painting[];
  /** Slots used since the queue was last idle, so that their lines stay between two pictures. */
  slots: number;
  /** The focused slot: see shown(). */
  focus: number;
  /** Index of the selected knob. */
  chosen: number;
  /** Pictures that were paused when they went back into the queue: they start over paused. */
  resting: readonly number[];
  /** Photos' paths by job, in queue order. */
  waiting: ReadonlyMap<number, string>;
  /** The inboxes, if there are several. */
  inboxes: readonly Inbox[];
  /** Those that are paused: none of their pictures is started. */
  held: readonly Inbox[];
  /** Newest first; only the latest are kept, since the program runs for weeks. */
  finished: readonly Finished[];
  counts: Readonly<Record<Finished['status'], number>>;
  pace: Pace;
  /** How many frames the sequence has, where that is known before all are in the queue. */
  frames?: number;
  message: string;
  /** What can still be taken back, latest last. */
  pending: readonly Pending[];
  /** Number of unseen failures, and the last one. */
  unseen: { count: number; last: string };
  log: readonly LogLine[];
  view: View;
  /** The mouse chooses and scrolls. */
  mouse: boolean;
  /** The program ends after the pictures that are being painted. */
  finishing: boolean;
  /** The program is shutting down. */
  stopping: boolean;
}

export type ScreenChange =
  | { type: 'event'; event: PaintEvent }
  | { type: 'preview'; preview: Preview }
  | { type: 'message'; text: string; time?: string }
  | { type: 'changed'; line: Omit<LogLine, 'number'> }
  | { type: 'pend'; pending: Pending }
  | { type: 'unpend'; number: number }
  | { type: 'choose'; chosen: number }
  | { type: 'show'; slot: number }
  | { type: 'tune'; job: number; tuning: Partial<Tuning> }
  | { type: 'undo' | 'redo' | 'again'; job: number }
  | { type: 'pause'; job: number; paused: boolean }
  | { type: 'pane'; pane: Pane }
  | { type: 'modal'; modal?: Modal }
  | { type: 'pick'; job: number }
  | { type: 'filter'; filter: string }
  | { type: 'move'; job: number; by: 1 | -1 | null }
  | { type: 'inboxes'; inboxes: readonly Inbox[] }
  | { type: 'hold'; held: readonly Inbox[] }
  | { type: 'look'; at: ViewTarget }
  | { type: 'scroll'; by: number }
  | { type: 'uncover' }
  | { type: 'mouse' }
  | { type: 'frames'; frames?: number }
  | { type: 'finish' }
  | { type: 'stop' };

const keptFinished = 100;

export const initialState: ScreenState = {
  paintings: [],
  slots: 0,
  focus: 1,
  chosen: 1,
  resting: [],
  waiting: new Map(),
  inboxes: [],
  held: [],
  finished: [],
  counts: { done: 0, failed: 0, skipped: 0 },
  pace: unknownPace,
  message: '',
  pending: [],
  unseen: { count: 0, last: '' },
  log: [],
  view: initialView,
  mouse: false,
  ...initialInput,
  finishing: false,
  stopping: false,
};

export function reduce(state: ScreenState, change: ScreenChange): ScreenState {
  switch (change.type) {
    case 'event':
      return reduceEvent(state, change.event);
    case 'preview':
      return alter(state, change.preview.job, () => ({ preview: change.preview }));
    case 'message':
      return say(state, change.text, change.time);
    case 'changed':
      return { ...state, log: noteChange(state.log, change.line) };
    case 'pend':
      return { ...state, pending: [...state.pending, change.pending], message: '' };
    case 'unpend':
      return { ...state, pending: state.pending.filter(({ number }) => number !== change.number) };
    case 'choose':
      return { ...state, chosen: change.chosen };
    case 'show':
      return { ...state, focus: change.slot };
    case 'tune':
      return alter(state, change.job, (painting) => withChange(painting, change.tuning));
    case 'undo':
      return alter(state, change.job, (painting) => undo(painting) ?? painting);
    case 'redo':
      return alter(state, change.job, (painting) => redo(painting) ?? painting);
    case 'again':
      return alter(state, change.job, dropIterationChanges);
    case 'pause':
      return alter(state, change.job, () => ({ paused: change.paused }));
    case 'pane':
      return { ...state, pane: change.pane, modal: undefined, view: uncover(state.view) };
    case 'modal':
      return { ...state, modal: change.modal };
    case 'pick':
      return { ...state, picked: change.job };
    case 'filter':
      return { ...state, filter: change.filter };
    case 'move':
      return { ...state, waiting: moved(state.waiting, change.job, change.by) };
    case 'inboxes':
      return { ...state, inboxes: change.inboxes };
    case 'hold':
      return { ...state, held: change.held };
    case 'look': {
      const view = lookAt(state.view, change.at);
      return {
        ...state,
        view,
        pane: 'painting',
        modal: undefined,
        unseen: view.log ? initialState.unseen : state.unseen,
      };
    }
    case 'scroll': {
      const back = Math.min(Math.max(0, state.view.back + change.by), Math.max(0, state.log.length - 1));
      return { ...state, view: { ...state.view, back } };
    }
    case 'uncover':
      return {
        ...state,
        view: uncover(state.view),
        pane: 'painting',
        unseen: initialState.unseen,
        message: '',
      };
    case 'mouse':
      return { ...state, mouse: !state.mouse };
    case 'frames':
      return { ...state, frames: change.frames };
    case 'finish':
      return { ...state, modal: undefined, finishing: true, message: '' };
    case 'stop':
      return { ...state, modal: undefined, stopping: true };
  }
}

/** Messages from the program have a time and are logged; answers to a key are not. */
function say(state: ScreenState, text: string, time?: string): ScreenState {
  return {
    ...state,
    message: text,
    log: time ? note(state.log, { time, text, error: false }) : state.log,
  };
}

function reduceEvent(before: ScreenState, event: PaintEvent): ScreenState {
  const line = lineOf(event);
  const state = line ? { ...before, log: note(before.log, line) } : before;
  switch (event.event) {
    case 'queued':
      return queue(state, event.job, event.source);
    case 'started':
      return start(state, event);
    case 'iteration':
      return alter(state, event.job, (painting) => iterate(painting, event));
    case 'working':
      return alter(state, event.job, () => ({ share: event.share, seconds: event.seconds }));
    case 'waiting':
      return { ...state, message: `${basename(event.source)}: ${event.reason} It waits.` };
    case 'paused':
    case 'resumed':
      return alter(state, event.job, () => ({ paused: event.event === 'paused' }));
    case 'snapshot':
      return { ...state, message: `Snapshot saved: ${event.output}` };
    case 'done': {
      const { pictures, seconds } = state.pace;
      const pace = { pictures: pictures + 1, seconds: seconds + event.seconds };
      return finish({ ...state, pace }, event, 'done', event.output, earlyStopNote(event));
    }
    case 'skipped':
      return finish(state, event, 'skipped', reasonOf(event));
    case 'failed': {
      const last = `${basename(event.source)}: ${reasonOf(event)}`;
      // With the log open, it is seen at once.
      const unseen = state.view.log ? state.unseen : { count: state.unseen.count + 1, last };
      return finish({ ...state, unseen, message: '' }, event, 'failed', reasonOf(event));
    }
    case 'follow-up':
      return follow(state, event);
    case 'idle':
      return { ...state, slots: 0 };
    // Reported after the screen has closed.
    case 'sheet':
      return state;
  }
}

/** Updates the painting of this job, if it is in progress. */
function alter(
  state: ScreenState,
  job: number,
  change: (painting: Painting) => Partial<Painting>,
): ScreenState {
  const paintings = state.paintings.map((painting) =>
    painting.job === job ? { ...painting, ...change(painting) } : painting,
  );
  return { ...state, paintings };
}

/** Appends to the queue. For a retry, the earlier result is removed. */
function queue(before: ScreenState, job: number, source: string): ScreenState {
  const waiting = new Map(before.waiting).set(job, source);
  const paintings = before.paintings.filter((painting) => painting.job !== job);
  const wasPaused = before.paintings.some((painting) => painting.job === job && painting.paused);
  const resting = wasPaused ? [...before.resting, job] : before.resting;
  const state = { ...before, waiting, paintings, resting };
  const finished = state.finished.filter((finished) => finished.job !== job);
  return { ...state, finished, counts: withoutEnded(state, job) };
}

/** The counts without an earlier result of this job, which a retry replaces. */
function withoutEnded({ finished, counts }: ScreenState, job: number): ScreenState['counts'] {
  const ended = finished.find((finished) => finished.job === job);
  return ended ? { ...counts, [ended.status]: counts[ended.status] - 1 } : counts;
}

function start(state: ScreenState, event: PaintEvent & { event: 'started' }): ScreenState {
  const waiting = new Map(state.waiting);
  waiting.delete(event.job);
  const paused = state.resting.includes(event.job);
  const resting = state.resting.filter((job) => job !== event.job);
  const paintings = place(state.paintings, { ...beginPainting(event), paused });
  const slots = Math.max(state.slots, event.slot);
  const chosen = Math.min(state.chosen, knobsOf(beginPainting(event)).length - 1);
  return { ...state, paintings, slots, waiting, chosen, resting };
}

function finish(
  state: ScreenState,
  { job, source }: { job: number; source: string },
  status: Finished['status'],
  detail: string,
  remark?: string,
): ScreenState {
  const waiting = new Map(state.waiting);
  waiting.delete(job);
  const paintings = state.paintings.filter((painting) => painting.job !== job);
  const others = state.finished.filter((finished) => finished.job !== job);
  const counts = withoutEnded(state, job);
  const ended = paintings.length < state.paintings.length;
  const name = nameOf(source, state.inboxes);
  return {
    ...state,
    waiting,
    finished: [{ job, source, name, status, detail, remark }, ...others].slice(0, keptFinished),
    counts: { ...counts, [status]: counts[status] + 1 },
    // A message about a picture ends with it, and so does what was still to be done to it.
    message: ended ? '' : state.message,
    pending: ended ? state.pending.filter(({ jobs }) => !jobs.includes(job)) : state.pending,
    paintings,
  };
}

/** Shows what follows a picture in its line; a failure is told as that of a painting. */
function follow(state: ScreenState, event: PaintEvent & { event: 'follow-up' }): ScreenState {
  const { command, move, status, reason, to } = event;
  const isSame = (each: FollowUpState) => each.command === command && each.move === move;
  const finished = state.finished.map((finished): Finished => {
    const { job, source, followUps = [] } = finished;
    if (job !== event.job) return finished;
    const now = { command, move, status, reason };
    const isKnown = followUps.some(isSame);
    const all = isKnown ? followUps.map((each) => (isSame(each) ? now : each)) : [...followUps, now];
    return { ...finished, source: to ?? source, followUps: all };
  });
  const hasFailed = status === 'failed' || status === 'unknown';
  if (!hasFailed || state.view.log) return { ...state, finished };
  const last = `${basename(event.source)}: ${followUpNote(event)}`;
  return { ...state, finished, unseen: { count: state.unseen.count + 1, last }, message: '' };
}

/** Whether something replaces picture and queue. */
export const isCovered = ({ modal, pane, view }: ScreenState): boolean =>
  pane === 'queue' || view.log || (modal !== undefined && ['help', 'styles', 'viewer'].includes(modal.kind));

/** The waiting jobs with one of them moved by `by` places; null: to the front. */
function moved<T>(waiting: ReadonlyMap<number, T>, job: number, by: 1 | -1 | null): Map<number, T> {
  const entries = [...waiting];
  const at = entries.findIndex(([id]) => id === job);
  if (at < 0) return new Map(waiting);
  const [entry] = entries.splice(at, 1);
  entries.splice(by === null ? 0 : Math.max(0, at + by), 0, entry);
  return new Map(entries);
}
