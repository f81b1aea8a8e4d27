/** What is to be painted. One interface, so that other backends can take SQLite's place; test/queue/conformance.ts holds each to it. */

import type { Losses, PaintEvent, Preview } from '../render/events.js';
import type { Recipe } from '../settings/recipe.js';

/** A photo to be painted in one way. */
export interface NewJob {
  /** Absolute path. */
  source: string;
  /** SHA-256 of its content. */
  sourceHash: string;
  recipe: Recipe;
  /** The same content under another name is another job. */
  allowDuplicates?: boolean;
}

/** A job that waits or is being painted. */
export interface QueuedJob {
  id: number;
  source: string;
  sourceHash: string;
  /** Of the recipe that it is painted with. */
  settingsHash: string;
  /** Of the settings that flags and sidecars say: another one where a person had it painted otherwise. */
  askedHash: string;
  status: 'waiting' | 'running';
  recipe: Recipe;
  /** Waits since an earlier start, and is not handed out until its photo is added again. */
  isInherited: boolean;
}

/** A job in the hands of one worker, for as long as it renews its lease. */
export interface Claim {
  job: QueuedJob;
  /** Tells this claim from earlier and later ones of the same job. */
  token: string;
}

export interface Painted {
  output: string;
  /** Time painted, without pauses. */
  seconds: number;
  losses: Losses;
}

/** Whoever wants to know what happens in the queue. */
export interface QueueListener {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
}

/** The lease ran out, and the job is another worker's, or nobody's. */
export class LeaseLost extends Error {
  constructor(id: number) {
    super(`job ${id} is not this worker's any more`);
  }
}

export interface JobQueue {
  /**
   * Adds a job behind those that wait. One that is in the queue already is not added again; one that failed is put back,
   * with the recipe that it failed with, so that a person's choice outlives a full disk.
   */
  add(job: NewJob): Promise<{ job: QueuedJob; isNew: boolean }>;

  /** Jobs in the queue whose photo has this content. */
  jobsOf(sourceHash: string): Promise<QueuedJob[]>;
  find(id: number): Promise<QueuedJob | undefined>;
  /** All jobs in the queue, those being painted first, then those that wait, in order. */
  list(): Promise<QueuedJob[]>;
  /** The first jobs that will be handed out. */
  peek(count: number): Promise<QueuedJob[]>;

  /**
   * Hands out the first job that waits, or whose worker's lease ran out; undefined where there is none.
   * @param lease milliseconds
   */
  claim(lease: number): Promise<Claim | undefined>;
  /** @throws LeaseLost */
  renew(claim: Claim, lease: number): Promise<void>;
  /** Notes where the painting will be written, which keeps that name from other jobs, and counts the attempt. */
  begin(claim: Claim, output: string): Promise<void>;
  /** The photo goes by another name now. */
  rename(claim: Claim, source: string): Promise<void>;
  /** These end a claim. @throws LeaseLost */
  complete(claim: Claim, painted: Painted): Promise<void>;
  fail(claim: Claim, reason: string): Promise<void>;
  skip(claim: Claim, reason: string): Promise<void>;
  /** Back to where it was in the queue; with another recipe, to the front. */
  release(claim: Claim, recipe?: Recipe): Promise<void>;

  /** Moves a job that waits a place later (1) or earlier (−1), or to the front (null). */
  move(id: number, by: 1 | -1 | null): Promise<void>;
  /** Has a job that waits painted with another recipe; one that does not wait stays as it is. */
  setRecipe(id: number, recipe: Recipe): Promise<void>;
  /**
   * Takes a job that waits out of the queue, and returns it; undefined if it did not wait.
   * @param reason why it is skipped from now on; left out, it is as if the job had never been added
   */
  drop(id: number, reason?: string): Promise<QueuedJob | undefined>;

  /** Tells all who subscribed. */
  publish(news: PaintEvent | Preview): void;
  /** @returns ends the subscription */
  subscribe(listener: QueueListener): () => void;
}
