/** What the screen shows, as a pure function of what happened and what was pressed. */
import { basename } from 'node:path';
import type { Losses, PaintEvent, Preview, Weights } from '../jobs/events.js';
import { sum } from '../transfer/losses.js';
import { emptyTrend, extend, type Trend } from './trend.js';

export interface Painting {
  job: number;
  source: string;
  output: string;
  styles: readonly string[];
  width: number;
  height: number;
  scale: number;
  scales: number;
  iteration: number;
  iterations: number;
  seconds: number;
  secondsLeft?: number;
  losses?: Losses;
  trends: Readonly<Record<string, Trend>>;
  engine: string;
  device: string;
}

export interface Finished {
  job: number;
  name: string;
  status: 'done' | 'failed' | 'skipped';
  /** Where it went, or why it did not. */
  detail: string;
}

export interface ScreenState {
  painting?: Painting;
  weights?: Weights;
  /** Index of the chosen knob. */
  chosen: number;
  paused: boolean;
  preview?: Preview;
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
  | { type: 'weights'; weights: Weights }
  | { type: 'pause'; paused: boolean }
  | { type: 'help'; help: boolean }
  | { type: 'table'; table: boolean }
  | { type: 'ask'; asking: boolean }
  | { type: 'stop' };

const keptFinished = 100;

export const initialState: ScreenState = {
  chosen: 1,
  paused: false,
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
      return change.preview.job === state.painting?.job ? { ...state, preview: change.preview } : state;
    case 'message':
      return { ...state, message: change.text };
    case 'choose':
      return { ...state, chosen: change.chosen };
    case 'weights':
      return { ...state, weights: change.weights };
    case 'pause':
      return { ...state, paused: change.paused };
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
      return iterate(state, event);
    case 'paused':
    case 'resumed':
      return { ...state, paused: event.event === 'paused' };
    case 'checkpoint':
      return { ...state, message: `Snapshot saved: ${event.output}` };
    case 'done':
      return finish(state, event, 'done', event.output);
    case 'skipped':
    case 'failed':
      return finish(state, event, event.event, event.reason);
    case 'idle':
      return state;
  }
}

function start(state: ScreenState, event: PaintEvent & { event: 'started' }): ScreenState {
  const { job, source, output, styles, width, height, scales, iterations, engine, device, weights } = event;
  const waiting = new Map(state.waiting);
  waiting.delete(job);
  const begun = { scale: 1, iteration: 0, seconds: 0, trends: {} };
  const painting = {
    job,
    source,
    output,
    styles,
    width,
    height,
    scales,
    iterations,
    engine,
    device,
    ...begun,
  };
  const chosen = Math.min(state.chosen, 2 + weights.blend.length);
  return { ...state, painting, waiting, weights, chosen, paused: false, preview: undefined };
}

function iterate(state: ScreenState, event: PaintEvent & { event: 'iteration' }): ScreenState {
  if (state.painting?.job !== event.job) return state;
  const { iteration, scale, width, height, seconds, secondsLeft, losses } = event;
  const trends = { ...state.painting.trends };
  for (const { key, value } of lossTerms(losses)) trends[key] = extend(trends[key] ?? emptyTrend, value);
  const painting = {
    ...state.painting,
    iteration,
    scale,
    width,
    height,
    seconds,
    secondsLeft,
    losses,
    trends,
  };
  return { ...state, painting };
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
  // Reasons begin with the file's path; here its name stands before them already.
  const detail = explanation.replace(`${source}: `, '');
  const ended = state.painting?.job === job;
  return {
    ...state,
    waiting,
    finished: [{ job, name, status, detail }, ...state.finished].slice(0, keptFinished),
    counts: { ...state.counts, [status]: state.counts[status] + 1 },
    // What was said about this picture is over with it.
    message: status === 'failed' ? `${name}: ${detail}` : ended ? '' : state.message,
    painting: ended ? undefined : state.painting,
    paused: ended ? false : state.paused,
  };
}

export interface LossTerm {
  key: string;
  group: 'total' | 'content' | 'style' | 'tv';
  layer: string;
  value: number;
}

/** The losses as rows: total, content by layer, style by layer, tv. */
export function lossTerms({ total, content, style, tv }: Losses): LossTerm[] {
  const layers = (group: 'content' | 'style', values: Record<string, number>) =>
    Object.entries(values).map(([layer, value]) => ({ key: `${group} ${layer}`, group, layer, value }));
  return [
    { key: 'total', group: 'total', layer: '', value: total },
    ...layers('content', content),
    ...layers(
      'style',
      Object.fromEntries(Object.entries(style).map(([layer, values]) => [layer, sum(values)])),
    ),
    { key: 'tv', group: 'tv', layer: '', value: tv },
  ];
}
