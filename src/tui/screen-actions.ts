/** Where a person's wishes go: the screen asks, the session does. */
import type { Control } from '../queue/events.js';
import type { JobRecord } from '../queue/job.js';
import type { Settings } from '../settings/settings.js';
import type { Tuning } from './tuning.js';

export interface ScreenActions {
  control(job: number, message: Control): void;
  queue: QueueActions;
  styles: StyleActions;
  /** q, confirmed where need be. */
  onQuit(): void;
  /** Ctrl-C, which a terminal in raw mode hands over as a key; the second time it is meant to work at once. */
  onInterrupt(): void;
}

/** What can be done to pictures that are not being painted. */
export interface QueueActions {
  /** Paints one that waits a place later (1) or earlier (−1), or next (null). */
  move(job: number, by: 1 | -1 | null): void;
  /** Takes one that waits out of the queue. */
  drop(job: number): void;
  /** Tries failed ones again. Rejects with a sentence for people. */
  retry(jobs: readonly number[]): Promise<void>;
  /** All there is to know about one. */
  record(job: number): JobRecord | undefined;
  /** Paints all that follow as this one is painted now. Rejects with a sentence for people. */
  follow(job: number, like: Tuning): Promise<void>;
}

/** Styles to choose from. All of these reject with a sentence for people. */
export interface StyleActions {
  /** @param job the one that is shown, whose styles' folder has others like them */
  choices(job?: number): Promise<Choice[]>;
  /** Begins the picture that is being painted anew. */
  repaint(job: number, settings: Partial<Settings>): Promise<void>;
  /** Paints all that follow like this. */
  follow(settings: Partial<Settings>): Promise<void>;
}

/** A preset, or a painting. */
export interface Choice {
  name: string;
  kind: 'preset' | 'painting';
  settings: Partial<Settings>;
  /** What it looks like: the painting, or the first of the preset's. */
  picture?: string;
}
