/** The queue of one machine: rows of the job store that are waiting or being painted. */
import { randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { PaintEvent, Preview } from '../render/events.js';
import { type Recipe, recipeSchema, requestedHash } from '../settings/recipe.js';
import type { FollowUps } from './follow-ups.js';
import { Heartbeat } from './heartbeat.js';
import {
  type Claim,
  type Failure,
  type JobQueue,
  LeaseLost,
  type NewJob,
  type Painted,
  type QueuedJob,
  type QueueListener,
} from './queue.js';
import { now, type Sql } from './sql.js';

const columns = `id, source, source_hash AS sourceHash, settings_hash AS settingsHash, asked_hash AS askedHash, status,
  recipe, inherited AS isInherited`;

type Row = Omit<QueuedJob, 'recipe' | 'isInherited'> & { recipe: string; isInherited: number };

/** Whether a file is there and is the painting of a job. */
export type IsPainting = (
  job: Pick<QueuedJob, 'sourceHash' | 'settingsHash'> & { output: string },
) => Promise<boolean>;

const inQueue = `status IN ('waiting', 'running')`;

/** What may be handed out; its value is heldFolders(). */
const isFree = `NOT inherited
  AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE substr(jobs.source, 1, length(value)) = value)`;

export class SqliteQueue implements JobQueue {
  private readonly listeners = new Set<QueueListener>();
  /** The renewals of claims, by job. */
  private heartbeats = new Map<number, Heartbeat>();
  private held: readonly { readonly folder: string }[] = [];

  constructor(
    private readonly sql: Sql,
    private readonly followUps: FollowUps,
  ) {}

  /**
   * Recovers from a crash or a stop. An output is written atomically before its row is marked done: if it exists, the job was
   * done. Other jobs keep their place, and wait until their photo is added again, perhaps with other settings.
   * @param isPainting whether a file is a job's painting, not another file of that name
   */
  async recover(isPainting: IsPainting): Promise<void> {
    const running = this.sql.all<Parameters<IsPainting>[0] & { id: number; recipe: string | null }>(
      `SELECT id, output, source_hash AS sourceHash, settings_hash AS settingsHash, recipe FROM jobs
      WHERE status = 'running' AND output IS NOT NULL`,
    );
    const done: typeof running = [];
    for (const job of running) if (await isPainting(job)) done.push(job);
    this.sql.transaction(() => {
      for (const { id, recipe } of done) {
        this.sql.run(
          `UPDATE jobs SET status = 'done', finished_at = ?, recipe = NULL WHERE id = ?`,
          now(),
          id,
        );
        const styles = recipe === null ? [] : recipeSchema.parse(JSON.parse(recipe)).settings.styles;
        this.followUps.add(id, 'done', styles);
      }
      // Rows of earlier versions have no recipe.
      this.sql.run(`DELETE FROM jobs WHERE ${inQueue} AND recipe IS NULL`);
      this.sql.run(
        `UPDATE jobs SET status = 'waiting', inherited = 1, output = NULL, claim_token = NULL WHERE ${inQueue}`,
      );
      for (const { id, source } of this.select(inQueue))
        if (!isRegular(source)) this.sql.run('DELETE FROM jobs WHERE id = ?', id);
    });
  }

  async add({ source, sourceHash, recipe, allowDuplicates = false }: NewJob) {
    const askedHash = requestedHash(recipe);
    return this.sql.transaction(() => {
      const earlier = this.sql.get<{ id: number; status: string; isInherited: number }>(
        `SELECT id, status, inherited AS isInherited FROM jobs WHERE source_hash = ?1 AND settings_hash <> ''
        AND (settings_hash IN (?2, ?3) OR asked_hash = ?3) AND (source = ?4 OR NOT ?5)
        AND status IN ('waiting', 'running', 'failed') ORDER BY status = 'failed', id DESC LIMIT 1`,
        ...[sourceHash, recipe.hash, askedHash, source, Number(allowDuplicates)],
      );
      if (earlier?.status === 'failed') {
        // It may have failed because of a full disk or a crash. The photo may have moved.
        this.sql.run(
          `UPDATE jobs SET status = 'waiting', retry = 0, rank = ?, source = ?, output = NULL, reason = NULL,
          recipe = coalesce(recipe, ?), settings_hash = iif(recipe IS NULL, ?, settings_hash) WHERE id = ?`,
          ...[this.lastRank() + 1, source, JSON.stringify(recipe), recipe.hash, earlier.id],
        );
      } else if (earlier?.isInherited) {
        this.sql.run('UPDATE jobs SET inherited = 0, source = ? WHERE id = ?', source, earlier.id);
      } else if (earlier) return { job: this.require(earlier.id), isNew: false };
      const id = earlier?.id ?? this.insert(source, sourceHash, askedHash, recipe);
      return { job: this.require(id), isNew: true };
    });
  }

  async jobsOf(sourceHash: string) {
    return this.select(`${inQueue} AND source_hash = ?`, [sourceHash]);
  }

  async find(id: number): Promise<QueuedJob | undefined> {
    return this.select(`${inQueue} AND id = ?`, [id])[0];
  }

  async list() {
    return this.select(inQueue);
  }

  async peek(count: number) {
    return this.select(`status = 'waiting' AND ${isFree}`, [this.heldFolders()], count);
  }

  async claim(lease: number): Promise<Claim | undefined> {
    return this.sql.transaction(() => {
      const lapsed = this.silentFor(lease);
      const [job] = this.select(
        `${isFree} AND (status = 'waiting' OR id IN (SELECT value FROM json_each(?)))`,
        [this.heldFolders(), JSON.stringify(lapsed)],
        1,
      );
      if (!job) return undefined;
      const token = randomUUID();
      this.sql.run(
        `UPDATE jobs SET status = 'running', started_at = ?, claim_token = ?, claim_expires = ? WHERE id = ?`,
        ...[now(), token, Date.now() + lease, job.id],
      );
      this.silentFor(lease);
      return { job: { ...job, status: 'running' as const }, token };
    });
  }

  async renew(claim: Claim, lease: number) {
    this.update(claim, 'claim_expires = ?', Date.now() + lease);
    this.silentFor(lease);
  }

  async begin(claim: Claim, output: string) {
    this.update(claim, 'output = ?, attempts = attempts + 1', output);
  }

  async rename(claim: Claim, source: string) {
    this.update(claim, 'source = ?', source);
  }

  async complete(claim: Claim, { output, seconds, losses }: Painted) {
    const { id, recipe } = claim.job;
    this.sql.transaction(() => {
      this.update(
        claim,
        `status = 'done', output = ?, seconds = ?, losses = ?, reason = NULL, recipe = NULL, finished_at = ?`,
        ...[output, seconds, JSON.stringify(losses), now()],
      );
      this.followUps.add(id, 'done', recipe.settings.styles);
    });
  }

  async fail(claim: Claim, reason: string, { isReplaced = false }: Failure = {}) {
    const { id, recipe } = claim.job;
    this.sql.transaction(() => {
      this.update(claim, `status = 'failed', reason = ?, output = NULL, finished_at = ?`, reason, now());
      if (!isReplaced) this.followUps.add(id, 'failed', recipe.settings.styles);
    });
  }

  async skip(claim: Claim, reason: string) {
    this.update(
      claim,
      `status = 'skipped', reason = ?, output = NULL, recipe = NULL, finished_at = ?`,
      reason,
      now(),
    );
  }

  async release(claim: Claim, recipe?: Recipe) {
    const back = `status = 'waiting', output = NULL, reason = NULL, claim_token = NULL`;
    if (!recipe) return this.update(claim, back);
    this.update(
      claim,
      `${back}, recipe = ?, settings_hash = ?, rank = ?`,
      ...[JSON.stringify(recipe), recipe.hash, this.firstRank() - 1],
    );
  }

  hold(inboxes: readonly { readonly folder: string }[]) {
    this.held = inboxes;
  }

  async move(id: number, by: 1 | -1 | null) {
    this.sql.transaction(() => {
      const waiting = this.sql.all<{ id: number; rank: number }>(
        `SELECT id, rank FROM jobs WHERE status = 'waiting' AND NOT inherited ORDER BY rank, id`,
      );
      const at = waiting.findIndex((job) => job.id === id);
      if (at < 0) return;
      const place = (id: number, rank: number) =>
        this.sql.run('UPDATE jobs SET rank = ? WHERE id = ?', rank, id);
      if (by === null) {
        place(id, this.firstRank() - 1);
        return;
      }
      const other = waiting[at + by];
      if (!other) return;
      place(id, other.rank);
      place(other.id, waiting[at].rank);
    });
  }

  async setRecipe(id: number, recipe: Recipe) {
    this.sql.run(
      `UPDATE jobs SET recipe = ?, settings_hash = ? WHERE id = ? AND status = 'waiting'`,
      ...[JSON.stringify(recipe), recipe.hash, id],
    );
  }

  async drop(id: number, reason?: string) {
    return this.sql.transaction(() => {
      const [job] = this.select(`status = 'waiting' AND id = ?`, [id]);
      if (!job) return undefined;
      if (reason === undefined) this.sql.run('DELETE FROM jobs WHERE id = ?', id);
      else
        this.sql.run(
          `UPDATE jobs SET status = 'skipped', reason = ?, recipe = NULL, finished_at = ? WHERE id = ?`,
          ...[reason, now(), id],
        );
      return job;
    });
  }

  publish(news: PaintEvent | Preview) {
    for (const listener of this.listeners)
      if ('png' in news) listener.preview(news);
      else listener.event(news);
  }

  subscribe(listener: QueueListener) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Jobs whose claims were not renewed for so many milliseconds, as seen from here. */
  private silentFor(lease: number): number[] {
    const running = this.sql.all<{ id: number; mark: string }>(
      `SELECT id, claim_token || ' ' || claim_expires AS mark FROM jobs WHERE status = 'running'`,
    );
    this.heartbeats = new Map(running.map(({ id }) => [id, this.heartbeats.get(id) ?? new Heartbeat()]));
    return running.flatMap(({ id, mark }) => (this.heartbeats.get(id)!.stillFor(mark) > lease ? [id] : []));
  }

  /** With a separator at the end, so that `phone` does not hold `phone-2`. */
  private heldFolders(): string {
    return JSON.stringify(this.held.map(({ folder }) => join(folder, sep)));
  }

  private insert(source: string, sourceHash: string, askedHash: string, recipe: Recipe): number {
    const { lastInsertRowid } = this.sql.run(
      `INSERT INTO jobs (source, source_hash, settings_hash, asked_hash, status, rank, queued_at, recipe)
      VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?)`,
      ...[source, sourceHash, recipe.hash, askedHash, this.lastRank() + 1, now(), JSON.stringify(recipe)],
    );
    return Number(lastInsertRowid);
  }

  private require(id: number): QueuedJob {
    return this.select('id = ?', [id])[0];
  }

  private select(where: string, values: unknown[] = [], limit = -1): QueuedJob[] {
    const sql = `SELECT ${columns} FROM jobs WHERE ${where} ORDER BY status, rank, id LIMIT ${limit}`;
    return this.sql.all<Row>(sql, ...values).map((row) => ({
      ...row,
      recipe: recipeSchema.parse(JSON.parse(row.recipe)),
      isInherited: Boolean(row.isInherited),
    }));
  }

  /** Updates a job if the claim is still valid. */
  private update({ job, token }: Claim, changes: string, ...values: unknown[]): void {
    const { changes: count } = this.sql.run(
      `UPDATE jobs SET ${changes} WHERE id = ? AND status = 'running' AND claim_token = ?`,
      ...[...values, job.id, token],
    );
    if (count === 0) throw new LeaseLost(job.id);
  }

  private lastRank(): number {
    return this.rank('max');
  }

  private firstRank(): number {
    return this.rank('min');
  }

  /** Of the waiting jobs. */
  private rank(which: 'min' | 'max'): number {
    return this.sql.get<{ rank: number }>(
      `SELECT coalesce(${which}(rank), 0) AS rank FROM jobs WHERE ${inQueue}`,
    )!.rank;
  }
}

/** Whether a photo can still be painted: it exists and was not replaced by a link. An error in checking is no proof. */
function isRegular(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return true;
  }
}
