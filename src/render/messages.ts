/** What parent and child say to each other. Everything here survives structured cloning. */

import type { Settings } from '../settings/settings.js';
import type { Losses, Weights } from '../transfer/losses.js';

/** One picture to paint; paths are absolute. */
export interface RenderJob {
  source: string;
  styles: string[];
  output: string;
  /** Replace an output that exists already. */
  overwrite: boolean;
  settings: Settings;
  /** Threads for the engine; its own choice when left out. */
  threads?: number;
  /** Send small pictures of what there is so far. */
  previews: boolean;
}

/** What may be asked of the picture being painted. */
export type Control =
  | { type: 'pause' }
  | { type: 'resume' }
  /** Effective at the next iteration. */
  | { type: 'weights'; weights: Weights }
  /** Write the picture as it is now beside the output. */
  | { type: 'snapshot' }
  /** Drop this picture and go on. */
  | { type: 'skip' }
  /** Take the picture as it is and go on. */
  | { type: 'accept' };

export type ToChild = { type: 'render'; job: RenderJob } | Control;

export interface Started {
  type: 'started';
  width: number;
  height: number;
  scales: number;
  iterations: number;
  weights: Weights;
  engine: string;
  device: string;
}

export interface Iteration {
  type: 'iteration';
  iteration: number;
  iterations: number;
  scale: number;
  scales: number;
  width: number;
  height: number;
  /** Time painted, pauses left out, and what is left at this pace. */
  seconds: number;
  secondsLeft: number;
  losses: Losses;
  weights: Weights;
}

/** News about the job under way. */
export type Progress =
  | Started
  | Iteration
  | { type: 'preview'; png: Uint8Array; width: number; height: number }
  | { type: 'checkpoint'; iteration: number; output: string }
  | { type: 'paused' | 'resumed'; iteration: number };

/** How a job ended. `mistake`: the input is at fault, so another try would end the same way. */
export type Outcome =
  | { type: 'done'; output: string; seconds: number; iterations: number; losses: Losses }
  | { type: 'skipped' }
  | { type: 'failed'; reason: string; mistake: boolean };

export type FromChild = Progress | Outcome;
