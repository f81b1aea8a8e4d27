/** Has one job painted: under another name of its photo if need be, and again if the painting process crashed. */
import { access, constants, stat } from 'node:fs/promises';
import pRetry from 'p-retry';
import type { Persistence } from '../queue/persistence.js';
import type { Claim, JobQueue, QueuedJob } from '../queue/queue.js';
import { eventsVersion } from '../render/events.js';
import type { Outcome, Progress, RenderJob } from '../render/messages.js';
import type { Renderer } from '../render/renderer.js';
import { outdatedWeights } from '../settings/former-hashes.js';
import { type Recipe, requestedHash } from '../settings/recipe.js';
import { isReadTrouble, isShortage, retryUntilAvailable } from '../util/transient.js';

/** Messages for people, apart from what happens to a picture. */
export interface Messages {
  /** Something a person should know: mostly what is amiss. */
  message(text: string): void;
  /** Something good to know where nothing is amiss. */
  note(text: string): void;
}

export interface JobContext {
  queue: JobQueue;
  persistence: Persistence;
  messages: Messages;
  /** Aborted when the program is to end. */
  stopped: AbortSignal;
  /** Where a job's picture goes; never a file that exists, unless `overwrite`. */
  outputFor(job: QueuedJob): string;
  overwrite?: boolean;
  /** Other names of a job's photo, for when the first is gone. */
  namesOf?(job: QueuedJob): string[];
  /** A folder that must be there for anything to be written: see RenderJob. */
  outbox?: string;
  /** The file that keeps where a job's painting stands, to resume from after a crash or a stop; none when left out. */
  stateFor?(job: Pick<QueuedJob, 'source' | 'sourceHash' | 'settingsHash'>): string;
  /** What is saved on the way, and what is repeated. */
  extras?: Pick<RenderJob, 'snapshots' | 'replay'>;
  /** Paint at the size that is asked for or not at all, when memory is short. */
  strictSize: boolean;
  previews: boolean;
  /** Bytes that the painting process may hold at the moment; undefined where that is not known. */
  limit(): number | undefined;
  /** Is called once, shortly before the end. */
  prefetch(): Promise<void>;
  /** Says something once, however many photos it is for. */
  tellOnce(kind: keyof Messages, text: string): void;
}

/** What a job is painted with. */
interface Place {
  /** The slot's, from 1. */
  number: number;
  renderer: Renderer;
}

/** Seconds before a picture's end at which the next one's pictures are read: the queue may change until then. */
const prefetchAt = 15;

/** Share of the pixels that is tried once after memory ran out. */
const smallerShare = 0.5;

/** A job whose painting process crashed is tried this often in all. */
const attempts = 3;

/** The photo may have been removed or replaced while it waited; then another name of it will do. */
export async function runJob(claim: Claim, place: Place, context: JobContext): Promise<Outcome> {
  const { queue, persistence, namesOf } = context;
  const { job } = claim;
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
    outcome = await render(claim, place, context);
    if (outcome.type !== 'replaced') break;
  }
  return outcome;
}

async function render(claim: Claim, place: Place, context: JobContext): Promise<Outcome> {
  const { queue, persistence, extras, overwrite = false, outbox, previews, messages, strictSize } = context;
  const { renderer, number } = place;
  const { job } = claim;
  const { source, sourceHash, recipe } = job;
  const signal = context.stopped;
  const output = await persistence.until(async () => {
    // Named and noted without a pause between: another slot looks for a name, too.
    const output = context.outputFor(job);
    await queue.begin(claim, output);
    return output;
  });
  const stray = outdatedWeights(recipe.settings);
  if (stray) context.tellOnce('message', stray);
  // What is repeated is said of the settings that were asked for.
  const replay = recipe.hash === requestedHash(recipe) ? extras?.replay : undefined;
  const where = { source, output, outbox, overwrite, state: context.stateFor?.(job) };
  const request = { ...recipe, ...extras, replay, ...where, sourceHash, previews };
  let isNextPrefetched = false;
  const tell = (progress: Progress) => {
    if (
      !isNextPrefetched &&
      'event' in progress &&
      progress.event === 'iteration' &&
      progress.secondsLeft < prefetchAt
    ) {
      isNextPrefetched = true;
      void context.prefetch();
    }
    publish(claim, { slot: number, output }, progress, context);
  };
  /** What the operator's own flags name is no photo's fault. */
  const untilBack = (path: string, reason: string) => {
    messages.message(`${reason} Waiting until it can be read.`);
    return retryUntilAvailable(() => access(path, constants.R_OK), { when: () => true, signal });
  };
  let share: number | undefined;
  const once = async (attempt: number): Promise<Outcome> => {
    const memory = { limit: context.limit(), strict: strictSize, share };
    const outcome = await retryUntilAvailable(() => renderer.render({ ...request, memory }, tell), {
      when: isShortage,
      report: ({ message }) => messages.message(`${message}. Waiting until it can be.`),
      signal,
    });
    if (outcome.type !== 'failed' || signal.aborted) return outcome;
    if (outcome.away !== undefined && !isStrangers(outcome.away, recipe)) {
      await untilBack(outcome.away, outcome.reason);
      return once(attempt);
    }
    if (!outcome.retryable) return outcome;
    if (outcome.outOfMemory) {
      // What could not be allocated may have left gaps; the next try begins with a new process.
      await renderer.close();
      if (strictSize || share !== undefined)
        return { ...outcome, reason: `${outcome.reason}. Close other programs, or paint it smaller.` };
      share = smallerShare;
    }
    if (attempt > attempts - 1) return outcome;
    const next = outcome.outOfMemory ? 'Trying again with half the pixels' : 'Trying again';
    messages.message(`${source}: ${outcome.reason}. ${next}.`);
    throw new Error(outcome.reason);
  };
  // Whatever it throws at last is the job's failure: it must not come back for ever.
  return pRetry(once, { retries: attempts - 1, minTimeout: 1000 }).catch((error: Error) =>
    signal.aborted ? { type: 'stopped' } : { type: 'failed', reason: error.message, retryable: true },
  );
}

const isStrangers = (path: string, { overrides }: Recipe) => path in (overrides?.confined ?? {});

function publish(
  { job }: Claim,
  where: { slot: number; output: string },
  progress: Progress,
  { queue, messages, tellOnce }: JobContext,
): void {
  const about = { time: new Date().toISOString(), job: job.id, source: job.source };
  if ('event' in progress)
    queue.publish(
      progress.event === 'started'
        ? { ...progress, ...about, ...where, version: eventsVersion, styles: job.recipe.settings.styles }
        : { ...progress, ...about },
    );
  else if (progress.type === 'preview') {
    const { png, width, height } = progress;
    queue.publish({ job: job.id, png, width, height });
  } else if (progress.type === 'note') tellOnce('note', progress.text);
  else messages.message(`${job.source}: ${progress.text}`);
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    // It may be there still; the painting waits until it can be read.
    isReadTrouble,
  );
