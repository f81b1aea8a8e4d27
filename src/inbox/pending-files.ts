/** Files being examined; they are yielded in order of arrival, once for each content. */
import pLimit from 'p-limit';
import { isTemporary, retryUntilAvailable } from '../util/transient.js';
import type { ScannedFile } from './scan.js';
import { sidecarsOf } from './sidecar.js';
import {
  type FileStamps,
  isSame,
  judgePicture,
  type Patience,
  type Rules,
  untilStable,
  type Verdict,
} from './stability.js';

export type Arrival = { path: string } & Verdict;

/** Longest delay in milliseconds before a file is tried again that cannot be read through no fault of its own. */
const longestPause = 30_000;

/** How often such a file is tried with --once: for about a quarter of a minute. */
const triesOnce = 5;

/** Number of files to examine at the same time. Fewer are decoded: see examine(). */
const maxConcurrent = 8;

/** Number of files to follow until they are complete; slow ones do not count. Each takes memory: 20 KB. */
const maxFollowed = 256;

interface Entry {
  path: string;
  /** Still growing, or incomplete; later files may be yielded first. */
  slow?: boolean;
  /** Lets another file be followed. */
  release?(): void;
  /** The result of its examination; null if it is gone. */
  verdict?: Verdict | null;
}

export class PendingFiles {
  private readonly queue: Entry[] = [];
  private readonly underWay = new Set<string>();
  /** Stamps of files and their sidecars when they were examined. */
  private readonly judged = new Map<string, FileStamps>();
  private readonly followed = pLimit(maxFollowed);
  private readonly limit = pLimit(maxConcurrent);
  private completed = false;
  private failure: Error | undefined;
  private wake = () => {};

  constructor(
    private readonly patience: Patience,
    private readonly rules: Rules,
    private readonly signal: AbortSignal,
    private readonly say: (text: string) => void,
  ) {
    const onAbort = () => {
      this.followed.clearQueue();
      this.wake();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  }

  /**
   * Takes all files of the folder, in order of arrival, and examines those that are new or changed.
   * @param present the files were there before watching started
   * @param isSameFolder files that are no longer listed are gone; they are not if another folder took the place of theirs
   */
  bring(listed: readonly ScannedFile[], present: boolean, isSameFolder = true): void {
    const listedPaths = new Set(listed.map(({ path }) => path));
    const paths = [...this.judged.keys()].filter((path) => !listedPaths.has(path));
    for (const path of paths) this.judged.delete(path);
    if (isSameFolder && paths.length > 0)
      this.queue.push({ path: paths[0], verdict: { kind: 'gone', paths } });
    for (const { path, look, verdict } of listed) {
      const before = this.judged.get(path);
      if (this.underWay.has(path) || (before && isSame(before, look))) continue;
      const entry: Entry = { path, verdict };
      this.queue.push(entry);
      if (verdict) this.judged.set(path, look);
      else this.follow(entry, present);
    }
    this.wake();
  }

  /** Drops files that are not complete yet, since the folder is no longer watched. */
  end(): void {
    this.followed.clearQueue();
    this.queue.splice(0);
    this.complete();
  }

  /** No more files will be added. */
  complete(): void {
    this.completed = true;
    this.wake();
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake();
  }

  /** Yields in order of arrival, except that a slow file does not delay those after it. */
  async *inOrder(): AsyncGenerator<Arrival, void> {
    while (!this.signal.aborted) {
      if (this.failure) throw this.failure;
      const at = this.queue.findIndex(({ slow, verdict }) => !slow || verdict !== undefined);
      if (this.queue[at]?.verdict !== undefined) {
        const [{ path, verdict }] = this.queue.splice(at, 1);
        if (verdict) yield { path, ...verdict };
        continue;
      }
      if (this.completed && this.queue.length === 0) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private follow(entry: Entry, present: boolean): void {
    this.underWay.add(entry.path);
    const untilDoneOrSlow = () =>
      new Promise<void>((resolve) => {
        entry.release = resolve;
        void this.examine(entry, present);
      });
    void this.followed(untilDoneOrSlow);
  }

  private async examine(entry: Entry, present: boolean): Promise<void> {
    const { path } = entry;
    const sidecars = sidecarsOf(path, this.rules.folder);
    const onSlow = () => {
      entry.slow = true;
      entry.release?.();
      this.wake();
    };
    const judge = () =>
      retryUntilAvailable(() => this.limit(() => judgePicture(path, this.rules, onSlow)), {
        when: isTemporary,
        report: ({ message }) => {
          onSlow();
          this.say(`${message} It is looked at again until it can be.`);
        },
        signal: this.signal,
        longestPause,
        tries: this.completed ? triesOnce : undefined,
      });
    try {
      const { patience } = this;
      const found = await untilStable(path, { patience, sidecars, present, judge, onSlow }, this.signal);
      const isUnderWay = found?.verdict.kind === 'bad' && found.verdict.isUnderWay;
      // While files are still brought, it is brought again.
      if (found && !(isUnderWay && !this.completed)) {
        entry.verdict = found.verdict;
        this.judged.set(path, found.look);
      } else entry.verdict = null;
    } catch (error) {
      if (isTemporary(error)) entry.verdict = { kind: 'away', reason: (error as Error).message };
      else if (!this.signal.aborted) this.fail(error as Error);
    } finally {
      this.underWay.delete(path);
      entry.release?.();
      this.wake();
    }
  }
}
