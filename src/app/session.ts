/** What every painting command does: wires painter and reporter together, minds signals, and ends with an exit code. */
import { constants } from 'node:os';
import type { RunningFlags } from '../cli/flags/options.js';
import { choosePlacements } from '../engine/choose.js';
import { isProgress, type PaintEvent } from '../queue/events.js';
import { Painter, type PainterOptions } from '../worker/painter.js';
import { openHealth } from './health.js';
import { openLog } from './log.js';
import type { Recipes } from './recipes.js';
import { hasScreen, openReporter, type Reporter } from './reporters/reporter.js';
import { screenActions } from './screen-actions.js';

export interface SessionOptions
  extends Omit<PainterOptions, 'listener' | 'previews' | 'placements' | 'strictSize' | 'memory'> {
  title: string;
  flags: RunningFlags;
  recipes: Recipes;
  /**
   * Brings in the pictures; calls `painter.finish()` when there are no more to come.
   * @param say tells a person something
   */
  feed(painter: Painter, stopped: AbortSignal, say: (text: string) => void): Promise<void>;
  /** Queues what the ledger has marked to be tried again. */
  retry?(painter: Painter): Promise<void>;
  /** Goes on beside the painting; rejects should that have to end at once. */
  beside?(painter: Painter): Promise<never>;
  /** Is told every event too. */
  also?(event: PaintEvent): void;
}

/** Runs to the end or until a signal, and sets the exit code. */
export async function paintSession({
  title,
  flags,
  recipes,
  feed,
  also,
  beside,
  retry,
  ...options
}: SessionOptions): Promise<Painter> {
  const stopped = new AbortController();
  let exitCode: number | undefined;
  let reporter: Reporter | undefined;
  const listener = {
    event: (event) => {
      also?.(event);
      log?.event(event);
      if (isProgress(event)) health?.beat();
      reporter?.event(event);
    },
    preview: (preview) => reporter?.preview(preview),
    message: (text) => {
      log?.message(text);
      reporter?.message(text);
    },
    note: (text) => {
      log?.note(text);
      if (!flags.quiet) reporter?.message(text);
    },
  } satisfies PainterOptions['listener'];
  const notes: string[] = [];
  const placements = await choosePlacements(flags, (line) => notes.push(line));
  const log = flags.log === undefined ? undefined : openLog(flags.log, (text) => reporter?.message(text));
  const { strictSize, memory } = flags;
  const previews = hasScreen(flags);
  const painter = new Painter({ ...options, listener, placements, previews, strictSize, memory });

  const health = flags.health === undefined ? undefined : openHealth(flags.health, () => painter.isResting);

  /** First time: stop cleanly. Second time: at once. */
  const stop = (code: number) => {
    if (exitCode !== undefined) kill(code);
    exitCode = code;
    stopped.abort();
    void painter.stop();
  };
  const kill = (code: number) => {
    reporter?.close();
    process.exit(code);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const handlers = signals.map((signal) => [signal, () => stop(128 + constants.signals[signal])] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  reporter = await openReporter(flags, {
    title,
    ...screenActions({ painter, ledger: options.ledger, recipes, retry }),
    onQuit: () => stop(0),
    onInterrupt: () => stop(128 + constants.signals.SIGINT),
  });
  for (const note of notes) listener.message(note);
  try {
    // A fault of the feed (the inbox vanished, say) ends the painting too.
    const painting = Promise.all([
      feed(painter, stopped.signal, listener.message).catch(endWith),
      painter.run(),
    ]);
    await (beside ? Promise.race([painting, beside(painter)]) : painting);
  } finally {
    stopped.abort();
    await painter.stop();
    health?.close();
    await log?.close();
    reporter.close();
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
  process.exitCode = exitCode ?? (painter.counts.failed > 0 ? 1 : 0);
  return painter;

  async function endWith(error: unknown): Promise<never> {
    await painter.stop();
    throw error;
  }
}
