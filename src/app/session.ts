/** The part shared by all painting commands: connects queue, worker and listeners, handles signals, and sets the exit code. */
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { SharedQueue } from '../cluster/shared-queue.js';
import { choosePlacements } from '../engine/choose.js';
import type { Placement } from '../engine/placement.js';
import { Persistence } from '../queue/persistence.js';
import type { JobStore } from '../queue/store.js';
import { isProgress, type PaintEvent } from '../render/events.js';
import type { ScreenOptions } from '../tui/screen.js';
import { say, warn } from '../util/say.js';
import { Worker, type WorkerOptions } from '../worker/worker.js';
import { type FollowUpFlags, FollowUpRunner } from './follow-ups/runner.js';
import { openHealth } from './health.js';
import { Intake, type IntakeOptions } from './intake.js';
import type { Listener } from './listener.js';
import { openLog } from './log.js';
import type { Recipes } from './recipes.js';
import { hasScreen, openReporter } from './reporters/reporter.js';
import type { RunningFlags } from './running-flags.js';
import { screenActions } from './screen-actions.js';
import { Summary } from './summary.js';

type OfWorker =
  | 'outputFor'
  | 'overwrite'
  | 'longRunning'
  | 'outbox'
  | 'stateFor'
  | 'extras'
  | 'prepare'
  | 'formerFrame'
  | 'forget';
type OfIntake = 'force' | 'allowDuplicates' | 'variants';

export interface SessionOptions extends Pick<WorkerOptions, OfWorker>, Pick<IntakeOptions, OfIntake> {
  title: string;
  flags: RunningFlags;
  store: JobStore;
  /** A queue that other machines share; the job store's own if undefined. */
  shared?: SharedQueue;
  /** The devices to paint on; chosen by the flags if undefined. */
  placements?: readonly Placement[];
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
  /** Commands to run and moves to make after each picture. */
  followUps?: FollowUpFlags & { inboxes?(): readonly string[] };
  /** Also receives every event. */
  listener?: Listener;
  /** How many frames a sequence has, if that is known. */
  frames?: number;
  /** The address of the gallery that shows the paintings. */
  gallery?: string;
  /** The inboxes, if several are watched. */
  inboxes?: ScreenOptions['inboxes'];
  /** What to say at the end if there was no picture at all. */
  nothing?: string;
}

/** Milliseconds after which a user who stops the program is told what it is doing. */
const patienceOfUser = 700;

/** Milliseconds for which output waits for its reader after a signal. */
const patienceToBeRead = 1000;

/** Milliseconds after a signal for which a shared queue may take to record where the paintings are. */
const serverPatience = 8000;

/** Runs until all is painted or a signal arrives, and sets the exit code. */
export async function paintSession({
  title,
  flags,
  store,
  shared,
  recipes,
  feed,
  listener,
  background,
  add,
  retry,
  followUps,
  nothing = 'There was nothing to paint.',
  ...options
}: SessionOptions): Promise<void> {
  const { history } = store;
  const queue = shared ?? store.queue;
  const stopped = new AbortController();
  let exitCode: number | undefined;
  let failures = 0;
  const listeners: Listener[] = [{ event: (event) => void (isFailure(event) && failures++) }];
  const broadcast = {
    event: (event) => listeners.forEach((each) => void each.event?.(event)),
    preview: (preview) => listeners.forEach((each) => void each.preview?.(preview)),
    message: (text) => listeners.forEach((each) => void each.message?.(text)),
    note: (text) => listeners.forEach((each) => void each.note?.(text)),
  } satisfies Listener;
  const { message } = broadcast;
  if (listener) listeners.push(listener);
  const summary = new Summary();
  listeners.push(summary);
  const resumes = options.stateFor !== undefined;

  const notes: string[] = [];
  const placements = options.placements ?? (await choosePlacements(flags, (line) => notes.push(line)));
  const log = flags.log === undefined ? undefined : openLog(flags.log, message);
  if (log) listeners.push(log);
  /** A fault of the program that nobody catches is in the log too. */
  const logFault = (error: unknown) => {
    log?.fatal(error);
    log?.flush();
  };
  process.on('uncaughtExceptionMonitor', logFault);
  const { strictSize, stripLocation, memory, within } = flags;
  const previews = hasScreen(flags) || shared !== undefined || listener?.preview !== undefined;
  const persistence = new Persistence({ tell: message, stopped: stopped.signal });
  const intake = new Intake({ ...options, queue, history, persistence });
  const common = { ...options, queue, persistence, messages: broadcast, stopped, previews };
  const namesOf = history.twins.bind(history);
  const worker = new Worker({ ...common, namesOf, placements, strictSize, stripLocation, memory, within });
  shared?.onRequest((job, control) =>
    control.type === 'repaint' ? worker.repaint(job, control.recipe) : worker.control(job, control),
  );
  const health = flags.health === undefined ? undefined : openHealth(flags.health, () => worker.isIdle);
  if (health) listeners.push({ event: (event) => void (isProgress(event) && health.beat()) });
  const unsubscribe = queue.subscribe(broadcast);

  /** Stops cleanly the first time, at once the second time. */
  const stop = (code: number) => {
    if (exitCode !== undefined) kill(code);
    exitCode = code;
    const timer = setTimeout(() => message(stopping), patienceOfUser);
    void worker.stop().finally(() => clearTimeout(timer));
    // Calls to a server that is away would wait for it.
    if (shared) setTimeout(() => void shared.close(), serverPatience).unref();
  };
  const stopping = `Finishing the current step, to ${resumes ? 'go on from there later' : 'keep the best so far'}. Again ends it at once.`;
  const kill = (code: number) => {
    reporter?.close();
    warn('Ended at once: what was not saved yet is lost.');
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
  // Replaces the handlers of main.ts, which end the program at once.
  process.stdout.removeAllListeners('error').on('error', onOutputError);
  for (const [signal, handler] of handlers) process.removeAllListeners(signal).on(signal, handler);
  const reporter = await openReporter(flags, {
    title,
    inboxes: options.inboxes,
    frames: options.frames,
    ...screenActions({
      worker,
      intake,
      queue,
      shared,
      history,
      persistence,
      recipes,
      add,
      retry,
      say: message,
    }),
    resumes: options.stateFor !== undefined,
    gallery: options.gallery,
    onQuit: (how) => (how === 'stop' ? stop(0) : finishCurrent()),
    onInterrupt: () => stop(128 + constants.signals.SIGINT),
  });
  listeners.push(reporter, { note: (text) => flags.quiet || reporter.message(text) });
  for (const note of notes) message(note);
  const runner =
    followUps &&
    new FollowUpRunner({
      ...followUps,
      ...{ store, persistence, stopped: stopped.signal, say: message },
      jobOf: (row) => shared?.jobOf(row) ?? row,
      rowOf: (job) => shared?.recordOf(job) ?? job,
      publish: broadcast.event,
    });
  // After the reporter, which hears of a painting before what follows it.
  if (runner) listeners.push({ event: (event) => hasEnded(event) && runner.added(event.job) });
  const following = runner?.run();
  try {
    // An error of the feed ends the painting too.
    const painting = Promise.all([
      feed(intake, AbortSignal.any([stopped.signal, ending.signal]), message)
        .then(() => shared?.whenEmpty(AbortSignal.any([stopped.signal, ending.signal])))
        .then(finish, endWith),
      worker.run(),
    ]).then(() => runner?.finish());
    const all = Promise.all([painting, following]);
    await (background ? Promise.race([all, background(intake, message)]) : all);
  } catch (error) {
    log?.fatal(error);
    throw error;
  } finally {
    await worker.stop();
    await following?.catch(() => {});
    unsubscribe();
    health?.close();
    process.off('uncaughtExceptionMonitor', logFault);
    await log?.close();
    reporter.close();
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
  await tellEnd();
  const readerCode = isReaderGone ? 128 + constants.signals.SIGPIPE : undefined;
  process.exitCode = exitCode ?? readerCode ?? (failures > 0 ? 1 : 0);
  // What a reader that stands still has not taken would keep the program.
  if (exitCode !== undefined) setTimeout(() => process.exit(), patienceToBeRead).unref();

  async function tellEnd(): Promise<void> {
    const why = exitCode !== undefined ? 'stopped' : isReaderGone ? 'unread' : 'finished';
    const waiting = why === 'finished' ? 0 : (await queue.list().catch(() => [])).length;
    // Quit with a key: only if the next start goes on is nothing lost.
    if (exitCode === 0 && waiting > 0 && !resumes) exitCode = 128 + constants.signals.SIGINT;
    const left = runner?.left ?? 0;
    if (left > 0) {
      const what = left === 1 ? '1 command or move is' : `${left} commands and moves are`;
      warn(`${what} left${resumes ? ': the next start of the same command does them' : ', not done'}.`);
    }
    const isTerse = flags.json || flags.quiet;
    if (isTerse && waiting === 0) return;
    const tell = isTerse || why === 'unread' ? warn : say;
    tell(...summary.lines({ why, waiting, resumes, nothing }));
  }

  function finish(): void {
    worker.finish();
  }

  async function endWith(error: unknown): Promise<never> {
    await worker.stop();
    throw error;
  }
}

const hasEnded = (event: PaintEvent) => event.event === 'done' || event.event === 'failed';

/** Whether it makes the exit code 1. */
const isFailure = (event: PaintEvent) =>
  event.event === 'failed' ||
  (event.event === 'follow-up' && (event.status === 'failed' || event.status === 'unknown'));
