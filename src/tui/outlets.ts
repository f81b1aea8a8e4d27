/** Where a person's wishes go: the screen asks, the session does. */
import type { Control } from '../jobs/events.js';
import type { JobRecord } from '../jobs/job.js';

export interface Outlets {
  control(job: number, message: Control): void;
  queue: QueueOutlets;
  /** q, confirmed where need be. */
  onQuit(): void;
  /** Ctrl-C, which a terminal in raw mode hands over as a key; the second time it is meant to work at once. */
  onInterrupt(): void;
}

/** What can be done to pictures that are not being painted. */
export interface QueueOutlets {
  /** Paints one that waits a place later or earlier; null: next. */
  move(job: number, by: 1 | -1 | null): void;
  /** Takes one that waits out of the queue. */
  drop(job: number): void;
  /** Tries failed ones again. */
  retry(jobs: readonly number[]): void;
  /** All there is to know about one. */
  record(job: number): JobRecord | undefined;
}
