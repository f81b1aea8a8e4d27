/** What parent and child say to each other. Everything here survives structured cloning. */

import type { Placement } from '../engine/placement.js';
import type { RecordedChange as HandChange, Provenance } from '../settings/provenance.js';
import type { Recipe } from '../settings/recipe.js';
import type { Losses } from '../transfer/losses.js';
import type { TransferChange } from '../transfer/stylize.js';
import type { PaintEvent } from './events.js';

/** One picture to paint; paths are absolute. */
export interface RenderJob extends Recipe {
  source: string;
  /** SHA-256 of the photo. */
  sourceHash: string;
  output: string;
  /** A folder that must be there for anything to be written. */
  outbox?: string;
  /** Replace an output that exists already. */
  overwrite: boolean;
  snapshots?: Snapshots;
  replay?: Replay;
  /** File that keeps where the painting stands, to go on from after a crash; none where that is not wanted. */
  state?: string;
  /** Send small pictures of what there is so far. */
  previews: boolean;
  memory: Allowance;
}

/** What the pictures that a job needs depend on, and what they are measured by. */
export type Upcoming = Pick<RenderJob, 'source' | 'sourceHash' | 'settings' | 'layers' | 'files' | 'network'>;

/** What a painting may take, and what becomes of it if that is too little. */
export interface Allowance {
  /** Bytes that the process may hold; no limit is enforced when left out. */
  limit?: number;
  /** The size asked for or none. */
  strict: boolean;
  /** Share of the pixels to paint, once memory ran out although there seemed to be enough. */
  share?: number;
}

/** Save the best picture so far every so many iterations, and at the end. */
export interface Snapshots {
  every: number;
  /** With a place for the iteration: see periodicSnapshotName(). */
  output: string;
}

/** What a person did to the painting that is to be repeated. */
export type Replay = Pick<Provenance, 'iterations' | 'painted'> & { history: readonly HandChange[] };

/** What may be asked of the picture being painted. */
export type Control =
  | { type: 'pause' }
  | { type: 'resume' }
  /** Effective at the next iteration, which echoes the number. */
  | ({ type: 'change'; number?: number } & TransferChange)
  /** Write the picture as it is now beside the output. */
  | { type: 'snapshot' }
  /** Drop this picture and go on. */
  | { type: 'skip' }
  /** Take the picture as it is and go on. */
  | { type: 'accept' }
  /** Write down where the painting stands, and end. */
  | { type: 'stop' };

export type ToChild =
  | { type: 'render'; job: RenderJob; placement: Placement }
  /** What will probably be painted next, for as long as another picture is painted. */
  | { type: 'prepare'; job: Upcoming }
  | Control;

type EventOf<Name extends PaintEvent['event'], Added extends string = never> = Omit<
  Extract<PaintEvent, { event: Name }>,
  'time' | 'job' | 'source' | Added
>;

/** The events of events.ts, without what the parent adds: which job, when, and where. */
export type Started = EventOf<'started', 'version' | 'slot' | 'output' | 'styles'>;
export type Iteration = EventOf<'iteration'>;

/** News about the job under way. */
export type Progress =
  | Started
  | Iteration
  | EventOf<'snapshot'>
  | EventOf<'paused'>
  | EventOf<'resumed'>
  /** The share of the next evaluation, or of measuring the targets, that is done; only where they are in tiles. */
  | EventOf<'working'>
  /** A file cannot be written at the moment. `resumed` follows once it can. */
  | EventOf<'waiting'>
  | { type: 'preview'; png: Uint8Array; width: number; height: number }
  /** Something went less well than the user would expect. */
  | { type: 'warning'; text: string }
  /** Something about the recipe's pictures, the same for each photo. */
  | { type: 'note'; text: string };

/** Why painting ended: all iterations were done, the loss hardly fell any more, or a person took the picture. */
export type Ended = Extract<PaintEvent, { event: 'done' }>['ended'];

/**
 * How a job ended. `retryable`: unless the input is at fault. `outOfMemory`: a smaller
 * picture may do. `away`: the path of a style, mask or start that cannot be read any more.
 */
export type Outcome =
  | { type: 'done'; output: string; seconds: number; iterations: number; ended: Ended; losses: Losses }
  | { type: 'skipped' }
  /** As asked: it goes on another time. */
  | { type: 'stopped' }
  /** The photo is not the one that was queued any more. */
  | { type: 'replaced' }
  | { type: 'failed'; reason: string; retryable: boolean; outOfMemory?: boolean; away?: string };

export type FromChild = Progress | Outcome;
