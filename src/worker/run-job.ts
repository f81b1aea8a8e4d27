/** Has one job painted: under another name of its photo if need be, and again if the painting process crashed. */
import { stat } from 'node:fs/promises';
import pRetry from 'p-retry';
import { eventsVersion, type PaintEvent } from '../queue/events.js';
import type { Claim } from '../queue/queue.js';
import type { Outcome, Progress } from '../render/messages.js';
import { strayWeights } from '../settings/formerly.js';
import { askedHashOf } from '../settings/recipe.js';
import { isShortage, retryUntilAvailable } from '../util/transient.js';
import type { Messages, Slot, WorkerOptions } from './worker.js';

export interface JobContext extends WorkerOptions {
  /** Bytes that the painting process may hold at the moment; undefined where that is not known. */
  limit(): number | undefined;
  /** Is called once, shortly before the end. */
  prefetch(): Promise<void>;
  /** Says something once, however many photos it is for. */
  tellOnce(kind: keyof Messages, text: string): void;
}

/** Seconds before a picture's end at which the next one's pictures are read: the queue may change until then. */
const prefetchAt = 15;

/** Share of the pixels that is tried once after memory ran out. */
const smallerShare = 0.5;

/** A job whose painting process crashed is tried this often in all. */
const attempts = 3;

/** The photo may have been removed or replaced while it waited; then another name of it will do. */
export async function runJob(claim: Claim, slot: Slot, context: JobContext): Promise<Outcome> {
  const { queue, persistence, namesOf } = context;
  const { job } = claim;
  let outcome: Outcome = {
    type: 'failed',
    reason: `${job.source}: it was removed before its turn came.`,
    mistake: true,
  };
  const others = namesOf ? await persistence.until(() => namesOf(job)) : [];
  for (const source of [job.source, ...others]) {
    if (!(await isFile(source))) continue;
    if (source !== job.source) await persistence.until(() => queue.rename(claim, source));
    job.source = source;
    outcome = await render(claim, slot, context);
    if (outcome.type !== 'replaced') break;
  }
  return outcome;
}

async function render(claim: Claim, slot: Slot, context: JobContext): Promise<Outcome> {
  const { queue, persistence, extras, overwrite = false, outbox, previews, messages, strictSize } = context;
  const { renderer, number } = slot;
  const { job } = claim;
  const { source, sourceHash, recipe } = job;
  const { signal } = context.stopped;
  const output = await persistence.until(async () => {
    // Named and noted without a pause between: another slot looks for a name, too.
    const output = context.outputFor(job);
    await queue.begin(claim, output);
    return output;
  });
  const stray = strayWeights(recipe.settings);
  if (stray) context.tellOnce('message', stray);
  // What is repeated is said of the settings that were asked for.
  const replay = recipe.hash === askedHashOf(recipe) ? extras?.replay : undefined;
  const where = { source, output, outbox, overwrite, state: context.stateFor?.(job) };
  const request = { ...recipe, ...extras, replay, ...where, sourceHash, previews };
  let isNextPrefetched = false;
  const tell = (progress: Progress) => {
    if (!isNextPrefetched && progress.type === 'iteration' && progress.secondsLeft < prefetchAt) {
      isNextPrefetched = true;
      void context.prefetch();
    }
    publish(claim, { slot: number, output }, progress, context);
  };
  let share: number | undefined;
  const once = async (attempt: number): Promise<Outcome> => {
    const memory = { limit: context.limit(), strict: strictSize, share };
    const outcome = await retryUntilAvailable(() => renderer.render({ ...request, memory }, tell), {
      when: isShortage,
      tell: ({ message }) => messages.message(`${message}. Waiting until it can be.`),
      signal,
    });
    if (outcome.type !== 'failed' || outcome.mistake || signal.aborted) return outcome;
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
    signal.aborted ? { type: 'stopped' } : { type: 'failed', reason: error.message, mistake: false },
  );
}

function publish(
  { job }: Claim,
  where: { slot: number; output: string },
  progress: Progress,
  { queue, messages, tellOnce }: JobContext,
): void {
  const { type, ...rest } = progress;
  if (progress.type === 'preview') {
    const { png, width, height } = progress;
    return queue.publish({ job: job.id, png, width, height });
  }
  if (progress.type === 'note') return tellOnce('note', progress.text);
  if (progress.type === 'warning') return messages.message(`${job.source}: ${progress.text}`);
  const extra =
    type === 'started' ? { version: eventsVersion, ...where, styles: job.recipe.settings.styles } : {};
  const time = new Date().toISOString();
  queue.publish({ event: type, time, job: job.id, source: job.source, ...extra, ...rest } as PaintEvent);
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
