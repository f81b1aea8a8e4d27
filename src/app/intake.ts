/** Intake of photos: queues each one, or reports why it is not painted. */
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
  /** Paint photos again that were painted with the same settings. */
  force?: boolean;
  /** Paint the same content under each of its names. */
  allowDuplicates?: boolean;
  /** A photo is painted with several settings: new settings do not replace a waiting job of the same photo. */
  variants?: boolean;
  /** Path of a job's checkpoint. */
  stateFor?(job: Pick<Job, 'source' | 'sourceHash' | 'settingsHash'>): string;
}

export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  /**
   * Queues a complete picture, unless the same content was already painted with the same settings.
   * @param sourceHash of the content that was found to be complete; only that is painted
   * @param recipe replaces an earlier one if the picture is still waiting
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
      if (queued && !queued.isInherited) return this.noteDuplicate(queued, source, sourceHash);
      if (!queued && !force) {
        const { hash: settingsHash, formerHashes } = recipe;
        const photo = { source, sourceHash, settingsHash, askedHash, formerHashes, allowDuplicates };
        const past = await persistence.until(() => history.settled(photo));
        if (past) {
          // Left over if the program crashed after writing the picture.
          if (past.job.status === 'done') await this.removeCheckpoint(past.job);
          if (past.job.source === source) return this.skipped(past.job, past.why);
          return this.note({ source, sourceHash, status: 'skipped', reason: past.why });
        }
      }
      const { job } = await persistence.until(() =>
        queue.add({ source, sourceHash, recipe, allowDuplicates }),
      );
      this.publish({ event: 'queued', ...this.eventFields(job) });
    });
  }

  /** Records a file that is not a usable picture. It fails once, and again only if it changes. */
  async reject(source: string, sourceHash: string, reason: string): Promise<void> {
    const { history, persistence, force } = this.options;
    const note = { source, sourceHash, status: 'failed', reason } as const;
    await persistence.unlessStopped(async () => {
      await this.dropOutdated(source, sourceHash);
      const { job, isNew } = await persistence.until(() => history.note(note));
      if (isNew || force) this.publish({ event: 'failed', ...this.eventFields(job), reason });
      else this.skipped(job, `it fails as before: ${reason.replace(`${source}: `, '')}`);
    });
  }

  /** Records something that is not painted. */
  async skip(source: string, reason: string): Promise<void> {
    await this.options.persistence.unlessStopped(() =>
      this.note({ source, sourceHash: '', status: 'skipped', reason }),
    );
  }

  /** Gives each waiting job a new recipe. Changes nothing if `update` rejects, and rejects likewise. */
  async updateRecipes(update: (recipe: Recipe) => Promise<Recipe>): Promise<void> {
    const { queue, persistence } = this.options;
    const waiting = (await persistence.until(() => queue.list())).filter(
      ({ status }) => status === 'waiting',
    );
    const recipes = new Map(waiting.map(({ recipe }) => [keyOf(recipe), recipe]));
    const updated = new Map<string, Recipe>();
    for (const [key, recipe] of recipes) updated.set(key, await update(recipe));
    for (const { id, recipe } of waiting)
      await persistence.until(() => queue.setRecipe(id, updated.get(keyOf(recipe))!));
  }

  /** Removes a waiting picture from the queue. */
  async drop(id: number): Promise<void> {
    const { queue, persistence } = this.options;
    const reason = 'skipped by hand';
    await persistence.unlessStopped(async () => {
      const job = await persistence.until(() => queue.drop(id, reason));
      if (!job) return;
      await this.removeCheckpoint(job);
      this.skipped(job, reason);
    });
  }

  /** Removes waiting pictures whose files were deleted, unless the photo has another name; if it comes back, it is painted. */
  async gone(sources: readonly string[]): Promise<void> {
    const { queue, history, persistence } = this.options;
    const deleted = new Set(sources);
    await persistence.unlessStopped(async () => {
      for (const job of await persistence.until(() => queue.list())) {
        if (job.status !== 'waiting' || !deleted.has(job.source)) continue;
        if ((await persistence.until(() => history.twins(job))).length > 0) continue;
        // Its turn may have come just now.
        if (!(await persistence.until(() => queue.drop(job.id)))) continue;
        await this.removeCheckpoint(job);
        // An inherited job was not reported as queued.
        if (!job.isInherited) this.skipped(job, 'its file was deleted before its turn came');
      }
    });
  }

  /** Drops waiting jobs of this photo whose settings the user has changed since. */
  private async dropOutdated(source: string, sourceHash: string, askedHash?: string): Promise<void> {
    const { queue, history, persistence, variants } = this.options;
    if (variants) return;
    for (const job of await persistence.until(() => queue.jobsOf(sourceHash))) {
      if (job.status !== 'waiting' || job.source !== source || job.askedHash === askedHash) continue;
      // A job that also stands for another name of the photo stays.
      if ((await persistence.until(() => history.twins(job))).length > 0) continue;
      await persistence.until(() => queue.drop(job.id));
      await this.removeCheckpoint(job);
      // An inherited job was not reported as queued.
      if (!job.isInherited) this.skipped(job, 'its settings were changed before its turn came');
    }
  }

  private async noteDuplicate(queued: QueuedJob, source: string, sourceHash: string): Promise<void> {
    if (queued.source === source) return;
    const reason = sameAs(queued, source, 'which is in the queue');
    await this.note({ source, sourceHash, status: 'skipped', reason });
  }

  private async note(note: Note): Promise<void> {
    const { job } = await this.options.persistence.until(() => this.options.history.note(note));
    this.skipped(job, note.reason);
  }

  private async removeCheckpoint(job: Pick<Job, 'source' | 'sourceHash' | 'settingsHash'>): Promise<void> {
    const path = this.options.stateFor?.(job);
    if (path !== undefined) await removeState(path);
  }

  private skipped(job: Pick<Job, 'id' | 'source'>, reason: string): void {
    this.publish({ event: 'skipped', ...this.eventFields(job), reason });
  }

  private publish(event: PaintEvent): void {
    this.options.queue.publish(event);
  }

  private eventFields({ id, source }: Pick<Job, 'id' | 'source'>) {
    return { time: new Date().toISOString(), job: id, source };
  }
}

/** Everything that a recipe and its updated version depend on. */
const keyOf = ({ hash, asked, overrides }: Recipe) => JSON.stringify([hash, asked, overrides]);
