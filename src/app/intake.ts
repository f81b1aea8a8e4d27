/** What comes in: each photo is queued, or it is told why it need not or cannot be painted. */

import { type History, type Note, sameAs } from '../queue/history.js';
import type { Job } from '../queue/job.js';
import type { Persistence } from '../queue/persistence.js';
import type { JobQueue, QueuedJob } from '../queue/queue.js';
import type { PaintEvent } from '../render/events.js';
import { removeState } from '../render/state.js';
import { type Recipe, requestedHash } from '../settings/recipe.js';

export interface IntakeOptions {
  queue: JobQueue;
  history: History;
  persistence: Persistence;
  /** Paint again what was painted with the same settings. */
  force?: boolean;
  /** The same content under another name is painted too. */
  allowDuplicates?: boolean;
  /** A photo is painted in several ways: when it comes with other settings, it waits with the earlier ones too. */
  variants?: boolean;
  /** The file that keeps where a job's painting stands. */
  stateFor?(job: Pick<Job, 'source' | 'sourceHash' | 'settingsHash'>): string;
}

export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  /**
   * Queues a whole picture, unless the same content was painted with the same settings already.
   * @param sourceHash what was found to be whole: only that is painted
   * @param recipe takes the place of an earlier one, if the picture still waits
   */
  async add(source: string, sourceHash: string, recipe: Recipe): Promise<void> {
    const { queue, history, persistence, force, allowDuplicates } = this.options;
    const askedHash = requestedHash(recipe);
    await persistence.unlessStopped(async () => {
      await this.dropOutdated(source, sourceHash, askedHash);
      const queued = (await persistence.until(() => queue.jobsOf(sourceHash))).find(
        (job) =>
          (job.source === source || !allowDuplicates) &&
          (job.askedHash === askedHash || [recipe.hash, askedHash].includes(job.settingsHash)),
      );
      if (queued && !queued.isInherited) return this.leaveToOther(queued, source, sourceHash);
      if (!queued && !force) {
        const { hash: settingsHash, formerHashes } = recipe;
        const photo = { source, sourceHash, settingsHash, askedHash, formerHashes, allowDuplicates };
        const settled = await persistence.until(() => history.settled(photo));
        if (settled) {
          // A crash may have come between the picture and this.
          if (settled.job.status === 'done') await this.forgetState(settled.job);
          if (settled.job.source === source) return this.skipped(settled.job, settled.why);
          return this.note({ source, sourceHash, status: 'skipped', reason: settled.why });
        }
      }
      const { job } = await persistence.until(() =>
        queue.add({ source, sourceHash, recipe, allowDuplicates }),
      );
      this.tell({ event: 'queued', ...this.of(job) });
    });
  }

  /** Notes a file that turned out not to be a usable picture. It fails once, and again only if it changes. */
  async reject(source: string, sourceHash: string, reason: string): Promise<void> {
    const { history, persistence, force } = this.options;
    const note = { source, sourceHash, status: 'failed', reason } as const;
    await persistence.unlessStopped(async () => {
      await this.dropOutdated(source, sourceHash);
      const { job, isNew } = await persistence.until(() => history.note(note));
      if (isNew || force) this.tell({ event: 'failed', ...this.of(job), reason });
      else this.skipped(job, `it fails as before: ${reason.replace(`${source}: `, '')}`);
    });
  }

  /** Notes something that is left alone. */
  async leave(source: string, reason: string): Promise<void> {
    await this.options.persistence.unlessStopped(() =>
      this.note({ source, sourceHash: '', status: 'skipped', reason }),
    );
  }

  /** Has everything that waits painted with another recipe. Rejects as `renewed` does, with nothing changed. */
  async renew(renewed: (recipe: Recipe) => Promise<Recipe>): Promise<void> {
    const { queue, persistence } = this.options;
    const waiting = (await persistence.until(() => queue.list())).filter(
      ({ status }) => status === 'waiting',
    );
    const recipes = new Map(waiting.map(({ recipe }) => [keyOf(recipe), recipe]));
    const next = new Map<string, Recipe>();
    for (const [key, recipe] of recipes) next.set(key, await renewed(recipe));
    for (const { id, recipe } of waiting)
      await persistence.until(() => queue.setRecipe(id, next.get(keyOf(recipe))!));
  }

  /** Takes a picture that waits out of the queue. */
  async drop(id: number): Promise<void> {
    const { queue, persistence } = this.options;
    const reason = 'skipped by hand';
    await persistence.unlessStopped(async () => {
      const job = await persistence.until(() => queue.drop(id, reason));
      if (!job) return;
      await this.forgetState(job);
      this.skipped(job, reason);
    });
  }

  /** Settings that a person has changed meanwhile are not painted with any more. */
  private async dropOutdated(source: string, sourceHash: string, askedHash?: string): Promise<void> {
    const { queue, history, persistence, variants } = this.options;
    if (variants) return;
    for (const job of await persistence.until(() => queue.jobsOf(sourceHash))) {
      if (job.status !== 'waiting' || job.source !== source || job.askedHash === askedHash) continue;
      // What waits for another name of the photo too stays.
      if ((await persistence.until(() => history.twins(job))).length > 0) continue;
      await persistence.until(() => queue.drop(job.id));
      await this.forgetState(job);
      // Nobody was told of it since the start.
      if (!job.isInherited) this.skipped(job, 'its settings were changed before its turn came');
    }
  }

  private async leaveToOther(queued: QueuedJob, source: string, sourceHash: string): Promise<void> {
    if (queued.source === source) return;
    const reason = sameAs(queued, source, 'which is in the queue');
    await this.note({ source, sourceHash, status: 'skipped', reason });
  }

  private async note(note: Note): Promise<void> {
    const { job } = await this.options.persistence.until(() => this.options.history.note(note));
    this.skipped(job, note.reason);
  }

  private async forgetState(job: Pick<Job, 'source' | 'sourceHash' | 'settingsHash'>): Promise<void> {
    const path = this.options.stateFor?.(job);
    if (path !== undefined) await removeState(path);
  }

  private skipped(job: Pick<Job, 'id' | 'source'>, reason: string): void {
    this.tell({ event: 'skipped', ...this.of(job), reason });
  }

  private tell(event: PaintEvent): void {
    this.options.queue.publish(event);
  }

  private of({ id, source }: Pick<Job, 'id' | 'source'>) {
    return { time: new Date().toISOString(), job: id, source };
  }
}

/** What a recipe and those made anew from it depend on. */
const keyOf = ({ hash, asked, overrides }: Recipe) => JSON.stringify([hash, asked, overrides]);
