/** The queue of jobs, as an interface that allows backends other than SQLite; test/queue/conformance.ts tests each of them. */
import type { Losses, PaintEvent, Preview } from '../render/events.js';
import type { Recipe } from '../settings/recipe.js';

/** A photo and the recipe to paint it with. */
export interface NewJob {
  /** Absolute path. */
  source: string;
  /** SHA-256 of its content. */
  sourceHash: string;
  recipe: Recipe;
  /** The same content under another name becomes another job. */
  allowDuplicates?: boolean;
}

/** A job that is waiting or being painted. */
export interface QueuedJob {
  id: number;
  source: string;
  sourceHash: string;
  /** Hash of its recipe. */
  settingsHash: string;
  /** Hash of the settings of flags and sidecars; differs from settingsHash if the user chose others. */
  askedHash: string;
  status: 'waiting' | 'running';
  recipe: Recipe;
  /** Waiting since an earlier start; not handed out until its photo is added again. */
  isInherited: boolean;
}

/** A worker's hold on a job, valid as long as the worker renews it. */
export interface Claim {
  job: QueuedJob;
  /** Distinguishes this claim from others of the same job. */
  token: string;
}

export interface Painted {
  output: string;
  /** Painting time without pauses. */
  seconds: number;
  losses: Losses;
  iterations?: number;
  ended?: Extract<PaintEvent, { event: 'done' }>['ended'];
}

export interface Failure {
  /** Through no fault of the picture: another machine tries it, where there are several. */
  isRetryable?: boolean;
  /** Its file now has other content, which is a job of its own: no command follows. */
  isReplaced?: boolean;
}

/** A subscriber to the queue's events and previews. */
export interface QueueListener {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
}

/** Thrown if a claim has expired; the job may belong to another worker. */
export class LeaseLost extends Error {
  constructor(id: number) {
    super(`job ${id} is not this worker's any more`);
  }
}

export interface JobQueue {
  /** Milliseconds after which an idle worker asks again; undefined if an event announces every job. */
  readonly pollInterval?: number;

  /**
   * Adds a job after the waiting ones. A job that is already in the queue is not added again. A failed job is put back with
   * the recipe that it failed with, so that a choice by the user survives a temporary failure.
   */
  add(job: NewJob): Promise<{ job: QueuedJob; isNew: boolean }>;

  /** Jobs in the queue whose photo has this content. */
  jobsOf(sourceHash: string): Promise<QueuedJob[]>;
  find(id: number): Promise<QueuedJob | undefined>;
  /** All jobs in the queue: those being painted, then the waiting ones in order. */
  list(): Promise<QueuedJob[]>;
  /** The jobs that will be handed out next. */
  peek(count: number): Promise<QueuedJob[]>;

  /**
   * Hands out the first job that is waiting or whose claim has expired; undefined if there is none.
   * @param lease milliseconds
   */
  claim(lease: number): Promise<Claim | undefined>;
  /** @throws LeaseLost */
  renew(claim: Claim, lease: number): Promise<void>;
  /** Records the path of the painting, which reserves it, and counts the attempt. */
  begin(claim: Claim, output: string): Promise<void>;
  /** Changes the photo's path to another of its names. */
  rename(claim: Claim, source: string): Promise<void>;
  /** These end a claim. @throws LeaseLost */
  complete(claim: Claim, painted: Painted): Promise<void>;
  fail(claim: Claim, reason: string, failure?: Failure): Promise<void>;
  skip(claim: Claim, reason: string): Promise<void>;
  /** Puts it back to its place in the queue; with another recipe, to the front. */
  release(claim: Claim, recipe?: Recipe): Promise<void>;

  /**
   * Holds back the waiting jobs whose photos are below these folders, until it is called without them; they keep their
   * place. Not remembered across starts. Undefined where other programs hand out the jobs too.
   * @param inboxes absolute; a folder that changes later counts as it is then
   */
  hold?(inboxes: readonly { readonly folder: string }[]): void;

  /** Moves a waiting job one place later (1) or earlier (−1), or to the front (null). */
  move(id: number, by: 1 | -1 | null): Promise<void>;
  /** Changes the recipe of a job; ignored unless it is waiting. */
  setRecipe(id: number, recipe: Recipe): Promise<void>;
  /**
   * Removes a waiting job from the queue, and returns it; undefined if it was not waiting.
   * @param reason why it is skipped from now on; if undefined, the job is forgotten
   */
  drop(id: number, reason?: string): Promise<QueuedJob | undefined>;

  /** Sends an event or a preview to all subscribers. */
  publish(news: PaintEvent | Preview): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: QueueListener): () => void;
}
