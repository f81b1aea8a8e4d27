/** A folder being watched: which of its files are pictures, handed on whole and in the order in which they came. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { watch } from 'chokidar';
import { isPictureName } from '../image/formats.js';
import { UserError } from '../settings/errors.js';
import { type Patience, untilWhole, usualPatience, type Verdict } from './whole.js';

export interface InboxOptions {
  folder: string;
  /** Never looked into, also where it lies inside the folder. */
  outbox: string;
  /** Only what is there now. */
  once?: boolean;
  patience?: Patience;
}

export type Arrival = { path: string; reason?: undefined } | { path: string; reason: string };

/** What browsers, editors and copying programs leave while they are at it, and hidden files. */
const unfinished = /^[.~]|\.(part|crdownload|tmp)$/i;

/** How many files are examined at a time: each examination decodes. */
const width = 4;

/**
 * Yields each picture once it is whole, or with the reason why it is none: first the files that are there, oldest
 * first, then those that come. A changed file is a new arrival. Ends with the signal, or after the first lot if `once`.
 * @throws UserError if the folder cannot be read
 */
export async function* openInbox(options: InboxOptions, signal: AbortSignal): AsyncGenerator<Arrival, void> {
  const { folder, outbox, once = false, patience = usualPatience } = options;
  const arrivals = new Arrivals(patience, signal);
  const wanted = (path: string) => isPictureName(path) && !unfinished.test(basename(path));

  const present = await listByAge(folder);
  for (const path of present) if (wanted(path)) arrivals.examine(path);
  if (once) {
    arrivals.complete();
  } else {
    const known = new Set(present);
    const watcher = watch(folder, { depth: 0, ignored: (path) => resolve(path) === resolve(outbox) });
    const look = (path: string) => {
      if (wanted(path)) arrivals.examine(path);
    };
    // chokidar reports what was listed above once more; everything it says later counts.
    watcher.on('add', (path) => known.delete(join(path)) || look(path));
    watcher.on('change', look);
    watcher.on('error', (error) => arrivals.fail(asUserError(folder, error)));
    signal.addEventListener('abort', () => void watcher.close(), { once: true });
  }
  yield* arrivals.inOrder();
}

interface Entry {
  path: string;
  /** When its examination began. */
  since?: number;
  /** How its examination ended. */
  settled?: Verdict;
}

/** Files under examination, in order of arrival. */
class Arrivals {
  private readonly queue: Entry[] = [];
  private readonly waitingForTurn: Array<() => void> = [];
  private busy = 0;
  private completed = false;
  private failure: Error | undefined;
  private wake = () => {};

  constructor(
    private readonly patience: Patience,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  /** A file that came or changed; one that is under examination already is not examined twice. */
  examine(path: string): void {
    if (this.queue.some((entry) => entry.path === path && !entry.settled)) return;
    const entry: Entry = { path };
    this.queue.push(entry);
    this.inTurn(entry).then(
      (verdict) => {
        entry.settled = verdict;
        this.wake();
      },
      (error) => this.fail(error),
    );
  }

  complete(): void {
    this.completed = true;
    this.wake();
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  /** A file that is slow to come does not hold up those behind it; otherwise first come, first out. */
  async *inOrder(): AsyncGenerator<Arrival, void> {
    while (!this.signal.aborted) {
      if (this.failure) throw this.failure;
      const at = this.queue.findIndex((entry) => !this.isSlow(entry));
      if (this.queue[at]?.settled) {
        const [{ path, settled }] = this.queue.splice(at, 1);
        if (settled && 'whole' in settled) yield settled.whole ? { path } : { path, reason: settled.reason };
        continue;
      }
      if (this.completed && this.queue.length === 0) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, this.patience.settle).unref();
      });
    }
  }

  /** Still growing, or broken: such a file is overtaken. */
  private isSlow({ settled, since }: Entry): boolean {
    return !settled && since !== undefined && Date.now() - since > 3 * this.patience.settle;
  }

  private async inTurn(entry: Entry): Promise<Verdict> {
    if (this.busy >= width) await new Promise<void>((resolve) => this.waitingForTurn.push(resolve));
    this.busy++;
    entry.since = Date.now();
    try {
      return await untilWhole(entry.path, this.patience, this.signal);
    } catch (error) {
      if (this.signal.aborted) return { gone: true };
      throw error;
    } finally {
      this.busy--;
      this.waitingForTurn.shift()?.();
    }
  }
}

/** The folder's files, oldest first. */
async function listByAge(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw asUserError(folder, error);
  });
  const files: Array<{ path: string; mtime: number }> = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found) files.push({ path, mtime: found.mtimeMs });
  }
  return files.sort((a, b) => a.mtime - b.mtime || a.path.localeCompare(b.path)).map(({ path }) => path);
}

function asUserError(folder: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  const what =
    code === 'ENOENT'
      ? 'there is no such folder. Make it, or name another'
      : `cannot be watched (${code ?? message})`;
  return new UserError(`${folder}: ${what}.`);
}
