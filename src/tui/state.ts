/** What the screen shows, as a pure function of what happened and what was pressed. */
import { basename } from 'node:path';
import type { PaintEvent, Preview } from '../jobs/events.js';
import { reasonBeside } from './format.js';
import { type Input, initialInput, type Over, type Pane } from './input.js';
import { knobsOf } from './knobs.js';
import { begin, iterate, type Painting, place } from './painting.js';
import { moved } from './queue.js';
import { forgetSteps, redo, type Tuning, tune, undo } from './tuning.js';

export interface Finished {
  job: number;
  name: string;
  status: 'done' | 'failed' | 'skipped';
  /** Where it went, or why it did not. */
  detail: string;
}

export interface ScreenState extends Input {
  /** The pictures under way by slot, one a slot at most. */
  paintings: readonly Painting[];
  /** How many slots have painted since all were at rest: what is said of them stays while pictures change. */
  slots: number;
  /** The slot that a person looks at: see shown(). */
  focus: number;
  /** Index of the chosen knob. */
  chosen: number;
  /** Names by job, in the order in which they will be painted. */
  waiting: ReadonlyMap<number, string>;
  /** Newest first; only the latest are kept, since the program runs for weeks. */
  finished: readonly Finished[];
  counts: Readonly<Record<Finished['status'], number>>;
  message: string;
  /** The losses of every style at every layer, instead of the terms. */
  table: boolean;
  /** Everything is being stopped. */
  stopping: boolean;
}

export type Change =
  | { type: 'event'; event: PaintEvent }
  | { type: 'preview'; preview: Preview }
  | { type: 'message'; text: string }
  | { type: 'choose'; chosen: number }
  | { type: 'show'; slot: number }
  | { type: 'tune'; job: number; tuning: Partial<Tuning> }
  | { type: 'undo' | 'redo' | 'again'; job: number }
  | { type: 'pause'; job: number; paused: boolean }
  | { type: 'table'; table: boolean }
  | { type: 'pane'; pane: Pane }
  | { type: 'over'; over?: Over }
  | { type: 'pick'; job: number }
  | { type: 'filter'; filter: string }
  | { type: 'move'; job: number; by: 1 | -1 | null }
  | { type: 'stop' };

const keptFinished = 100;

export const initialState: ScreenState = {
  paintings: [],
  slots: 0,
  focus: 1,
  chosen: 1,
  waiting: new Map(),
  finished: [],
  counts: { done: 0, failed: 0, skipped: 0 },
  message: '',
  table: false,
  ...initialInput,
  stopping: false,
};

export function reduce(state: ScreenState, change: Change): ScreenState {
  switch (change.type) {
    case 'event':
      return reduceEvent(state, change.event);
    case 'preview':
      return alter(state, change.preview.job, () => ({ preview: change.preview }));
    case 'message':
      return { ...state, message: change.text };
    case 'choose':
      return { ...state, chosen: change.chosen };
    case 'show':
      return { ...state, focus: change.slot };
    case 'tune':
      return alter(state, change.job, (painting) => tune(painting, change.tuning));
    case 'undo':
      return alter(state, change.job, (painting) => undo(painting) ?? painting);
    case 'redo':
      return alter(state, change.job, (painting) => redo(painting) ?? painting);
    case 'again':
      return alter(state, change.job, forgetSteps);
    case 'pause':
      return alter(state, change.job, () => ({ paused: change.paused }));
    case 'table':
      return { ...state, table: change.table };
    case 'pane':
      return { ...state, pane: change.pane, over: undefined };
    case 'over':
      return { ...state, over: change.over };
    case 'pick':
      return { ...state, picked: change.job };
    case 'filter':
      return { ...state, filter: change.filter };
    case 'move':
      return { ...state, waiting: moved(state.waiting, change.job, change.by) };
    case 'stop':
      return { ...state, over: undefined, stopping: true };
  }
}

function reduceEvent(state: ScreenState, event: PaintEvent): ScreenState {
  switch (event.event) {
    case 'queued': {
      return queue(state, event.job, basename(event.source));
    }
    case 'started':
      return start(state, event);
    case 'iteration':
      return alter(state, event.job, (painting) => iterate(painting, event));
    case 'paused':
    case 'resumed':
      return alter(state, event.job, () => ({ paused: event.event === 'paused' }));
    case 'checkpoint':
      return { ...state, message: `Snapshot saved: ${event.output}` };
    case 'done':
      return finish(state, event, 'done', event.output);
    case 'skipped':
    case 'failed':
      return finish(state, event, event.event, event.reason);
    case 'idle':
      return { ...state, slots: 0 };
  }
}

/** Changes the painting of this job, if it is under way. */
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

/** Behind all that wait. Should it be tried again, what became of it is no more. */
function queue(before: ScreenState, job: number, name: string): ScreenState {
  const waiting = new Map(before.waiting).set(job, name);
  const paintings = before.paintings.filter((painting) => painting.job !== job);
  const state = { ...before, waiting, paintings };
  const ended = state.finished.find((finished) => finished.job === job);
  if (!ended) return state;
  const finished = state.finished.filter((finished) => finished !== ended);
  const counts = { ...state.counts, [ended.status]: state.counts[ended.status] - 1 };
  return { ...state, finished, counts };
}

function start(state: ScreenState, event: PaintEvent & { event: 'started' }): ScreenState {
  const waiting = new Map(state.waiting);
  waiting.delete(event.job);
  const paintings = place(state.paintings, begin(event));
  const slots = Math.max(state.slots, event.slot);
  const chosen = Math.min(state.chosen, knobsOf(begin(event)).length - 1);
  return { ...state, paintings, slots, waiting, chosen };
}

function finish(
  state: ScreenState,
  { job, source }: { job: number; source: string },
  status: Finished['status'],
  explanation: string,
): ScreenState {
  const waiting = new Map(state.waiting);
  waiting.delete(job);
  const name = basename(source);
  const detail = status === 'done' ? explanation : reasonBeside(source, explanation);
  const paintings = state.paintings.filter((painting) => painting.job !== job);
  const others = state.finished.filter((finished) => finished.job !== job);
  const ended = paintings.length < state.paintings.length;
  return {
    ...state,
    waiting,
    finished: [{ job, name, status, detail }, ...others].slice(0, keptFinished),
    counts: { ...state.counts, [status]: state.counts[status] + 1 },
    // What was said about a picture is over with it.
    message: status === 'failed' ? `${name}: ${detail}` : ended ? '' : state.message,
    paintings,
  };
}
