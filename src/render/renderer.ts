/**
 * The parent's side of a render slot: a child process that is started when needed, reused between jobs, and replaced
 * after a crash or a hang. Native libraries abort, leak and block; the program must not.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentFor } from '../engine/environment.js';
import type { Placement } from '../engine/placement.js';
import { type Forked, forkModule } from '../util/fork.js';
import { toOutcome } from './exit-reason.js';
import { countOomKills } from './memory-budget.js';
import type { Control, FromChild, Outcome, Progress, RenderJob, ToChild, Upcoming } from './messages.js';
import { Watchdog } from './watchdog.js';

/** Milliseconds of silence that are never too long: reading a network and opening a session on a busy machine. */
const usualPatience = 120_000;

/** Milliseconds for an evaluation and the writing, when a job is stopped. */
const patienceToStop = 4000;

const usualChild = fileURLToPath(new URL('./child.js', import.meta.url));

export interface RendererOptions {
  /** Milliseconds for which a child may be silent, at least. */
  patience?: number;
  /** The child's module. */
  child?: string;
}

export class Renderer {
  private child: ChildProcess | undefined;
  /** The latest of what the child wrote on stderr. */
  private stderrTail = () => '';
  /** The outcome of the latest job, if it can go on another time. */
  private resumable: Promise<Outcome> | undefined;
  private stopped = false;

  constructor(
    private readonly placement: Placement,
    private readonly options: RendererOptions = {},
  ) {}

  /** The child's process id, while there is one. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Paints one job; progress is told as it comes. A child that dies or hangs gives a failed outcome with the reason.
   * One job at a time.
   * @throws the system's error if no process can be started
   */
  async render(job: RenderJob, progress: (message: Progress) => void): Promise<Outcome> {
    const { width, size } = job.settings;
    const child = await this.start(width ?? size);
    if (this.stopped) {
      child.kill('SIGKILL');
      return { type: 'stopped' };
    }
    const outcome = new Promise<Outcome>((resolve) => {
      const watchdog = new Watchdog(this.options.patience ?? usualPatience, () => {
        this.stderrTail = () => 'it said nothing for too long and was stopped';
        child.kill('SIGKILL');
      });
      const finish = (outcome: Outcome) => {
        watchdog.end();
        child.off('message', hear);
        child.off('exit', die);
        resolve(outcome);
      };
      const hear = (message: FromChild) => {
        watchdog.heard(message);
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
    this.resumable = job.state === undefined ? undefined : outcome;
    return outcome;
  }

  control(message: Control): void {
    this.send(message);
  }

  /** Has what this job needs made ready, while another one is painted. */
  prepare(job: Upcoming): void {
    this.send({ type: 'prepare', job });
  }

  /** Lets the job under way write down where it stands, unless that takes longer than a person waits; then ends. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.child && this.resumable) {
      this.control({ type: 'stop' });
      const enough = new AbortController();
      const wait = sleep(patienceToStop, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([this.resumable, wait]);
      enough.abort();
    }
    await this.close();
  }

  /** Ends the child at once; nothing half-written is left, since outputs are renamed into place. */
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

  /** @param longest side in pixels of what it is started for */
  private async start(longest: number): Promise<ChildProcess> {
    if (this.child) return this.child;
    const { child, stderrTail } = await begin(
      this.options.child ?? usualChild,
      environmentFor(this.placement, longest),
    );
    this.child = child;
    this.stderrTail = stderrTail;
    child.once('exit', () => {
      this.child = undefined;
    });
    child.on('error', () => {}); // a message to a child that is just dying; its exit says the rest
    yieldToScreen(child);
    return child;
  }
}

/** @throws the system's error if no process can be started */
async function begin(module: string, env: NodeJS.ProcessEnv): Promise<Forked> {
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

/** Painting takes every core it gets: at a lower priority it leaves keys and screen their moment. */
function yieldToScreen(child: ChildProcess): void {
  try {
    if (child.pid) os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not permitted here: then it competes.
  }
}
