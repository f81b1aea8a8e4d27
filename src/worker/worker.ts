/**
 * Works through a queue: claims the first job, has it painted, and writes down how it ended. It paints one picture at a time
 * in each slot, and ends when told to, or when nothing is left.
 */
import type { Placement } from '../engine/placement.js';
import { type Claim, LeaseLost, type QueuedJob } from '../queue/queue.js';
import type { PaintEvent } from '../render/events.js';
import { memoryForEach } from '../render/memory-budget.js';
import type { Control, Outcome } from '../render/messages.js';
import { Renderer } from '../render/renderer.js';
import { removeState } from '../render/state.js';
import type { Recipe } from '../settings/recipe.js';
import { type JobContext, type Messages, runJob } from './run-job.js';

export interface WorkerOptions extends Omit<JobContext, 'stopped' | 'limit' | 'prefetch' | 'tellOnce'> {
  /** Aborted by `stop`. */
  stopped: AbortController;
  /** Pictures may come at any time, so a rest is worth telling; otherwise the end is near and says enough. */
  longRunning?: boolean;
  /** Bytes that all painting processes may hold; what is free when left out. */
  memory?: number;
  /** Where to paint: a slot for each, all at work at the same time. */
  placements: readonly Placement[];
}

/** A place to paint at, and what is painted there. */
interface Slot {
  /** From 1. */
  number: number;
  renderer: Renderer;
  claim?: Claim;
  /** How the job is to be painted instead, from the beginning. */
  instead?: Recipe;
  /** The job whose pictures are read ahead of its turn. */
  prefetched?: number;
}

/** Milliseconds that a claim lasts, and between two renewals: a painting process may be silent for two minutes. */
const lease = 60_000;
const renewEvery = 15_000;

/** Milliseconds without work after which the worker calls itself idle. */
const idleAfter = 500;

export class Worker {
  private readonly slots: readonly Slot[];
  /** What is said once, however many photos it is for. */
  private readonly told = new Set<string>();
  private isFinishing = false;
  private isDraining = false;
  /** Wakes the slots that rest. */
  private sleepers: (() => void)[] = [];

  constructor(private readonly options: WorkerOptions) {
    this.slots = options.placements.map((placement, i) => ({
      number: i + 1,
      renderer: new Renderer(placement),
    }));
  }

  /** Paints until `finish` was called and nothing is left, or until `stop`. */
  async run(): Promise<void> {
    const { queue } = this.options;
    const unsubscribe = queue.subscribe({
      event: ({ event }) => event === 'queued' && this.wake(),
      preview: () => {},
    });
    await Promise.all(this.slots.map((slot) => this.work(slot))).finally(unsubscribe);
  }

  /** Nothing more will be added: `run` ends when the queue is empty. */
  finish(): void {
    this.isFinishing = true;
    this.wake();
  }

  /** Finishes the pictures under way, and begins no others. */
  drain(): void {
    this.isDraining = true;
    this.wake();
  }

  /** Ends within seconds; the pictures under way go back into the queue, to be resumed at the next start. */
  async stop(): Promise<void> {
    this.options.stopped.abort();
    this.wake();
    await Promise.all(this.slots.map(({ renderer }) => renderer.stop()));
  }

  /** Nothing is being painted. */
  get isIdle(): boolean {
    return this.slots.every(({ claim }) => claim === undefined);
  }

  /** Hands a message to the picture of this job, while it is painted. */
  control(job: number, message: Control): void {
    this.slotOf(job)?.renderer.control(message);
  }

  /** Begins a picture that is being painted anew, with another recipe. */
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
        slot.claim = await persistence.until(() => queue.claim(lease));
        if (slot.claim) await this.paint(slot.claim, slot);
        else if (this.isFinishing) break;
        else await this.rest();
      }
    });
    await slot.renderer.close();
  }

  private get isStopped(): boolean {
    return this.options.stopped.signal.aborted;
  }

  /** Waits for work. Once all slots have been quiet for a moment, that is told. */
  private async rest(): Promise<void> {
    const tell = () => this.options.queue.publish({ event: 'idle', time: now() });
    const isLast = this.sleepers.length === this.slots.length - 1;
    const quiet = this.options.longRunning && isLast ? setTimeout(tell, idleAfter) : undefined;
    await new Promise<void>((resolve) => {
      this.sleepers.push(resolve);
    });
    clearTimeout(quiet);
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
        prefetch: () => this.prefetchNext(slot),
        tellOnce: (kind, text) => this.tellOnce(kind, text),
      });
      const { instead } = slot;
      [slot.claim, slot.instead] = [undefined, undefined];
      await this.conclude(claim, outcome, instead);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.options.messages.message(`${claim.job.source}: another worker has taken over its painting.`);
    } finally {
      clearInterval(renewal);
      slot.claim = undefined;
    }
  }

  /** A claim that was lost, since this machine slept, ends the painting. */
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
    const isCut = outcome.type === 'stopped' || (this.isStopped && outcome.type === 'failed');
    if (isCut) {
      const recipe = this.isStopped ? undefined : instead;
      if (recipe) await this.forgetState(job);
      await persistence.until(() => queue.release(claim, recipe));
      if (recipe) this.tell({ event: 'queued', ...this.of(job) });
      return;
    }
    await this.forgetState(job);
    switch (outcome.type) {
      case 'done': {
        const { type, ...results } = outcome;
        await persistence.until(() => queue.complete(claim, results));
        return this.tell({ event: type, ...this.of(job), ...results });
      }
      case 'skipped': {
        const reason = 'skipped by hand';
        await persistence.until(() => queue.skip(claim, reason));
        return this.tell({ event: 'skipped', ...this.of(job), reason });
      }
      case 'replaced':
        return this.replaced(claim);
      case 'failed':
        return this.failed(claim, outcome.reason);
    }
  }

  private async failed(claim: Claim, reason: string, event: 'failed' | 'skipped' = 'failed'): Promise<void> {
    const { queue, persistence } = this.options;
    await persistence.until(() => queue.fail(claim, reason));
    this.tell({ event, ...this.of(claim.job), reason });
  }

  /** In the history it failed either way: should that content come again, it is painted. */
  private async replaced(claim: Claim): Promise<void> {
    const what = 'other content took its place before its turn came';
    if (this.options.longRunning) await this.failed(claim, `${what}, and is painted instead`, 'skipped');
    else await this.failed(claim, `${claim.job.source}: ${what}. Start again to paint it.`);
  }

  /** Reads the next job's pictures, unless another slot does so. Where the queue cannot be read, they are read in their turn. */
  private async prefetchNext(slot: Slot): Promise<void> {
    const others = this.slots.filter((other) => other !== slot).map(({ prefetched }) => prefetched);
    const next = await this.options.queue.peek(this.slots.length).catch(() => []);
    const job = next.find(({ id }) => !others.includes(id));
    slot.prefetched = job?.id;
    if (job) slot.renderer.prepare({ ...job.recipe, source: job.source, sourceHash: job.sourceHash });
  }

  /**
   * Bytes that a slot's process may hold: what is free, or may be taken, shared alike by the slots that compute on the
   * processor. Undefined for a card's slot: what it takes of the card's memory and of the machine's is not known.
   */
  private memoryLimit({ number }: Slot): number | undefined {
    const onProcessor = (i: number) => this.options.placements[i].device === 'cpu';
    if (!onProcessor(number - 1)) return undefined;
    const pids = this.slots.filter((_, i) => onProcessor(i)).map(({ renderer }) => renderer.pid);
    const { memory = Number.POSITIVE_INFINITY } = this.options;
    return Math.min(memory / pids.length, memoryForEach(pids));
  }

  /** Where an ended painting stood is of no use any more. */
  private async forgetState(job: QueuedJob): Promise<void> {
    const path = this.options.stateFor?.(job);
    if (path !== undefined) await removeState(path);
  }

  private tellOnce(kind: keyof Messages, text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.options.messages[kind](text);
  }

  private tell(event: PaintEvent): void {
    this.options.queue.publish(event);
  }

  private of({ id, source }: QueuedJob) {
    return { time: now(), job: id, source };
  }
}

const now = () => new Date().toISOString();
