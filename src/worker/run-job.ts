/** Runs one job: tries other names of a photo that is gone, and retries after a crash of the painting process. */
import { access, constants, stat } from 'node:fs/promises';
import pRetry from 'p-retry';
import type { Persistence } from '../queue/persistence.js';
import type { Claim, JobQueue, QueuedJob } from '../queue/queue.js';
import { eventsVersion } from '../render/events.js';
import type { FormerFrame, Outcome, Progress, RenderJob } from '../render/messages.js';
import type { Renderer } from '../render/renderer.js';
import { outdatedWeights } from '../settings/former-hashes.js';
import { type Recipe, requestedHash } from '../settings/recipe.js';
import { UserError } from '../util/errors.js';
import { isReadTrouble, isShortage, retryUntilAvailable } from '../util/transient.js';

/** Receives messages for the user that are not events. */
export interface Messages {
  /** Usually a problem. */
  message(text: string): void;
  /** Additional information that is no problem. */
  note(text: string): void;
}

export interface JobContext {
  queue: JobQueue;
  persistence: Persistence;
  messages: Messages;
  /** Aborted when the program should end. */
  stopped: AbortSignal;
  /** Path of a job's output; never an existing file, unless `overwrite`. */
  outputFor(job: QueuedJob): string;
  overwrite?: boolean;
  /**
   * Called before a job is painted: makes its files available on this machine.
   * @returns what its recipe should say besides
   * @throws UserError if the job cannot be painted here
   */
  prepare?(claim: Claim): Promise<Pick<RenderJob, 'names' | 'machine'>>;
  /** Called once a job is no longer this worker's. */
  forget?(job: QueuedJob): Promise<void>;
  /** Other paths of a job's photo, in case the first is gone. */
  namesOf?(job: QueuedJob): string[];
  /** The frame before a job's photo in a sequence, if it is painted. */
  formerFrame?(job: QueuedJob): FormerFrame | undefined;
  /** A folder that must exist when files are written: see writeWhole(). */
  outbox?: string;
  /** Path of a job's checkpoint; no checkpoints if undefined. */
  stateFor?(job: Pick<QueuedJob, 'source' | 'sourceHash' | 'settingsHash'>): string;
  /** Options of `run`. */
  extras?: Pick<RenderJob, 'snapshots' | 'keepsPartial' | 'replay'>;
  /** Fail if memory is too short for the requested size. */
  strictSize: boolean;
  /** Omit the photo's location from the painting's metadata. */
  stripLocation?: boolean;
  previews: boolean;
  /** Seconds that this painting may take; undefined if its settings say how many evaluations it takes. */
  within(): Promise<number | undefined>;
  /** Bytes that the painting process may use at the moment; undefined if unknown. */
  limit(): number | undefined;
  /** Called once, shortly before the end of the painting. */
  prefetch(): Promise<void>;
  /** Reports a message once, however many photos it concerns. */
  reportOnce(kind: keyof Messages, text: string): void;
}

type Origin = Awaited<ReturnType<NonNullable<JobContext['prepare']>>>;

/** The slot that paints a job. */
interface Slot {
  /** From 1. */
  number: number;
  renderer: Renderer;
}

/** Remaining seconds of a painting at which the next one is prefetched; not earlier, since the queue may change. */
const prefetchAt = 15;

/** Share of the pixels to retry with, once, after memory ran out. */
const smallerShare = 0.5;

/** Total number of attempts if the painting process crashes. */
const attempts = 3;

/** If the photo was removed or replaced while it waited, its other paths are tried. */
export async function runJob(claim: Claim, slot: Slot, context: JobContext): Promise<Outcome> {
  const { queue, persistence, namesOf } = context;
  const { job } = claim;
  let origin: Origin = {};
  try {
    origin = (await persistence.until(() => context.prepare?.(claim))) ?? {};
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { type: 'failed', reason: error.message, retryable: true };
  }
  let outcome: Outcome = {
    type: 'failed',
    reason: `${job.source}: it was removed before its turn came.`,
    retryable: false,
  };
  const others = namesOf ? await persistence.until(() => namesOf(job)) : [];
  for (const source of [job.source, ...others]) {
    if (!(await isFile(source))) continue;
    if (source !== job.source) await persistence.until(() => queue.rename(claim, source));
    job.source = source;
    outcome = await render(claim, slot, context, origin);
    if (outcome.type !== 'replaced') break;
  }
  return outcome;
}

async function render(claim: Claim, slot: Slot, context: JobContext, origin: Origin): Promise<Outcome> {
  const { queue, persistence, extras, overwrite = false, outbox, previews, messages } = context;
  const { strictSize, stripLocation } = context;
  const { renderer, number } = slot;
  const { job } = claim;
  const { source, sourceHash, recipe } = job;
  const signal = context.stopped;
  const output = await persistence.until(async () => {
    // Choose and record the name without awaiting in between, since other slots choose names too.
    const output = context.outputFor(job);
    await queue.begin(claim, output);
    return output;
  });
  const warning = outdatedWeights(recipe.settings);
  if (warning) context.reportOnce('message', warning);
  // Recorded changes apply only to the settings that were requested.
  const replay = recipe.hash === requestedHash(recipe) ? extras?.replay : undefined;
  const paths = { source, output, outbox, overwrite, state: context.stateFor?.(job) };
  const former = await persistence.until(() => context.formerFrame?.(job));
  const request = {
    ...recipe,
    ...extras,
    ...origin,
    replay,
    former,
    ...paths,
    sourceHash,
    stripLocation,
    previews,
  };
  let isNextPrefetched = false;
  const onProgress = (progress: Progress) => {
    if (
      !isNextPrefetched &&
      'event' in progress &&
      progress.event === 'iteration' &&
      (progress.secondsLeft ?? Number.POSITIVE_INFINITY) < prefetchAt
    ) {
      isNextPrefetched = true;
      void context.prefetch();
    }
    publish(claim, { slot: number, output }, progress, context);
  };
  /** Waits for a file that flags or presets name, since the photo should not fail because of it. */
  const untilReadable = (path: string, reason: string) => {
    messages.message(`${reason} Waiting until it can be read.`);
    return retryUntilAvailable(() => access(path, constants.R_OK), { when: () => true, signal });
  };
  let share: number | undefined;
  const paintOnce = async (attempt: number): Promise<Outcome> => {
    const memory = { limit: context.limit(), strict: strictSize, share };
    const within = await persistence.until(() => context.within());
    const task = { ...request, memory, within };
    const outcome = await retryUntilAvailable(() => renderer.render(task, onProgress), {
      when: isShortage,
      report: ({ message }) => messages.message(`${message}. Trying again until it can.`),
      signal,
    });
    if (outcome.type !== 'failed' || signal.aborted) return outcome;
    if (outcome.unavailable !== undefined && !isOfSidecar(outcome.unavailable, recipe)) {
      await untilReadable(outcome.unavailable, outcome.reason);
      return paintOnce(attempt);
    }
    if (!outcome.retryable) return outcome;
    if (outcome.outOfMemory) {
      // Start a new process, since the memory of this one may be fragmented.
      await renderer.close();
      if (strictSize || share !== undefined)
        return { ...outcome, reason: `${outcome.reason}. Close other programs, or choose a smaller --size.` };
      share = smallerShare;
    }
    if (attempt > attempts - 1) return outcome;
    const next = outcome.outOfMemory ? 'Trying again with half the pixels' : 'Trying again';
    messages.message(`${source}: ${outcome.reason}. ${next}.`);
    throw new Error(outcome.reason);
  };
  // Any other error fails the job too; otherwise it would be retried forever.
  return pRetry(paintOnce, { retries: attempts - 1, minTimeout: 1000 }).catch((error: Error) =>
    signal.aborted ? { type: 'stopped' } : { type: 'failed', reason: error.message, retryable: true },
  );
}

/** Whether a file is named by a sidecar, not by flags or presets. */
const isOfSidecar = (path: string, { overrides }: Recipe) => path in (overrides?.confined ?? {});

function publish(
  { job }: Claim,
  fields: { slot: number; output: string },
  progress: Progress,
  { queue, messages, reportOnce }: JobContext,
): void {
  const about = { time: new Date().toISOString(), job: job.id, source: job.source };
  if ('event' in progress)
    queue.publish(
      progress.event === 'started'
        ? { ...progress, ...about, ...fields, version: eventsVersion, styles: job.recipe.settings.styles }
        : { ...progress, ...about },
    );
  else if (progress.type === 'preview') {
    const { png, width, height } = progress;
    queue.publish({ job: job.id, png, width, height });
  } else if (progress.type === 'note') reportOnce('note', progress.text);
  else messages.message(`${job.source}: ${progress.text}`);
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    // It may be there still; the painting waits until it can be read.
    isReadTrouble,
  );
