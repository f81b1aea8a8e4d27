/** What the screen shows, as a pure function of what happened and what was pressed. */
import { basename } from 'node:path';
import type { PaintEvent, Preview, Weights } from '../jobs/events.js';
import { reasonBeside } from './format.js';
import { begin, iterate, type Painting, place } from './painting.js';

export interface Finished {
  job: number;
  name: string;
  status: 'done' | 'failed' | 'skipped';
  /** Where it went, or why it did not. */
  detail: string;
}

export interface ScreenState {
  /** The pictures under way by slot, one a slot at most. */
  paintings: readonly Painting[];
  /** How many slots have painted since all were at rest: what is said of them stays while pictures change. */
  slots: number;
  /** The slot that a person looks at: see shown(). */
  focus: number;
  /** Index of the chosen knob. */
  chosen: number;
  /** Names by job, oldest first. */
  waiting: ReadonlyMap<number, string>;
  /** Newest first; only the latest are kept, since the program runs for weeks. */
  finished: readonly Finished[];
  counts: Readonly<Record<Finished['status'], number>>;
  message: string;
  help: boolean;
  /** The losses of every style at every layer, instead of the terms. */
  table: boolean;
  /** The question whether to quit is open. */
  asking: boolean;
  /** Everything is being stopped. */
  stopping: boolean;
}

export type Change =
  | { type: 'event'; event: PaintEvent }
  | { type: 'preview'; preview: Preview }
  | { type: 'message'; text: string }
  | { type: 'choose'; chosen: number }
  | { type: 'show'; slot: number }
  | { type: 'weights'; job: number; weights: Weights }
  | { type: 'pause'; job: number; paused: boolean }
  | { type: 'help'; help: boolean }
  | { type: 'table'; table: boolean }
  | { type: 'ask'; asking: boolean }
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
  help: false,
  table: false,
  asking: false,
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
    case 'weights':
      return alter(state, change.job, () => ({ weights: change.weights }));
    case 'pause':
      return alter(state, change.job, () => ({ paused: change.paused }));
    case 'help':
      return { ...state, help: change.help };
    case 'table':
      return { ...state, table: change.table };
    case 'ask':
      return { ...state, asking: change.asking };
    case 'stop':
      return { ...state, asking: false, stopping: true };
  }
}

function reduceEvent(state: ScreenState, event: PaintEvent): ScreenState {
  switch (event.event) {
    case 'queued': {
      const waiting = new Map(state.waiting).set(event.job, basename(event.source));
      return { ...state, waiting };
    }
    case 'started':
      return start(state, event);
    case 'iteration':
      return alter(state, event.job, (painting) => iterate(painting, event));
    case 'waiting':
      return { ...state, message: `${basename(event.source)}: ${event.reason} It waits.` };
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
    // Drawn when the screen has closed.
    case 'sheet':
      return state;
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

function start(state: ScreenState, event: PaintEvent & { event: 'started' }): ScreenState {
  const waiting = new Map(state.waiting);
  waiting.delete(event.job);
  const paintings = place(state.paintings, begin(event));
  const slots = Math.max(state.slots, event.slot);
  const chosen = Math.min(state.chosen, 2 + event.weights.blend.length);
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
  const ended = paintings.length < state.paintings.length;
  return {
    ...state,
    waiting,
    finished: [{ job, name, status, detail }, ...state.finished].slice(0, keptFinished),
    counts: { ...state.counts, [status]: state.counts[status] + 1 },
    // What was said about a picture is over with it.
    message: status === 'failed' ? `${name}: ${detail}` : ended ? '' : state.message,
    paintings,
  };
}
