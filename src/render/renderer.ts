/**
 * The parent's side of a slot: a child process that is started on demand, reused between jobs, and replaced after a crash
 * or a hang. Native libraries may abort, leak or block, which must not affect the program itself.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentFor } from '../engine/environment.js';
import type { Placement } from '../engine/placement.js';
import { wantedSide } from '../settings/settings.js';
import { type Forked, forkModule } from '../util/fork.js';
import { countOomKills } from '../util/memory-budget.js';
import { toOutcome } from './exit-reason.js';
import type { Control, FromChild, Outcome, Progress, RenderJob, ToChild, Upcoming } from './messages.js';
import { Watchdog } from './watchdog.js';

/** Milliseconds without a message that are always allowed, for loading a network and opening a session on a busy machine. */
const defaultPatience = 120_000;

/** Milliseconds to finish an evaluation and write a checkpoint when stopping. */
const stopTimeout = 4000;

/** Milliseconds to save a picture when stopping: all that is kept of it, and a second signal ends the waiting. */
const partialTimeout = 20_000;

const defaultChild = fileURLToPath(new URL('./child.js', import.meta.url));

export interface RendererOptions {
  /** Milliseconds without a message that are always allowed. */
  patience?: number;
  /** Path of the child's module. */
  child?: string;
}

export class Renderer {
  private child: ChildProcess | undefined;
  /** The end of the child's stderr. */
  private stderrTail = () => '';
  /** The latest job, if something is kept of it when it is stopped. */
  private kept: { outcome: Promise<Outcome>; timeout: number } | undefined;
  private stopped = false;

  constructor(
    private readonly placement: Placement,
    private readonly options: RendererOptions = {},
  ) {}

  /** The child's process id, if it is running. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Paints one job; calls must not overlap. If the child dies or hangs, the outcome is `failed`, with the reason.
   * @throws the system's error if no process can be started
   */
  async render(job: RenderJob, progress: (message: Progress) => void): Promise<Outcome> {
    const child = await this.start(wantedSide(job.settings));
    if (this.stopped) {
      child.kill('SIGKILL');
      return { type: 'stopped' };
    }
    const outcome = new Promise<Outcome>((resolve) => {
      const watchdog = new Watchdog(this.options.patience ?? defaultPatience, () => {
        this.stderrTail = () => 'it made no progress for too long and was stopped';
        child.kill('SIGKILL');
      });
      const finish = (outcome: Outcome) => {
        watchdog.end();
        child.off('message', hear);
        child.off('exit', die);
        resolve(outcome);
      };
      const hear = (message: FromChild) => {
        watchdog.onMessage(message);
        if (isOutcome(message)) finish(message);
        else progress(message);
      };
      const killsBefore = countOomKills();
      const die = (code: number | null, signal: string | null) => {
        const oomKills = countOomKills() - killsBefore;
        finish(toOutcome({ code, signal, stderrTail: this.stderrTail(), byUs: child.killed, oomKills }));
      };
      child.on('message', hear);
      child.on('exit', die);
      this.send({ type: 'render', job, placement: this.placement });
    });
    const timeout = job.state === undefined ? partialTimeout : stopTimeout;
    this.kept = job.state !== undefined || job.keepsPartial ? { outcome, timeout } : undefined;
    return outcome;
  }

  control(message: Control): void {
    this.send(message);
  }

  /** Reads the inputs of this job while another one is painted. */
  prefetch(job: Upcoming): void {
    this.send({ type: 'prefetch', job });
  }

  /** Lets the current job save a checkpoint or its best picture, within seconds, then ends the child. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.child && this.kept) {
      this.control({ type: 'stop' });
      const timer = new AbortController();
      const timeout = sleep(this.kept.timeout, undefined, { signal: timer.signal }).catch(() => {});
      await Promise.race([this.kept.outcome, timeout]);
      timer.abort();
    }
    await this.close();
  }

  /** Kills the child at once. Outputs are renamed into place, so none can be incomplete. */
  async close(): Promise<void> {
    const { child } = this;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  private send(message: ToChild): void {
    if (this.child?.connected) this.child.send(message);
  }

  /** @param longest side in pixels of the first job */
  private async start(longest: number): Promise<ChildProcess> {
    if (this.child) return this.child;
    const { child, stderrTail } = await spawned(
      this.options.child ?? defaultChild,
      environmentFor(this.placement, longest),
    );
    this.child = child;
    this.stderrTail = stderrTail;
    child.once('exit', () => {
      this.child = undefined;
    });
    child.on('error', () => {}); // sending to a dying child fails; its exit is handled
    yieldToScreen(child);
    return child;
  }
}

/** @throws the system's error if no process can be started */
async function spawned(module: string, env: NodeJS.ProcessEnv): Promise<Forked> {
  try {
    const forked = forkModule(module, { execArgv: [...process.execArgv, '--expose-gc'], env });
    await once(forked.child, 'spawn');
    return forked;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(`the painting process cannot be started (${code})`), { code });
  }
}

const isOutcome = (message: FromChild): message is Outcome =>
  'type' in message && ['done', 'skipped', 'stopped', 'replaced', 'failed'].includes(message.type);

/** Painting uses all cores; a lower priority keeps the screen responsive. */
function yieldToScreen(child: ChildProcess): void {
  try {
    if (child.pid) os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not permitted on this system; the default priority works too.
  }
}
