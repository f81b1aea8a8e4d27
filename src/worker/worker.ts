/**
 * Works through a queue: claims the first job, has it painted, and records the outcome. Each slot paints one picture at a
 * time.
 */
import type { Placement } from '../engine/placement.js';
import { type Claim, type Failure, LeaseLost, type QueuedJob } from '../queue/queue.js';
import type { PaintEvent } from '../render/events.js';
import type { Control, Outcome } from '../render/messages.js';
import { Renderer } from '../render/renderer.js';
import { removeState } from '../render/state.js';
import type { Recipe } from '../settings/recipe.js';
import { memoryForEach } from '../util/memory-budget.js';
import { type JobContext, type Messages, runJob } from './run-job.js';

type OfJob = 'stopped' | 'limit' | 'within' | 'prefetch' | 'reportOnce';

export interface WorkerOptions extends Omit<JobContext, OfJob> {
  /** Aborted by stop(). */
  stopped: AbortController;
  /** Pictures may arrive at any time, so `idle` is published; otherwise the program ends soon anyway. */
  longRunning?: boolean;
  /** Seconds since the start of the program in which all pictures are painted; if pictures may always arrive, each of them. */
  within?: number;
  /** Bytes that all painting processes together may use; the free memory if undefined. */
  memory?: number;
  /** Engines and devices to paint on at the same time: one slot for each. */
  placements: readonly Placement[];
}

/** A painting process, and its current job. */
interface Slot {
  /** From 1. */
  number: number;
  renderer: Renderer;
  claim?: Claim;
  /** When it was claimed, by performance.now(). */
  claimed: number;
  /** A new recipe for the current job, which then starts from the beginning. */
  instead?: Recipe;
  /** The job whose inputs are prefetched. */
  prefetched?: number;
}

/** Milliseconds that a claim lasts, and between two renewals. */
const lease = 60_000;
const renewEvery = 15_000;

/** Milliseconds without work after which `idle` is published. */
const idleAfter = 500;

/** Milliseconds in which pictures gather before the time is shared again. */
const shareEvery = 1000;

export class Worker {
  private readonly slots: readonly Slot[];
  /** Messages that are printed only once, however many photos they concern. */
  private readonly reported = new Set<string>();
  private isFinishing = false;
  private isDraining = false;
  private isIdleReported = false;
  private hasPainted = false;
  private timeSharing: NodeJS.Timeout | undefined;
  /** Wake the idle slots. */
  private sleepers: (() => void)[] = [];

  constructor(private readonly options: WorkerOptions) {
    this.slots = options.placements.map((placement, i) => ({
      number: i + 1,
      renderer: new Renderer(placement),
      claimed: 0,
    }));
  }

  /** Paints until the queue is empty after finish(), also of what is held, or until stop() or drain(). */
  async run(): Promise<void> {
    const { queue } = this.options;
    const unsubscribe = queue.subscribe({
      event: ({ event }) => {
        // A picture that is held may have been the last one that was waited for.
        if (event === 'queued' || event === 'skipped') this.wake();
        if (event === 'queued') this.shareTimeSoon();
      },
      preview: () => {},
    });
    await Promise.all(this.slots.map((slot) => this.work(slot))).finally(unsubscribe);
    clearTimeout(this.timeSharing);
  }

  /** No more jobs will be added: run() returns when the queue is empty. */
  finish(): void {
    this.isFinishing = true;
    this.wake();
  }

  /** Finishes the current pictures, and starts no others. */
  drain(): void {
    this.isDraining = true;
    this.wake();
  }

  /** Starts no picture of these inboxes, see JobQueue.hold(); those that are being painted go on. */
  hold(inboxes: readonly { readonly folder: string }[]): void {
    this.options.queue.hold?.(inboxes);
    this.wake();
  }

  /** Ends within seconds; the current pictures go back into the queue, to be resumed at the next start. */
  async stop(): Promise<void> {
    this.options.stopped.abort();
    this.wake();
    await Promise.all(this.slots.map(({ renderer }) => renderer.stop()));
  }

  /** Whether nothing is being painted. */
  get isIdle(): boolean {
    return this.slots.every(({ claim }) => claim === undefined);
  }

  /** Whether a job is being painted here. */
  isPainting(job: number): boolean {
    return this.slotOf(job) !== undefined;
  }

  /** Sends a request to this job's picture; ignored unless it is being painted. */
  control(job: number, message: Control): void {
    this.slotOf(job)?.renderer.control(message);
  }

  /** Restarts a picture that is being painted with another recipe. */
  repaint(job: number, recipe: Recipe): void {
    const slot = this.slotOf(job);
    if (!slot) return;
    slot.instead = recipe;
    slot.renderer.control({ type: 'stop' });
  }

  private slotOf(job: number): Slot | undefined {
    return this.slots.find((slot) => slot.claim?.job.id === job);
  }

  private async work(slot: Slot): Promise<void> {
    const { queue, persistence } = this.options;
    await persistence.unlessStopped(async () => {
      while (!this.isStopped && !this.isDraining) {
        if (this.isTimeOver) {
          await this.endInTime();
          break;
        }
        slot.claim = await persistence.until(() => queue.claim(lease));
        slot.claimed = performance.now();
        if (slot.claim) {
          this.isIdleReported = false;
          await this.paint(slot.claim, slot);
        } else if (this.isFinishing && !(await this.isAnyHeld())) break;
        else await this.rest();
      }
    });
    await slot.renderer.close();
  }

  private get isStopped(): boolean {
    return this.options.stopped.signal.aborted;
  }

  /** Waits for work. Publishes `idle` when all slots have been waiting for a moment. */
  private async rest(): Promise<void> {
    const publishIdle = () => {
      this.isIdleReported = true;
      this.options.queue.publish({ event: 'idle', time: now() });
    };
    const isLast = this.sleepers.length === this.slots.length - 1;
    const { longRunning, queue } = this.options;
    const timer =
      longRunning && isLast && !this.isIdleReported ? setTimeout(publishIdle, idleAfter) : undefined;
    const poll = queue.pollInterval && setTimeout(() => this.wake(), queue.pollInterval);
    await new Promise<void>((resolve) => {
      this.sleepers.push(resolve);
    });
    clearTimeout(timer);
    clearTimeout(poll);
  }

  private wake(): void {
    for (const wake of this.sleepers.splice(0)) wake();
  }

  private async paint(claim: Claim, slot: Slot): Promise<void> {
    const renewal = this.keepClaim(claim, slot);
    try {
      const outcome = await runJob(claim, slot, {
        ...this.options,
        stopped: this.options.stopped.signal,
        limit: () => this.memoryLimit(slot),
        within: () => this.timeFor(slot),
        prefetch: () => this.prefetchNext(slot),
        reportOnce: (kind, text) => this.reportOnce(kind, text),
      });
      this.hasPainted = true;
      const { instead } = slot;
      [slot.claim, slot.instead] = [undefined, undefined];
      await this.conclude(claim, outcome, instead);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.options.messages.message(`${claim.job.source}: another worker has taken over its painting.`);
    } finally {
      clearInterval(renewal);
      slot.claim = undefined;
      await this.options.forget?.(claim.job).catch(() => {});
    }
  }

  /** Renews the claim, and stops the painting if it was lost, for example while the machine was asleep. */
  private keepClaim(claim: Claim, { renderer }: Slot): NodeJS.Timeout {
    return setInterval(() => {
      this.options.queue.renew(claim, lease).catch((error) => {
        if (error instanceof LeaseLost) renderer.control({ type: 'stop' });
      });
    }, renewEvery);
  }

  private async conclude(claim: Claim, outcome: Outcome, instead?: Recipe): Promise<void> {
    const { queue, persistence } = this.options;
    const { job } = claim;
    const isInterrupted = outcome.type === 'stopped' || (this.isStopped && outcome.type === 'failed');
    if (isInterrupted) {
      const recipe = this.isStopped ? undefined : instead;
      if (recipe) await this.removeCheckpoint(job);
      await persistence.until(() => queue.release(claim, recipe));
      if (recipe) this.publish({ event: 'queued', ...this.eventFields(job) });
      return;
    }
    await this.removeCheckpoint(job);
    switch (outcome.type) {
      case 'done': {
        const { type, ...results } = outcome;
        await persistence.until(() => queue.complete(claim, results));
        return this.publish({ event: type, ...this.eventFields(job), ...results });
      }
      case 'skipped': {
        const reason = 'skipped by hand';
        await persistence.until(() => queue.skip(claim, reason));
        return this.publish({ event: 'skipped', ...this.eventFields(job), reason });
      }
      case 'replaced':
        return this.replaced(claim);
      case 'failed':
        return this.failed(claim, outcome.reason, { isRetryable: outcome.retryable });
    }
  }

  private async failed(claim: Claim, reason: string, failure: Failure = {}): Promise<void> {
    const { queue, persistence } = this.options;
    await persistence.until(() => queue.fail(claim, reason, failure));
    const event = failure.isReplaced ? 'skipped' : 'failed';
    this.publish({ event, ...this.eventFields(claim.job), reason });
  }

  /** Recorded as failed in either case, so that this content is painted if it comes again. */
  private async replaced(claim: Claim): Promise<void> {
    const what = 'the file was replaced before its turn came';
    if (this.options.longRunning)
      await this.failed(claim, `${what}; the new content is painted instead`, { isReplaced: true });
    else await this.failed(claim, `${claim.job.source}: ${what}. Start again to paint the new content.`);
  }

  /** Prefetches the next job that no other slot prefetches. Does nothing if the queue cannot be read at the moment. */
  private async prefetchNext(slot: Slot): Promise<void> {
    const others = this.slots.filter((other) => other !== slot).map(({ prefetched }) => prefetched);
    const next = await this.options.queue.peek(this.slots.length).catch(() => []);
    const job = next.find(({ id }) => !others.includes(id));
    slot.prefetched = job?.id;
    if (job) slot.renderer.prefetch({ ...job.recipe, source: job.source, sourceHash: job.sourceHash });
  }

  /**
   * Bytes that a slot's process may use: the free or allowed memory, in equal shares for the slots that compute on the
   * processor. Undefined for a slot on a card, whose use of both memories is unknown.
   */
  private memoryLimit({ number }: Slot): number | undefined {
    const onProcessor = (i: number) => this.options.placements[i].device === 'cpu';
    if (!onProcessor(number - 1)) return undefined;
    const pids = this.slots.filter((_, i) => onProcessor(i)).map(({ renderer }) => renderer.pid);
    const { memory = Number.POSITIVE_INFINITY } = this.options;
    return Math.min(memory / pids.length, memoryForEach(pids));
  }

  /** Seconds left for all pictures; undefined if there is no limit, or one for each. */
  private get timeLeft(): number | undefined {
    const { within, longRunning } = this.options;
    return within === undefined || longRunning ? undefined : within - performance.now() / 1000;
  }

  /** Whether no other picture is begun. One is painted however little time there is. */
  private get isTimeOver(): boolean {
    const { timeLeft } = this;
    return timeLeft !== undefined && timeLeft <= 0 && this.hasPainted;
  }

  /** Seconds that the slot's current picture may still take: an equal share for each picture that it will paint. */
  private async timeFor(slot: Slot): Promise<number | undefined> {
    const { timeLeft } = this;
    if (timeLeft === undefined) return this.options.within;
    const spent = (performance.now() - slot.claimed) / 1000;
    const rounds = Math.ceil((1 + (await this.waiting()).length) / this.slots.length);
    return Math.max(0, (timeLeft + spent) / rounds - spent);
  }

  /** Shares the time again, in a moment, since more pictures were queued. */
  private shareTimeSoon(): void {
    if (this.timeLeft === undefined) return;
    this.timeSharing ??= setTimeout(async () => {
      this.timeSharing = undefined;
      for (const slot of this.slots) {
        if (!slot.claim) continue;
        const seconds = await this.timeFor(slot).catch(() => undefined);
        if (seconds !== undefined) slot.renderer.control({ type: 'within', seconds });
      }
    }, shareEvery);
  }

  /** Says what is left when the time is over. */
  private async endInTime(): Promise<void> {
    const { length } = await this.options.persistence.until(() => this.waiting());
    const pictures = length === 1 ? 'one picture is' : `${length} pictures are`;
    if (length > 0)
      this.reportOnce(
        'message',
        `The time is over: ${pictures} not painted yet. The next start paints them.`,
      );
  }

  /** Whether pictures wait although none is handed out. */
  private async isAnyHeld(): Promise<boolean> {
    const { persistence } = this.options;
    return (await persistence.until(() => this.waiting())).length > 0;
  }

  private async waiting(): Promise<QueuedJob[]> {
    const jobs = await this.options.queue.list();
    return jobs.filter(({ status, isInherited }) => status === 'waiting' && !isInherited);
  }

  private async removeCheckpoint(job: QueuedJob): Promise<void> {
    const path = this.options.stateFor?.(job);
    if (path !== undefined) await removeState(path);
  }

  private reportOnce(kind: keyof Messages, text: string): void {
    if (this.reported.has(text)) return;
    this.reported.add(text);
    this.options.messages[kind](text);
  }

  private publish(event: PaintEvent): void {
    this.options.queue.publish(event);
  }

  private eventFields({ id, source }: QueuedJob) {
    return { time: now(), job: id, source };
  }
}

const now = () => new Date().toISOString();
