/**
 * Works through the ledger: takes the job that waited longest, has it rendered, writes down how it ended, and tells
 * everything as events. It paints one picture at a time in each slot, and ends when told to, or when nothing is left.
 */
import { stat } from 'node:fs/promises';
import pRetry from 'p-retry';
import type { Recipe } from '../app/recipe.js';
import type { Placement } from '../engine/placement.js';
import { eventsVersion, type PaintEvent, type Preview } from '../queue/events.js';
import type { Job, JobStore, Photo } from '../queue/store.js';
import { memoryForEach } from '../render/memory-budget.js';
import type { Control, Outcome, Progress, RenderJob } from '../render/messages.js';
import { Renderer } from '../render/renderer.js';
import { removeState } from '../render/state.js';
import { strayWeights } from '../settings/formerly.js';
import { isShortage, isTransient, retryUntilAvailable, unlessTransient } from '../util/transient.js';

/** Whoever wants to know: the screen, the log, `--json`. */
export interface Listener {
  event(event: PaintEvent): void;
  preview(preview: Preview): void;
  /** Something a person should know that is no event of a picture: mostly what is amiss. */
  message(text: string): void;
  /** Something good to know where nothing is amiss. */
  note(text: string): void;
}

export interface PainterOptions {
  ledger: JobStore;
  listener: Listener;
  /** Where a job's picture goes; never a file that exists, unless `overwrite`. */
  outputFor(job: Job): string;
  overwrite?: boolean;
  /** Paint again what was painted with the same settings. */
  force?: boolean;
  /** The same content under another name is painted too. */
  allowDuplicates?: boolean;
  /** A photo is painted in several ways: when it comes with other settings, it waits with the earlier ones too. */
  variants?: boolean;
  /** Pictures may come at any time, so a rest is worth telling; otherwise the end is near and says enough. */
  longRunning?: boolean;
  /** A folder that must be there for anything to be written: see RenderJob. */
  outbox?: string;
  /** The file that keeps where a job's painting stands, to go on from after a crash or a stop; none when left out. */
  stateFor?(job: Job): string;
  /** What is saved on the way, and what is repeated. */
  extras?: Pick<RenderJob, 'snapshots' | 'replay'>;
  /** Bytes that all painting processes may hold; what is free when left out. */
  memory?: number;
  /** Paint at the size that is asked for or not at all, when memory is short. */
  strictSize: boolean;
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
  /** How the job is to be painted instead, from the beginning. */
  instead?: Recipe;
}

/** Seconds before a picture's end at which the next one's pictures are read: the queue may change until then. */
const prepareAt = 15;

/** Share of the pixels that is tried once after memory ran out. */
const smaller = 0.5;

/** A job whose child crashed is tried this often in all. */
const attempts = 3;

/** Milliseconds without work after which the painter calls itself idle. */
const restingAfter = 500;

export class Painter {
  readonly counts = { done: 0, failed: 0, skipped: 0 };
  private readonly slots: readonly Slot[];
  /** Those of the jobs in the queue, by hash. */
  private readonly recipes = new Map<string, Recipe>();
  /** What is said of a recipe once, however many photos it is for. */
  private readonly told = new Set<string>();
  private finishing = false;
  private readonly stopped = new AbortController();
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
  async add(source: string, sourceHash: string, recipe: Recipe): Promise<void> {
    const { force, allowDuplicates } = this.options;
    const { hash: settingsHash, asked: askedHash, formerHashes } = recipe;
    const photo = { source, sourceHash, settingsHash, askedHash, formerHashes, force, allowDuplicates };
    await this.untilStopped(async () => {
      await this.dropOutdated(photo);
      const { job, fresh, why } = await this.inLedger((ledger) => {
        const enqueued = ledger.enqueue(photo);
        if (enqueued.fresh) this.recipes.set(recipe.hash, recipe);
        return enqueued;
      });
      if (fresh) this.tell({ event: 'queued', ...this.of(job) });
      else if (why) {
        // A crash may have come between the picture and this.
        if (job.status === 'done') void this.forgetState(job);
        this.skipped(job, why);
      }
      this.wake();
    });
  }

  /** Notes a file that turned out not to be a usable picture. It fails once, and again only if it changes. */
  async reject(source: string, sourceHash: string, reason: string): Promise<void> {
    const note = { source, sourceHash, status: 'failed', reason } as const;
    await this.untilStopped(async () => {
      await this.dropOutdated({ source, sourceHash, settingsHash: '' });
      const { job, fresh } = await this.inLedger((ledger) => ledger.note(note));
      if (fresh || this.options.force) this.failed(job, reason);
      else this.skipped(job, `it fails as before: ${reason.replace(`${source}: `, '')}`);
    });
  }

  /** Notes something that is left alone. */
  async leave(source: string, reason: string): Promise<void> {
    const note = { source, sourceHash: '', status: 'skipped', reason } as const;
    await this.untilStopped(async () => {
      const { job } = await this.inLedger((ledger) => ledger.note(note));
      this.skipped(job, reason);
    });
  }

  /** Settings that a person has changed meanwhile are not painted with any more. */
  private async dropOutdated(photo: Photo): Promise<void> {
    if (this.options.variants) return;
    for (const job of await this.inLedger((ledger) => ledger.dropOutdated(photo))) {
      void this.forgetState(job);
      await this.forgetRecipe(job);
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
    this.stopped.abort();
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

  /** The recipe of a job that waits or is painted. */
  recipeOf(id: number): Recipe | undefined {
    const job = this.options.ledger.find(id);
    return job && this.recipes.get(job.settingsHash);
  }

  /** Paints one that waits a place later (1) or earlier (−1), or next (null). */
  async move(job: number, by: 1 | -1 | null): Promise<void> {
    await this.untilStopped(() => this.inLedger((ledger) => ledger.move(job, by)));
  }

  /** Takes one that waits out of the queue. */
  async drop(id: number): Promise<void> {
    const reason = 'skipped by hand';
    await this.untilStopped(async () => {
      const job = await this.inLedger((ledger) => ledger.drop(id, reason));
      if (!job) return;
      void this.forgetState(job);
      await this.forgetRecipe(job);
      this.skipped(job, reason);
    });
  }

  /** Everything that waits is painted as `renewed` says from now on. Rejects as that does, with nothing changed. */
  async renew(renewed: (recipe: Recipe) => Promise<Recipe>): Promise<void> {
    const changes = [...this.recipes.values()].map(
      async (recipe) => [recipe, await renewed(recipe)] as const,
    );
    for (const [recipe, next] of await Promise.all(changes)) {
      await this.inLedger((ledger) => {
        this.recipes.set(next.hash, next);
        ledger.changeSettings(recipe.hash, next.hash);
      });
      for (const { hash } of [recipe, next]) await this.forgetRecipe({ settingsHash: hash });
    }
  }

  /** Begins a picture that is being painted anew, otherwise. */
  repaint(job: number, recipe: Recipe): void {
    const slot = this.slots.find((slot) => slot.job?.id === job);
    if (!slot) return;
    slot.instead = recipe;
    slot.renderer.control({ type: 'stop' });
  }

  private async work(slot: Slot): Promise<void> {
    await this.untilStopped(async () => {
      while (!this.isStopped) {
        slot.job = await this.inLedger((ledger) => ledger.next());
        if (slot.job) await this.paint(slot.job, slot);
        else if (this.finishing) break;
        else await this.rest();
      }
    });
    await slot.renderer.close();
  }

  private get isStopped(): boolean {
    return this.stopped.signal.aborted;
  }

  /** Works with the ledger as soon as its disk lets it, and says what it waits for; after a stop at once or not at all. */
  private async inLedger<T>(work: (ledger: JobStore) => T): Promise<T> {
    const { ledger, listener } = this.options;
    if (this.isStopped) return work(ledger);
    const tell = ({ message }: Error) =>
      listener.message(`The list of pictures cannot be written (${message}). Waiting until it can.`);
    return retryUntilAvailable(() => work(ledger), { when: isTransient, tell, signal: this.stopped.signal });
  }

  /** Does what may have to wait for the ledger. A stop ends the waiting; the next start mends what was not written. */
  private async untilStopped(work: () => Promise<void>): Promise<void> {
    await work().catch((error) => {
      const isEnded = this.isStopped && (isTransient(error) || error === this.stopped.signal.reason);
      if (!isEnded) throw error;
    });
  }

  /** Waits for work. Once all slots have been quiet for a moment, that is told. */
  private async rest(): Promise<void> {
    const tell = () => this.tell({ event: 'idle', time: now() });
    const isLast = this.sleepers.length === this.slots.length - 1;
    const quiet = this.options.longRunning && isLast ? setTimeout(tell, restingAfter) : undefined;
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
    const { instead } = slot;
    slot.instead = undefined;
    const isCut = outcome.type === 'stopped' || (this.isStopped && outcome.type === 'failed');
    if (!isCut) await this.conclude(job, outcome);
    else if (instead && !this.isStopped) await this.beginAnew(job, instead);
    else await this.inLedger((ledger) => ledger.requeue(job.id, job.source));
    await this.forgetRecipe(job);
  }

  private async beginAnew(job: Job, recipe: Recipe): Promise<void> {
    await this.forgetState(job);
    await this.inLedger((ledger) => {
      this.recipes.set(recipe.hash, recipe);
      ledger.requeue(job.id, job.source);
      ledger.changeSettings(job.settingsHash, recipe.hash, job.id);
      ledger.move(job.id, null);
    });
    this.tell({ event: 'queued', ...this.of(job) });
  }

  /** The photo may have been removed or replaced while it waited; then another name of it will do. */
  private async renderFound(job: Job, slot: Slot): Promise<Outcome> {
    let outcome: Outcome = {
      type: 'failed',
      reason: `${job.source}: it was removed before its turn came.`,
      mistake: true,
    };
    for (const source of [job.source, ...(await this.inLedger((ledger) => ledger.twins(job)))]) {
      if (!(await isFile(source))) continue;
      if (source !== job.source) await this.inLedger((ledger) => ledger.rename(job.id, source));
      job.source = source;
      outcome = await this.render(job, slot);
      if (outcome.type !== 'replaced') break;
    }
    return outcome;
  }

  /** Renders a job, again after a pause if the child crashed. */
  private async render(job: Job, { renderer, number: slot }: Slot): Promise<Outcome> {
    const { extras, overwrite = false, outbox, previews, listener, strictSize } = this.options;
    const output = await this.inLedger((ledger) => {
      const output = this.options.outputFor(job);
      ledger.start(job.id, output);
      return output;
    });
    const { source, sourceHash } = job;
    const recipe = this.recipes.get(job.settingsHash)!;
    const stray = strayWeights(recipe.settings);
    if (stray) this.tellOnce('message', stray);
    const state = this.options.stateFor?.(job);
    // What is repeated is said of the settings that were asked for.
    const replay = job.settingsHash === job.askedHash ? extras?.replay : undefined;
    const where = { source, output, outbox, overwrite, state };
    const request = { ...recipe, ...extras, replay, ...where, sourceHash, previews };
    let isNextPrepared = false;
    const tell = (progress: Progress) => {
      if (!isNextPrepared && progress.type === 'iteration' && progress.secondsLeft < prepareAt) {
        isNextPrepared = true;
        this.prepareNext(renderer);
      }
      this.progress(job, { slot, output }, progress);
    };
    let last: Outcome = { type: 'stopped' };
    let share: number | undefined;
    const once = async (attempt: number) => {
      const memory = { room: this.roomFor(slot), strict: strictSize, share };
      last = await this.started(() => renderer.render({ ...request, memory }, tell));
      if (last.type !== 'failed' || last.mistake || this.isStopped) return;
      if (last.outOfMemory) {
        // What could not be allocated may have left gaps; the next try begins with a clean slate.
        await renderer.close();
        if (strictSize || share !== undefined) {
          last = { ...last, reason: `${last.reason}. Close other programs, or paint it smaller.` };
          return;
        }
        share = smaller;
      }
      const next = last.outOfMemory ? 'Trying again with half the pixels' : 'Trying again';
      if (attempt < attempts) listener.message(`${job.source}: ${last.reason}. ${next}.`);
      throw new Error(last.reason);
    };
    await pRetry(once, { retries: attempts - 1, minTimeout: 1000 }).catch(() => {});
    return last;
  }

  /** Where the ledger cannot be read, the next job's pictures are read in their turn. */
  private prepareNext(renderer: Renderer): void {
    const next = unlessTransient(() => this.options.ledger.first());
    const recipe = next && this.recipes.get(next.settingsHash);
    if (recipe) renderer.prepare({ ...recipe, source: next.source, sourceHash: next.sourceHash });
  }

  /** The outcome of a rendering, begun as soon as there can be a process for it. */
  private async started(render: () => Promise<Outcome>): Promise<Outcome> {
    const { signal } = this.stopped;
    const tell = ({ message }: Error) =>
      this.options.listener.message(`${message}. Waiting until it can be.`);
    return retryUntilAvailable(render, { when: isShortage, tell, signal }).catch((error: Error) =>
      signal.aborted ? { type: 'stopped' } : { type: 'failed', reason: error.message, mistake: false },
    );
  }

  /**
   * What is free, or may be taken, shared alike by the slots that compute on the processor. Undefined for a card's slot: what it takes of
   * the card's memory and of the machine's is not known.
   */
  private roomFor(number: number): number | undefined {
    const onProcessor = (i: number) => this.options.placements[i].device === 'cpu';
    if (!onProcessor(number - 1)) return undefined;
    const pids = this.slots.filter((_, i) => onProcessor(i)).map(({ renderer }) => renderer.pid);
    const { memory = Number.POSITIVE_INFINITY } = this.options;
    return Math.min(memory / pids.length, memoryForEach(pids));
  }

  private async conclude(job: Job, outcome: Exclude<Outcome, { type: 'stopped' }>): Promise<void> {
    await this.forgetState(job);
    switch (outcome.type) {
      case 'done': {
        const { type, ...results } = outcome;
        await this.inLedger((ledger) => ledger.done(job.id, results));
        this.counts.done++;
        return this.tell({ event: type, ...this.of(job), ...results });
      }
      case 'skipped':
        await this.inLedger((ledger) => ledger.skip(job.id, 'skipped by hand'));
        return this.skipped(job, 'skipped by hand');
      case 'replaced':
        return this.replaced(job);
      case 'failed':
        await this.inLedger((ledger) => ledger.fail(job.id, outcome.reason));
        return this.failed(job, outcome.reason);
    }
  }

  /** Where an ended painting stood is of no use any more. */
  private async forgetState(job: Job): Promise<void> {
    const path = this.options.stateFor?.(job);
    if (path !== undefined) await removeState(path);
  }

  /** Weeks bring many recipes. */
  private async forgetRecipe({ settingsHash }: Pick<Job, 'settingsHash'>): Promise<void> {
    await this.inLedger((ledger) => {
      if (!ledger.isWanted(settingsHash)) this.recipes.delete(settingsHash);
    });
  }

  /** For the ledger it failed either way: should that content come again, it is painted. */
  private async replaced(job: Job): Promise<void> {
    const { longRunning } = this.options;
    const what = 'other content took its place before its turn came';
    const reason = longRunning
      ? `${what}, and is painted instead`
      : `${job.source}: ${what}. Start again to paint it.`;
    await this.inLedger((ledger) => ledger.fail(job.id, reason));
    if (longRunning) this.skipped(job, reason);
    else this.failed(job, reason);
  }

  private progress(job: Job, where: { slot: number; output: string }, progress: Progress): void {
    const { type, ...rest } = progress;
    if (progress.type === 'preview') {
      const { png, width, height } = progress;
      return this.options.listener.preview({ job: job.id, png, width, height });
    }
    if (progress.type === 'note') return this.tellOnce('note', progress.text);
    if (progress.type === 'warning') return this.options.listener.message(`${job.source}: ${progress.text}`);
    const extra =
      type === 'started'
        ? { version: eventsVersion, ...where, styles: this.recipes.get(job.settingsHash)!.settings.styles }
        : {};
    this.tell({ event: type, ...this.of(job), ...extra, ...rest } as PaintEvent);
  }

  private tellOnce(kind: 'message' | 'note', text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.options.listener[kind](text);
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
