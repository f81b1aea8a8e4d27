/** The part shared by all painting commands: connects queue, worker and listeners, handles signals, and sets the exit code. */
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { choosePlacements } from '../engine/choose.js';
import { Persistence } from '../queue/persistence.js';
import type { JobStore } from '../queue/store.js';
import { isProgress } from '../render/events.js';
import { Worker, type WorkerOptions } from '../worker/worker.js';
import { openHealth } from './health.js';
import { Intake, type IntakeOptions } from './intake.js';
import type { Listener } from './listener.js';
import { openLog } from './log.js';
import type { Recipes } from './recipes.js';
import { hasScreen, openReporter } from './reporters/reporter.js';
import type { RunningFlags } from './running-flags.js';
import { screenActions } from './screen-actions.js';

type OfWorker = 'outputFor' | 'overwrite' | 'longRunning' | 'outbox' | 'stateFor' | 'extras';
type OfIntake = 'force' | 'allowDuplicates' | 'variants';

export interface SessionOptions extends Pick<WorkerOptions, OfWorker>, Pick<IntakeOptions, OfIntake> {
  title: string;
  flags: RunningFlags;
  store: JobStore;
  recipes: Recipes;
  /**
   * Adds the pictures to the intake, and returns when there are no more to come.
   * @param say prints a message for the user
   */
  feed(intake: Intake, stopped: AbortSignal, say: (text: string) => void): Promise<void>;
  /** Queues a photo by its path. */
  add?(intake: Intake, path: string): Promise<void>;
  /** Queues the jobs that are marked in the job store to be retried. */
  retry?(intake: Intake): Promise<void>;
  /** Runs in the background; rejects if painting must end at once. */
  background?(intake: Intake, say: (text: string) => void): Promise<never>;
  /** Also receives every event. */
  listener?: Listener;
}

/** Milliseconds for which output waits for its reader after a signal. */
const patienceToBeRead = 1000;

/** Runs until all is painted or a signal arrives, and sets the exit code. */
export async function paintSession({
  title,
  flags,
  store,
  recipes,
  feed,
  listener,
  background,
  add,
  retry,
  ...options
}: SessionOptions): Promise<void> {
  const { queue, history } = store;
  const stopped = new AbortController();
  let exitCode: number | undefined;
  let failures = 0;
  const listeners: Listener[] = [{ event: ({ event }) => void (event === 'failed' && failures++) }];
  const broadcast = {
    event: (event) => listeners.forEach((each) => void each.event?.(event)),
    preview: (preview) => listeners.forEach((each) => void each.preview?.(preview)),
    message: (text) => listeners.forEach((each) => void each.message?.(text)),
    note: (text) => listeners.forEach((each) => void each.note?.(text)),
  } satisfies Listener;
  const { message } = broadcast;
  if (listener) listeners.push(listener);

  const notes: string[] = [];
  const placements = await choosePlacements(flags, (line) => notes.push(line));
  const log = flags.log === undefined ? undefined : openLog(flags.log, message);
  if (log) listeners.push(log);
  const { strictSize, stripLocation, memory } = flags;
  const previews = hasScreen(flags);
  const persistence = new Persistence({ tell: message, stopped: stopped.signal });
  const intake = new Intake({ ...options, queue, history, persistence });
  const common = { ...options, queue, persistence, messages: broadcast, stopped, previews };
  const namesOf = history.twins.bind(history);
  const worker = new Worker({ ...common, namesOf, placements, strictSize, stripLocation, memory });
  const health = flags.health === undefined ? undefined : openHealth(flags.health, () => worker.isIdle);
  if (health) listeners.push({ event: (event) => void (isProgress(event) && health.beat()) });
  const unsubscribe = queue.subscribe(broadcast);

  /** Stops cleanly the first time, at once the second time. */
  const stop = (code: number) => {
    if (exitCode !== undefined) kill(code);
    exitCode = code;
    void worker.stop();
  };
  const kill = (code: number) => {
    reporter?.close();
    process.exit(code);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handlers = signals.map((signal) => {
    // Under nohup, SIGHUP must stay ignored, but Node resets that. Without a terminal, none can hang up.
    const isHandled = signal !== 'SIGHUP' || [0, 1, 2].some(isatty);
    return [signal, () => isHandled && stop(128 + constants.signals[signal])] as const;
  });
  /** Aborted when the current pictures are the last. */
  const ending = new AbortController();
  const finishCurrent = () => {
    ending.abort();
    worker.drain();
  };
  /** The reader of our stdout has closed it: the current pictures are finished, and the exit code says why. */
  let isReaderGone = false;
  const onOutputError = ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE' || isReaderGone) return;
    isReaderGone = true;
    finishCurrent();
  };
  // Replaces the handler of main.ts, which ends the program at once.
  process.stdout.removeAllListeners('error').on('error', onOutputError);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const reporter = await openReporter(flags, {
    title,
    ...screenActions({ worker, intake, store, persistence, recipes, add, retry, say: message }),
    resumes: options.stateFor !== undefined,
    onQuit: (how) => (how === 'stop' ? stop(0) : finishCurrent()),
    onInterrupt: () => stop(128 + constants.signals.SIGINT),
  });
  listeners.push(reporter, { note: (text) => flags.quiet || reporter.message(text) });
  for (const note of notes) message(note);
  /** A fault of the program that nobody catches is in the log too. */
  const logFault = (error: unknown) => {
    log?.fatal(error);
    log?.flush();
  };
  process.on('uncaughtExceptionMonitor', logFault);
  try {
    // An error of the feed ends the painting too.
    const painting = Promise.all([
      feed(intake, AbortSignal.any([stopped.signal, ending.signal]), message).then(finish, endWith),
      worker.run(),
    ]);
    await (background ? Promise.race([painting, background(intake, message)]) : painting);
  } catch (error) {
    log?.fatal(error);
    throw error;
  } finally {
    await worker.stop();
    unsubscribe();
    health?.close();
    process.off('uncaughtExceptionMonitor', logFault);
    await log?.close();
    reporter.close();
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
  const readerCode = isReaderGone ? 128 + constants.signals.SIGPIPE : undefined;
  process.exitCode = exitCode ?? readerCode ?? (failures > 0 ? 1 : 0);
  // What a reader that stands still has not taken would keep the program.
  if (exitCode !== undefined) setTimeout(() => process.exit(), patienceToBeRead).unref();

  function finish(): void {
    worker.finish();
  }

  async function endWith(error: unknown): Promise<never> {
    await worker.stop();
    throw error;
  }
}
