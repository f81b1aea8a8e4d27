/**
 * What is to be done and what was done, remembered across crashes: one SQLite file beside the outputs. A picture is
 * known by the hash of its content and of the settings it is painted with, not by its name.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fittingName } from '../util/atomic-write.js';
import { type Database, isOutOfReach, isThere, openDatabase } from './database.js';
import type { Losses } from './events.js';
import { type Job, type JobRecord, type PastJob, recordSchema, type Status } from './job.js';
import { claimLease, type Lease, type LeaseHolder, workerAt } from './lease.js';

export type { Job, Status };

const columns =
  'id, source, source_hash AS sourceHash, settings_hash AS settingsHash, asked_hash AS askedHash, status, output, attempts, reason';

/** A photo to be painted. */
export interface Photo {
  source: string;
  sourceHash: string;
  settingsHash: string;
  /** What flags and sidecars say, if a person has it painted otherwise. */
  askedHash?: string;
  /** What the settings' hash was in earlier versions: what was painted then is painted. */
  formerHashes?: readonly string[];
  /** Also if it was painted or skipped before. */
  force?: boolean;
  /** The same content under another name is another photo. */
  allowDuplicates?: boolean;
}

/** Something that is not painted at all. `sourceHash` is empty where the content could not be read. */
export interface Note {
  source: string;
  sourceHash: string;
  status: 'failed' | 'skipped';
  reason: string;
}

const recordColumns = `
  id, CASE WHEN retry THEN 'waiting' ELSE status END AS status, source, output, reason, attempts, seconds,
  queued_at AS queuedAt, started_at AS startedAt, finished_at AS finishedAt,
  source_hash AS sourceHash, settings_hash AS settingsHash, losses`;

export interface Enqueued {
  job: Job;
  /** A new job that will be painted. Otherwise `job` is the earlier one that makes it needless, or a note of that. */
  fresh: boolean;
  /** Why it is needless; left out where nobody need hear of it. */
  why?: string;
}

export class JobStore {
  private db: Database.Database;

  /**
   * Opens or makes the file.
   * @param path a file, or ':memory:' for a session that leaves nothing behind
   * @param past what a file that is made begins with
   * @throws UserError if the file is damaged, of a newer program, or cannot be written
   */
  constructor(
    private readonly path: string,
    past: readonly PastJob[] = [],
  ) {
    this.db = openDatabase(path, (db) => {
      const insert = db.prepare(
        `INSERT INTO jobs (source, source_hash, settings_hash, asked_hash, status, output, attempts, queued_at, finished_at, losses)
        VALUES (?1, ?2, ?3, ?3, 'done', ?4, 1, ?5, ?5, ?6)`,
      );
      for (const { source, sourceHash, settingsHash, output, finishedAt, losses } of past)
        insert.run(source, sourceHash, settingsHash, output, finishedAt, JSON.stringify(losses));
    });
  }

  /**
   * Takes the ledger for this process, and mends what a crash left.
   * @throws UserError if another process works with it
   */
  claim(): Lease {
    const hold = claimLease(() => this.db, this.path);
    this.heal();
    return hold;
  }

  /** Who works with the ledger, this process or another; undefined if nobody does. */
  worker(): LeaseHolder | undefined {
    return workerAt(this.db);
  }

  /**
   * Adds a job behind those that wait, unless the same content with the same settings was dealt with already: painted
   * with these, or with others that a person chose instead of them.
   */
  enqueue(photo: Photo): Enqueued {
    const {
      source,
      sourceHash,
      settingsHash,
      askedHash = settingsHash,
      formerHashes = [],
      force,
      allowDuplicates,
    } = photo;
    for (const job of this.all<Job>(
      `SELECT ${columns} FROM jobs WHERE source_hash = ?1 AND settings_hash <> '' AND
      (settings_hash IN (?2, ?3) OR asked_hash = ?3
      OR status IN ('done', 'skipped') AND asked_hash IN (SELECT value FROM json_each(?4))) ORDER BY id DESC`,
      sourceHash,
      settingsHash,
      askedHash,
      JSON.stringify(formerHashes),
    )) {
      const isSame = job.source === source;
      if (allowDuplicates && !isSame) continue;
      const needless = (what: string, why?: string): Enqueued => {
        if (isSame) return { job, fresh: false, why };
        const other = dirname(job.source) === dirname(source) ? basename(job.source) : job.source;
        const reason = `the same picture as ${other}, ${what}`;
        return { ...this.note({ source, sourceHash, status: 'skipped', reason }), fresh: false, why: reason };
      };
      if (job.status === 'waiting' || job.status === 'running') return needless('which is in the queue');
      if (force) continue;
      // The fault may have been a full disk or a crash: a new start is a new try. The photo may have moved.
      if (job.status === 'failed') return { job: this.requeue(job.id, source), fresh: true };
      if (job.status === 'skipped')
        return needless('which was skipped; --force paints it', 'it was skipped before; --force paints it');
      // A painting that is no longer there is wanted again.
      if (job.output && existsSync(job.output))
        return needless(`already painted: ${job.output}`, `already painted: ${job.output}`);
    }
    const id = this.insert(source, sourceHash, settingsHash, 'waiting', null, askedHash);
    return { job: this.find(id), fresh: true };
  }

  /**
   * Forgets waiting jobs of the same photo with other settings, and returns them. What waits for another name of the
   * photo too stays.
   */
  dropOutdated({ source, sourceHash, settingsHash, askedHash = settingsHash }: Photo): Job[] {
    const outdated = this.all<Job>(
      `SELECT ${columns} FROM jobs WHERE status = 'waiting' AND source = ? AND source_hash = ? AND asked_hash <> ?`,
      source,
      sourceHash,
      askedHash,
    ).filter((job) => this.twins(job).length === 0);
    for (const { id } of outdated) this.run('DELETE FROM jobs WHERE id = ?', id);
    return outdated;
  }

  /** Whether a job in the queue has these settings. */
  isWanted(settingsHash: string): boolean {
    const sql = `SELECT 1 FROM jobs WHERE status IN ('waiting', 'running') AND settings_hash = ?`;
    return this.get(sql, settingsHash) !== undefined;
  }

  /** Notes what is not painted; once, however often it is looked at. */
  note({ source, sourceHash, status, reason }: Note): { job: Job; fresh: boolean } {
    const known = this.get<Job>(
      `SELECT ${columns} FROM jobs WHERE source_hash = ? AND settings_hash = '' AND source = ? AND status = ? AND reason = ?`,
      sourceHash,
      source,
      status,
      reason,
    );
    if (known) return { job: known, fresh: false };
    return { job: this.find(this.insert(source, sourceHash, '', status, reason)), fresh: true };
  }

  /** Other names under which a job's photo was seen, and not painted because of it. */
  twins({ sourceHash, source }: Job): string[] {
    const sql = `SELECT DISTINCT source FROM jobs WHERE source_hash = ? AND settings_hash = '' AND status = 'skipped' AND source <> ?`;
    return this.all<{ source: string }>(sql, sourceHash, source).map((row) => row.source);
  }

  /** The photo goes by another of its names now. */
  rename(id: number, source: string): void {
    this.run('UPDATE jobs SET source = ? WHERE id = ?', source, id);
  }

  /** The first job of those that wait; undefined when none waits. */
  first(): Job | undefined {
    return this.get(`SELECT ${columns} FROM jobs WHERE status = 'waiting' ORDER BY rank, id LIMIT 1`);
  }

  /** The same, now running. */
  next(): Job | undefined {
    const job = this.first();
    if (job) this.run(`UPDATE jobs SET status = 'running', started_at = ? WHERE id = ?`, now(), job.id);
    return job;
  }

  /** Notes where a running job's picture will go, which also keeps that name from other jobs. */
  start(id: number, output: string): void {
    this.run('UPDATE jobs SET output = ?, attempts = attempts + 1 WHERE id = ?', output, id);
  }

  done(id: number, { output, seconds, losses }: { output: string; seconds: number; losses: Losses }): void {
    this.run(
      `UPDATE jobs SET status = 'done', output = ?, seconds = ?, losses = ?, reason = NULL, finished_at = ? WHERE id = ?`,
      output,
      seconds,
      JSON.stringify(losses),
      now(),
      id,
    );
  }

  fail(id: number, reason: string): void {
    this.end(id, 'failed', reason);
  }

  skip(id: number, reason: string): void {
    this.end(id, 'skipped', reason);
  }

  /** Puts a job that was stopped half-way, or failed, into the queue again, behind those that wait. */
  requeue(id: number, source: string): Job {
    const sql = `UPDATE jobs SET status = 'waiting', retry = 0, rank = ?, source = ?, output = NULL, reason = NULL WHERE id = ?`;
    this.run(sql, this.lastRank() + 1, source, id);
    return this.find(id);
  }

  /** Moves a job that waits a place later (1) or earlier (−1), or to the front (null). */
  move(id: number, by: 1 | -1 | null): void {
    const waiting = this.all<{ id: number; rank: number }>(
      `SELECT id, rank FROM jobs WHERE status = 'waiting' ORDER BY rank, id`,
    );
    const at = waiting.findIndex((job) => job.id === id);
    if (at < 0) return;
    if (by === null) return void this.run('UPDATE jobs SET rank = ? WHERE id = ?', waiting[0].rank - 1, id);
    const other = waiting[at + by];
    if (!other) return;
    const exchange = () => {
      this.run('UPDATE jobs SET rank = ? WHERE id = ?', other.rank, id);
      this.run('UPDATE jobs SET rank = ? WHERE id = ?', waiting[at].rank, other.id);
    };
    this.db.transaction(exchange).immediate();
  }

  /** Has jobs that wait painted with other settings: those with the former ones, or one of them only. */
  changeSettings(former: string, settingsHash: string, id?: number): void {
    const sql = `UPDATE jobs SET settings_hash = ? WHERE status = 'waiting' AND settings_hash = ? AND id = coalesce(?, id)`;
    this.run(sql, settingsHash, former, id ?? null);
  }

  /** Takes a job that waits out of the queue, and returns it; undefined if it did not wait. */
  drop(id: number, reason: string): Job | undefined {
    const job = this.get<Job>(`SELECT ${columns} FROM jobs WHERE id = ? AND status = 'waiting'`, id);
    if (job) this.skip(id, reason);
    return job;
  }

  /** What became of a photo that was to be painted like this: the painting where there is one, else the latest try. */
  latest(sourceHash: string, askedHash: string): Job | undefined {
    const sql = `SELECT ${columns} FROM jobs WHERE source_hash = ? AND asked_hash = ?
      ORDER BY status = 'done' DESC, id DESC LIMIT 1`;
    return this.get(sql, sourceHash, askedHash);
  }

  /** All jobs, in the order in which they came. */
  records(): JobRecord[] {
    return this.all<StoredRecord>(`SELECT ${recordColumns} FROM jobs ORDER BY id`).map(toRecord);
  }

  /** The hash of a photo that was read when its entry in its folder said this; undefined if none was. */
  seen(source: string, entry: string): string | undefined {
    const sql = 'SELECT source_hash AS hash FROM seen WHERE source = ? AND entry = ?';
    return this.get<{ hash: string }>(sql, source, entry)?.hash;
  }

  /** Notes that a photo was read, and what its entry said. */
  see(source: string, entry: string, sourceHash: string): void {
    this.run('INSERT OR REPLACE INTO seen VALUES (?, ?, ?)', source, entry, sourceHash);
  }

  /** A job; there must be one of this number. */
  find(id: number): Job {
    return this.get<Job>(`SELECT ${columns} FROM jobs WHERE id = ?`, id)!;
  }

  /** One of them; undefined if it was forgotten. */
  record(id: number): JobRecord | undefined {
    const row = this.get<StoredRecord>(`SELECT ${recordColumns} FROM jobs WHERE id = ?`, id);
    return row && toRecord(row);
  }

  /** Marks failed jobs to be tried again, now by whoever works with the ledger, else when somebody does. */
  wantRetry(ids: readonly number[]): void {
    const mark = this.db.prepare(`UPDATE jobs SET retry = 1 WHERE id = ? AND status = 'failed'`);
    this.db.transaction(() => ids.forEach((id) => void mark.run(id))).immediate();
  }

  /** Photos of the jobs that are wanted again, once: from now on it is for the caller to queue them. */
  takeRetries(): string[] {
    const wanted = this.all<{ source: string }>('SELECT source FROM jobs WHERE retry ORDER BY id');
    if (wanted.length > 0) {
      // A file that was no picture is looked at as if it came for the first time.
      this.run(`DELETE FROM jobs WHERE retry AND settings_hash = ''`);
      this.run('UPDATE jobs SET retry = 0 WHERE retry');
    }
    return wanted.map(({ source }) => source);
  }

  /** Forgets jobs, and others of the same content and settings: the photo is as one that never came. */
  forget(ids: readonly number[]): void {
    const forget = this.db.prepare(
      `DELETE FROM jobs WHERE id = ?1 OR source_hash <> '' AND (source_hash, asked_hash) IN
      (SELECT source_hash, asked_hash FROM jobs WHERE id = ?1)`,
    );
    this.db.transaction(() => ids.forEach((id) => void forget.run(id))).immediate();
  }

  /** The first free name for a source's painting: beach.jpg, beach-2.jpg, … neither on disk nor promised to a job. */
  freeOutput(folder: string, source: string, extension: string): string {
    const name = basename(source, extname(source));
    for (let n = 1; ; n++) {
      const output = join(folder, fittingName(name, `${n === 1 ? '' : `-${n}`}${extension}`));
      const promised = this.get(
        `SELECT 1 FROM jobs WHERE output = ? AND status IN ('running', 'done')`,
        output,
      );
      if (!promised && !existsSync(output)) return output;
    }
  }

  close(): void {
    this.db.close();
  }

  /**
   * An output is written before its row says done, and appears whole: where it is there, the job was done. Other jobs
   * are forgotten, since the inbox brings every picture again, perhaps to be painted with other settings.
   */
  private heal(): void {
    for (const { id, output } of this.all<Job>(`SELECT ${columns} FROM jobs WHERE status = 'running'`)) {
      if (output && existsSync(output))
        this.run(`UPDATE jobs SET status = 'done', finished_at = ? WHERE id = ?`, now(), id);
    }
    this.db.exec(`DELETE FROM jobs WHERE status IN ('waiting', 'running')`);
  }

  private insert(
    source: string,
    sourceHash: string,
    settingsHash: string,
    status: Status,
    reason: string | null,
    askedHash = settingsHash,
  ): number {
    const { lastInsertRowid } = this.run(
      'INSERT INTO jobs (source, source_hash, settings_hash, asked_hash, status, reason, rank, queued_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      source,
      sourceHash,
      settingsHash,
      askedHash,
      status,
      reason,
      this.lastRank() + 1,
      now(),
    );
    return Number(lastInsertRowid);
  }

  /** Of those that wait. */
  private lastRank(): number {
    return this.get<{ rank: number }>(
      `SELECT coalesce(max(rank), 0) AS rank FROM jobs WHERE status = 'waiting'`,
    )!.rank;
  }

  private end(id: number, status: Status, reason: string): void {
    this.run(
      'UPDATE jobs SET status = ?, reason = ?, output = NULL, finished_at = ? WHERE id = ?',
      status,
      reason,
      now(),
      id,
    );
  }

  private run(sql: string, ...values: unknown[]) {
    return this.reaching(() => this.db.prepare(sql).run(...values));
  }

  private get<T>(sql: string, ...values: unknown[]): T | undefined {
    // Its own get() puts a property of its own into the row.
    return this.all<T>(sql, ...values)[0];
  }

  private all<T>(sql: string, ...values: unknown[]): T[] {
    return this.reaching(() => this.db.prepare(sql).all(...values) as T[]);
  }

  /** If the file was removed, or its disk was away, goes on with the one that is there now: written anew if need be. */
  private reaching<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      if (!isThere(this.path)) this.db.prepare('VACUUM INTO ?').run(this.path);
      const db = openDatabase(this.path);
      this.db.close();
      this.db = db;
      return work();
    }
  }
}

type StoredRecord = { losses: string | null };

const toRecord = (row: StoredRecord): JobRecord =>
  recordSchema.parse({ ...row, losses: row.losses && JSON.parse(row.losses) });

const now = () => new Date().toISOString();
