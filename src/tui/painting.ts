/** A picture in progress, and which one of several the screen shows. */
import type { Losses, PaintEvent, Preview } from '../render/events.js';
import { lossRows } from './terms.js';
import { appendValue, emptyTrend, type Trend } from './trend.js';
import { type Changes, isSettled, noChanges, type Tuning } from './tuning.js';

export interface Painting extends Tuning, Changes {
  /** From 1. */
  slot: number;
  job: number;
  source: string;
  output: string;
  styles: readonly string[];
  width: number;
  height: number;
  /** The paper of a print: 15 x 10 cm. */
  print?: string;
  scale: number;
  scales: number;
  /** Iterations at which each scale but the last ends. */
  scaleEnds: readonly number[];
  iteration: number;
  /** Progress of the next evaluation, 0..1, where it is reported. */
  share?: number;
  seconds: number;
  secondsLeft?: number;
  losses?: Losses;
  trends: Readonly<Record<string, Trend>>;
  engine: string;
  device: string;
  /** Weight of each style layer, unless `weights` has its own. */
  layers: Readonly<Record<string, number>>;
  /** The values at the start. */
  recipe: Tuning;
  paused: boolean;
  preview?: Preview;
}

export function beginPainting(event: PaintEvent & { event: 'started' }): Painting {
  const { slot, job, source, output, styles, width, height, print } = event;
  const { scales, iterations, engine, weights, layers, worker } = event;
  const device = worker === undefined ? event.device : `${worker} ${event.device}`;
  return {
    ...noChanges,
    slot,
    job,
    source,
    output,
    styles,
    width,
    height,
    print,
    scale: 1,
    scales,
    scaleEnds: [],
    iteration: 0,
    iterations,
    seconds: 0,
    trends: {},
    engine,
    device,
    weights,
    layers: layers.style,
    recipe: { weights, iterations },
    paused: false,
  };
}

export function iterate(painting: Painting, event: PaintEvent & { event: 'iteration' }): Painting {
  const { scale, scaleEnds, width, height } = event;
  const { iteration, iterations, seconds, secondsLeft, losses, weights, change = 0 } = event;
  const trends = { ...painting.trends };
  for (const { key, value } of lossRows(losses)) trends[key] = appendValue(trends[key] ?? emptyTrend, value);
  const tuning = isSettled(painting, change) ? { weights, iterations } : {};
  const size = { scale, scaleEnds, width, height };
  const progress = { iteration, share: undefined, seconds, secondsLeft };
  return { ...painting, ...tuning, ...size, ...progress, losses, trends };
}

/** The paintings in order of slots, with `painting` replacing the one in its slot. */
export function place(paintings: readonly Painting[], painting: Painting): Painting[] {
  const others = paintings.filter(({ slot }) => slot !== painting.slot);
  return [...others, painting].sort((a, b) => a.slot - b.slot);
}

/**
 * The painting that the screen shows: the focused slot's, or while it is idle that of the next slot that is painting.
 */
export function shown({ paintings, focus }: { paintings: readonly Painting[]; focus: number }) {
  return paintings.find(({ slot }) => slot >= focus) ?? paintings.at(0);
}
