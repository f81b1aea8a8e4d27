/**
 * Runs what follows paintings, beside the painting: one after the other, in the order in which pictures end. Each command is
 * recorded as begun before it is started, so that after a crash none is run twice without anybody knowing.
 */
import { dirname } from 'node:path';
import pRetry from 'p-retry';
import type { FollowUp, FollowUpPlan } from '../../queue/follow-ups.js';
import type { Persistence } from '../../queue/persistence.js';
import type { JobStore } from '../../queue/store.js';
import type { PaintEvent } from '../../render/events.js';
import { isBelow } from '../../util/read-file.js';
import { isTransient, retryUntilAvailable } from '../../util/transient.js';
import { type Command, environment, filled, valuesOf } from './command-line.js';
import { movePhoto, NotMoved } from './move-photo.js';
import { CommandFailure, runCommand } from './run-command.js';

/** What flags ask for. */
export interface FollowUpFlags {
  exec: readonly Command[];
  execFailed: readonly Command[];
  /** Milliseconds that a command may take. */
  timeout: number;
  /** How often one that failed is tried again. */
  retries: number;
  /** Folders that photos are moved to. */
  moveDone?: string;
  moveFailed?: string;
}

export const followUpPlan = ({ exec, execFailed, moveDone, moveFailed }: FollowUpFlags): FollowUpPlan => ({
  done: { commands: exec.map(({ line }) => line), folder: moveDone },
  failed: { commands: execFailed.map(({ line }) => line), folder: moveFailed },
});

export interface RunnerOptions extends FollowUpFlags {
  store: JobStore;
  persistence: Persistence;
  /** The folder whose photos are moved; undefined: any photo. */
  inboxes?: () => readonly string[];
  /** The number that events have for a row of the job store, and the other way around. */
  jobOf(row: number): number;
  rowOf(job: number): number;
  publish(event: PaintEvent): void;
  say(text: string): void;
  /** Aborted when the program should end. */
  stopped: AbortSignal;
}

/** Milliseconds before the second attempt of a command, and at most between two. */
const firstPause = 1000;
const longestPause = 60_000;

/** Milliseconds between two looks for commands that `jobs rerun` asks for. */
const lookEvery = 3000;

/** Milliseconds that a command may still take when the program is told to end. */
const patienceAtEnd = 5000;

export class FollowUpRunner {
  private readonly commands: ReadonlyMap<string, Command>;
  /** Aborted a while after the program was told to end: ends the command that is running. */
  private readonly ending = new AbortController();
  /** The command that is running. */
  private running: string | undefined;
  private isFinishing = false;
  private wake = () => {};

  constructor(private readonly options: RunnerOptions) {
    const { exec, execFailed, stopped, say } = options;
    this.commands = new Map([...exec, ...execFailed].map((command) => [command.line, command]));
    stopped.addEventListener('abort', () => {
      this.wake();
      if (this.running) say(`Waiting a few seconds for ${this.running} to end.`);
      setTimeout(() => this.ending.abort(), patienceAtEnd).unref();
    });
  }

  /** Runs what is there and what is added, until finish() and nothing is left, or the program should end. */
  async run(): Promise<void> {
    const { store, persistence, stopped } = this.options;
    for (const each of store.interrupted) this.publish(each, 'unknown', each.reason ?? undefined);
    await persistence.unlessStopped(async () => {
      while (!stopped.aborted) {
        const next = await persistence.until(() => store.followUps.next());
        if (next) await (next.kind === 'command' ? this.execute(next) : this.move(next));
        else if (this.isFinishing) return;
        else
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, lookEvery);
            this.wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
      }
    });
  }

  /** Nothing will be added any more. */
  finish(): void {
    this.isFinishing = true;
    this.wake();
  }

  /** A picture has ended; what follows it waits. */
  added(job: number): void {
    const { store, rowOf } = this.options;
    for (const each of store.followUps.ofJob(rowOf(job))) this.publish(each, 'waiting');
    this.wake();
  }

  /** How many were not run, since the program ended before. */
  get left(): number {
    return this.options.store.followUps.count();
  }

  private async execute(step: FollowUp): Promise<void> {
    const { store, persistence, timeout, retries, stopped } = this.options;
    const { followUps } = store;
    const values = valuesOf(step);
    const words = filled(this.commands.get(step.what)!, values);
    const env = environment(values);
    const end = async (
      status: FollowUp['status'] & ('done' | 'failed' | 'waiting' | 'unknown'),
      reason?: string,
    ) => {
      await persistence.until(() => followUps.end(step.id, status, reason));
      this.publish(step, status, reason);
    };
    let isDone = false;
    const attempt = async () => {
      await persistence.until(() => followUps.begin(step.id));
      step.attempts++;
      this.publish(step, 'running');
      this.running = step.what;
      await runCommand(words, { timeout, env, signal: this.ending.signal }).finally(() => {
        this.running = undefined;
      });
      isDone = true;
      await end('done');
    };
    const isRetryable = (error: unknown) => error instanceof CommandFailure && error.isRetryable;
    try {
      await pRetry(attempt, {
        retries,
        factor: 2,
        minTimeout: firstPause,
        maxTimeout: longestPause,
        signal: stopped,
        shouldRetry: ({ error }) => isRetryable(error),
        onFailedAttempt: async ({ error, retriesLeft }) => {
          if (retriesLeft > 0 && isRetryable(error)) await end('waiting', error.message);
        },
      });
    } catch (error) {
      if (error instanceof CommandFailure) await end('failed', error.message);
      else if (this.ending.signal.aborted && !isDone)
        await end('unknown', 'it was ended with the program, and may have run');
      else if (!stopped.aborted) throw error;
    }
  }

  private async move(step: FollowUp): Promise<void> {
    const { store, persistence, inboxes, moveDone, moveFailed, stopped } = this.options;
    const { source, what: folder } = step;
    const root = [moveDone, moveFailed, ...(inboxes?.() ?? [])].find(
      (root) => root !== undefined && isBelow(source, root),
    );
    // A photo from elsewhere stays there.
    if (root === folder || (root === undefined && inboxes))
      return persistence.until(() => store.followUps.end(step.id, 'done'));
    const begin = (target: string) => {
      store.followUps.begin(step.id, target);
      step.attempts++;
    };
    try {
      const move = () => movePhoto(step, { root: root ?? dirname(source), begin });
      const to = await retryUntilAvailable(move, { when: isTransient, tries: 3, signal: stopped });
      await persistence.until(() => store.followUps.moved(step.id, source, to));
      this.publish(step, 'done', undefined, to);
    } catch (error) {
      if (stopped.aborted) return;
      const { code, message } = error as NodeJS.ErrnoException;
      const reason =
        error instanceof NotMoved ? message : `it cannot be moved to ${folder} (${code ?? message})`;
      await persistence.until(() => store.followUps.end(step.id, 'failed', reason));
      this.publish(step, 'failed', reason);
    }
  }

  private publish(
    { job, source, kind, what, attempts }: FollowUp,
    status: Extract<PaintEvent, { event: 'follow-up' }>['status'],
    reason?: string,
    to?: string,
  ): void {
    this.options.publish({
      event: 'follow-up',
      time: new Date().toISOString(),
      job: this.options.jobOf(job),
      source,
      ...(kind === 'command' ? { command: what } : { move: what }),
      ...{ status, attempts, reason, to },
    });
  }
}
