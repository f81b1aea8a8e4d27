/**
 * Works through the ledger: takes the job that waited longest, has it rendered, writes down how it ended, and tells
 * everything as events. It paints one picture at a time in each slot, and ends when told to, or when nothing is left.
 */
import { stat } from 'node:fs/promises';
import pRetry from 'p-retry';
import type { Placement } from '../engine/placement.js';
import type { Control, Outcome, Progress, RenderJob } from '../render/messages.js';
import { Renderer } from '../render/renderer.js';
import { removeState } from '../render/state.js';
import type { PaintEvent, Preview } from './events.js';
import type { Job, Ledger, Photo } from './ledger.js';
import type { Recipe } from './recipe.js';

/** Whoever wants to know: the screen, the log, `--json`. */
export interface Listener {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
  /** Something a person should know that is no event of a picture. */
  message(text: string): void;
}

export interface PainterOptions {
  ledger: Ledger;
  listener: Listener;
  /** Where a source's picture goes; never a file that exists, unless `overwrite`. */
  outputFor(source: string): string;
  overwrite?: boolean;
  /** Paint again what was painted with the same settings. */
  force?: boolean;
  /** The same content under another name is painted too. */
  apart?: boolean;
  /** Pictures may come at any time, so a rest is worth telling; otherwise the end is near and says enough. */
  lasting?: boolean;
  /** The file that keeps where a job's painting stands, to go on from after a crash or a stop; none when left out. */
  stateFor?(job: Job): string;
  /** What is saved on the way, and what is repeated. */
  extras?: Pick<RenderJob, 'checkpoints' | 'replay'>;
  /** Where to paint: a slot for each, all at work at the same time. */
  placements: readonly Placement[];
  previews: boolean;
}

/** A place to paint at, and what is painted there. */
interface Slot {
  /** From 1. */
  number: number;
  renderer: Renderer;
  job?: Job;
}

/** A job whose child crashed is tried this often in all. */
const attempts = 3;

/** Milliseconds without work after which the painter calls itself idle. */
const restingAfter = 500;

export class Painter {
  readonly counts = { done: 0, failed: 0, skipped: 0 };
  private readonly slots: readonly Slot[];
  /** Those of the jobs in the queue, by hash. */
  private readonly recipes = new Map<string, Recipe>();
  private finishing = false;
  private stopping = false;
  /** Wakes the slots that rest. */
  private sleepers: (() => void)[] = [];

  constructor(private readonly options: PainterOptions) {
    this.slots = options.placements.map((placement, i) => ({
      number: i + 1,
      renderer: new Renderer(placement),
    }));
  }

  /**
   * Queues a whole picture, unless the same content was painted with the same settings already.
   * @param sourceHash what was found to be whole: only that is painted
   * @param recipe takes the place of an earlier one, if the picture still waits
   */
  add(source: string, sourceHash: string, recipe: Recipe): void {
    const { ledger, force, apart } = this.options;
    const photo = { source, sourceHash, settingsHash: recipe.hash, force, apart };
    this.dropOutdated(photo);
    const { job, fresh, why } = ledger.enqueue(photo);
    if (fresh) {
      this.recipes.set(recipe.hash, recipe);
      this.tell({ event: 'queued', ...this.of(job) });
    } else if (why) {
      // A crash may have come between the picture and this.
      if (job.status === 'done') void this.forgetState(job);
      this.skipped(job, why);
    }
    this.wake();
  }

  /** Notes a file that turned out not to be a usable picture. It fails once, and again only if it changes. */
  reject(source: string, sourceHash: string, reason: string): void {
    this.dropOutdated({ source, sourceHash, settingsHash: '' });
    const { job, fresh } = this.options.ledger.note({ source, sourceHash, status: 'failed', reason });
    if (fresh || this.options.force) this.failed(job, reason);
    else this.skipped(job, `it fails as before: ${reason.replace(`${source}: `, '')}`);
  }

  /** Notes something that is left alone. */
  leave(source: string, reason: string): void {
    const { job } = this.options.ledger.note({ source, sourceHash: '', status: 'skipped', reason });
    this.skipped(job, reason);
  }

  /** Settings that a person has changed meanwhile are not painted with any more. */
  private dropOutdated(photo: Photo): void {
    for (const job of this.options.ledger.dropOutdated(photo)) {
      void this.forgetState(job);
      this.forgetRecipe(job);
      this.skipped(job, 'its settings were changed before its turn came');
    }
  }

  /** Paints until `finish` was called and nothing is left, or until `stop`. */
  async run(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.work(slot)));
  }

  /** Nothing more will be added: `run` ends when the queue is empty. */
  finish(): void {
    this.finishing = true;
    this.wake();
  }

  /** Ends within seconds; the pictures under way go back into the queue, to go on at the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await Promise.all(this.slots.map(({ renderer }) => renderer.stop()));
  }

  /** Nothing is being painted. */
  get isResting(): boolean {
    return this.slots.every(({ job }) => job === undefined);
  }

  /** Hands a message to the picture of this job, while it is painted. */
  control(job: number, message: Control): void {
    this.slots.find((slot) => slot.job?.id === job)?.renderer.control(message);
  }

  private async work(slot: Slot): Promise<void> {
    while (!this.stopping) {
      slot.job = this.options.ledger.next();
      if (slot.job) await this.paint(slot.job, slot);
      else if (this.finishing) break;
      else await this.rest();
    }
    await slot.renderer.close();
  }

  /** Waits for work. Once all slots have been quiet for a moment, that is told. */
  private async rest(): Promise<void> {
    const tell = () => this.tell({ event: 'idle', time: now() });
    const isLast = this.sleepers.length === this.slots.length - 1;
    const quiet = this.options.lasting && isLast ? setTimeout(tell, restingAfter) : undefined;
    await new Promise<void>((resolve) => {
      this.sleepers.push(resolve);
    });
    clearTimeout(quiet);
  }

  private wake(): void {
    for (const wake of this.sleepers.splice(0)) wake();
  }

  private async paint(job: Job, slot: Slot): Promise<void> {
    const outcome = await this.renderFound(job, slot);
    slot.job = undefined;
    const isCut = outcome.type === 'stopped' || (this.stopping && outcome.type === 'failed');
    if (isCut) this.options.ledger.requeue(job.id, job.source);
    else await this.conclude(job, outcome);
    this.forgetRecipe(job);
  }

  /** The photo may have been removed or replaced while it waited; then another name of it will do. */
  private async renderFound(job: Job, slot: Slot): Promise<Outcome> {
    let outcome: Outcome = {
      type: 'failed',
      reason: `${job.source}: it was removed before its turn came.`,
      mistake: true,
    };
    const { ledger } = this.options;
    for (const source of [job.source, ...ledger.twins(job)]) {
      if (!(await isFile(source))) continue;
      if (source !== job.source) ledger.rename(job.id, source);
      job.source = source;
      outcome = await this.render(job, slot);
      if (outcome.type !== 'replaced') break;
    }
    return outcome;
  }

  /** Renders a job, again after a pause if the child crashed. */
  private async render(job: Job, { renderer, number: slot }: Slot): Promise<Outcome> {
    const { extras, overwrite = false, previews, listener, ledger } = this.options;
    const output = this.options.outputFor(job.source);
    ledger.start(job.id, output);
    const { source, sourceHash } = job;
    const recipe = this.recipes.get(job.settingsHash)!;
    const state = this.options.stateFor?.(job);
    const request = { ...recipe, ...extras, source, sourceHash, output, overwrite, previews, state };
    let last: Outcome | undefined;
    const once = async (attempt: number) => {
      last = await renderer.render(request, (progress) => this.progress(job, { slot, output }, progress));
      if (last.type !== 'failed' || last.mistake || this.stopping) return;
      if (attempt < attempts) listener.message(`${job.source}: ${last.reason}. Trying again.`);
      throw new Error(last.reason);
    };
    await pRetry(once, { retries: attempts - 1, minTimeout: 1000 }).catch(() => {});
    return last!;
  }

  private async conclude(job: Job, outcome: Exclude<Outcome, { type: 'stopped' }>): Promise<void> {
    const { ledger } = this.options;
    await this.forgetState(job);
    switch (outcome.type) {
      case 'done': {
        const { type, ...results } = outcome;
        ledger.done(job.id, results);
        this.counts.done++;
        return this.tell({ event: type, ...this.of(job), ...results });
      }
      case 'skipped':
        ledger.skip(job.id, 'skipped by hand');
        return this.skipped(job, 'skipped by hand');
      case 'replaced':
        return this.replaced(job);
      case 'failed':
        ledger.fail(job.id, outcome.reason);
        return this.failed(job, outcome.reason);
    }
  }

  /** Where an ended painting stood is of no use any more. */
  private async forgetState(job: Job): Promise<void> {
    const path = this.options.stateFor?.(job);
    if (path !== undefined) await removeState(path);
  }

  /** Weeks bring many recipes. */
  private forgetRecipe({ settingsHash }: Pick<Job, 'settingsHash'>): void {
    if (!this.options.ledger.isWanted(settingsHash)) this.recipes.delete(settingsHash);
  }

  /** For the ledger it failed either way: should that content come again, it is painted. */
  private replaced(job: Job): void {
    const { ledger, lasting } = this.options;
    const what = 'other content took its place before its turn came';
    const reason = lasting
      ? `${what}, and is painted instead`
      : `${job.source}: ${what}. Start again to paint it.`;
    ledger.fail(job.id, reason);
    if (lasting) this.skipped(job, reason);
    else this.failed(job, reason);
  }

  private progress(job: Job, where: { slot: number; output: string }, progress: Progress): void {
    const { type, ...rest } = progress;
    if (progress.type === 'preview') {
      const { png, width, height } = progress;
      return this.options.listener.preview({ job: job.id, png, width, height });
    }
    if (progress.type === 'warning') return this.options.listener.message(`${job.source}: ${progress.text}`);
    const extra =
      type === 'started' ? { ...where, styles: this.recipes.get(job.settingsHash)!.settings.styles } : {};
    this.tell({ event: type, ...this.of(job), ...extra, ...rest } as PaintEvent);
  }

  private failed(job: Job, reason: string): void {
    this.counts.failed++;
    this.tell({ event: 'failed', ...this.of(job), reason });
  }

  private skipped(job: Job, reason: string): void {
    this.counts.skipped++;
    this.tell({ event: 'skipped', ...this.of(job), reason });
  }

  private tell(event: PaintEvent): void {
    this.options.listener.event(event);
  }

  private of(job: Job) {
    return { time: now(), job: job.id, source: job.source };
  }
}

const now = () => new Date().toISOString();

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
