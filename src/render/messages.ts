/** The messages between parent and child. All of them can be cloned by the structured clone algorithm. */

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
  /** A folder that must exist when files are written; see writeWhole(). */
  outbox?: string;
  /** Replace an existing output. */
  overwrite: boolean;
  snapshots?: Snapshots;
  /** If it is stopped, save the best so far: see partialName(). */
  keepsPartial?: boolean;
  replay?: Replay;
  /** The frame before, whose painting this one begins with. */
  former?: FormerFrame;
  /** Seconds that it may take: as many evaluations are made as fit. The settings say how many if undefined. */
  within?: number;
  /** Path of the checkpoint; undefined for none. */
  state?: string;
  /** Omit the photo's location from the painting's metadata. */
  stripLocation?: boolean;
  /** Names for files, by their paths, that its recipe has instead: it is for another machine. */
  names?: Readonly<Record<string, string>>;
  /** The machine that paints it, for its recipe. */
  machine?: string;
  /** Send previews of the painting. */
  previews: boolean;
  memory: MemoryBudget;
}

/** The frame before, in a sequence; paths are absolute. */
export interface FormerFrame {
  photo: string;
  painting: string;
}

/** The part of a job that its inputs and targets depend on. */
export type Upcoming = Pick<RenderJob, 'source' | 'sourceHash' | 'settings' | 'layers' | 'files' | 'network'>;

/** The memory budget of a painting, and what to do if it is too small. */
export interface MemoryBudget {
  /** Bytes that the process may use; unlimited if undefined. */
  limit?: number;
  /** Fail rather than paint at a smaller size. */
  strict: boolean;
  /** Share of the pixels to paint, after memory ran out although the estimate fitted. */
  share?: number;
}

/** Save the best picture so far once per `every` iterations, and at the end. */
export interface Snapshots {
  every: number;
  /** Path with a placeholder for the iteration: see periodicSnapshotName(). */
  output: string;
}

/** The changes by the user to the painting that is repeated. */
export type Replay = Pick<Provenance, 'iterations' | 'painted'> & { history: readonly HandChange[] };

/** Requests to the picture being painted. */
export type Control =
  | { type: 'pause' }
  | { type: 'resume' }
  /** Takes effect at the next iteration, which echoes the number. */
  | ({ type: 'change'; number?: number } & TransferChange)
  /** Seconds that it may still take. */
  | { type: 'within'; seconds: number }
  /** Save the current picture next to the output. */
  | { type: 'snapshot' }
  /** Abandon this picture and continue with the next. */
  | { type: 'skip' }
  /** Write the picture as it is and continue with the next. */
  | { type: 'accept' }
  /** Save a checkpoint, and end. */
  | { type: 'stop' };

export type ToChild =
  | { type: 'render'; job: RenderJob; placement: Placement }
  /** Read the inputs of the job that is probably next while another one is painted. */
  | { type: 'prefetch'; job: Upcoming }
  | Control;

type EventOf<Name extends PaintEvent['event'], Added extends string = never> = Omit<
  Extract<PaintEvent, { event: Name }>,
  'time' | 'job' | 'source' | Added
>;

/** The events of events.ts, without what the parent adds: which job, when, and where. */
export type Started = EventOf<'started', 'version' | 'slot' | 'output' | 'styles' | 'worker'>;
export type Iteration = EventOf<'iteration'>;

/** Progress of the current job. */
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
  /** A problem that does not stop the painting. */
  | { type: 'warning'; text: string }
  /** Information about the recipe's pictures, the same for each photo. */
  | { type: 'note'; text: string };

/** Why painting ended: all iterations were done, the loss no longer fell enough, or the user accepted the picture. */
export type Ended = Extract<PaintEvent, { event: 'done' }>['ended'];

/**
 * How a job ended. `retryable`: the input is not the cause. `outOfMemory`: a smaller picture may work. `unavailable`: path
 * of a style, mask or start picture that can no longer be read.
 */
export type Outcome =
  | { type: 'done'; output: string; seconds: number; iterations: number; ended: Ended; losses: Losses }
  | { type: 'skipped' }
  /** Stopped on request, to be resumed later. */
  | { type: 'stopped' }
  /** The photo's content has changed since it was queued. */
  | { type: 'replaced' }
  | { type: 'failed'; reason: string; retryable: boolean; outOfMemory?: boolean; unavailable?: string };

export type FromChild = Progress | Outcome;
