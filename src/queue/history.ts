/** What became of photos: painted, failed, skipped or left alone. A picture is known by the hash of its content and of its settings, not by its name. */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Job, type JobRecord, recordSchema } from './job.js';
import { now, type Sql } from './sql.js';

const columns =
  'id, source, source_hash AS sourceHash, settings_hash AS settingsHash, asked_hash AS askedHash, status, output, attempts, reason';

const recordColumns = `
  id, CASE WHEN retry THEN 'waiting' ELSE status END AS status, source, output, reason, attempts, seconds,
  queued_at AS queuedAt, started_at AS startedAt, finished_at AS finishedAt,
  source_hash AS sourceHash, settings_hash AS settingsHash, losses`;

/** Something that is not painted at all. `sourceHash` is empty where the content could not be read. */
export interface Note {
  source: string;
  sourceHash: string;
  status: 'failed' | 'skipped';
  reason: string;
}

/** A photo, and the settings it is to be painted with. */
export interface Question {
  source: string;
  sourceHash: string;
  settingsHash: string;
  /** What flags and sidecars say, if a person has it painted otherwise. */
  askedHash: string;
  /** What the settings' hash was in earlier versions: what was painted then is painted. */
  formerHashes?: readonly string[];
  /** The same content under another name is another photo. */
  allowDuplicates?: boolean;
}

export class History {
  constructor(private readonly sql: Sql) {}

  /**
   * Why a photo need not be painted: it was, or was skipped, with these settings or with others that a person chose instead
   * of them. Undefined where it is to be painted: also where the last try failed, or the painting is gone.
   */
  settled(photo: Question): { job: Job; why: string } | undefined {
    const { source, sourceHash, settingsHash, askedHash, formerHashes = [], allowDuplicates } = photo;
    const ended = this.sql.all<Job>(
      `SELECT ${columns} FROM jobs WHERE source_hash = ?1 AND settings_hash <> ''
      AND status IN ('done', 'skipped', 'failed') AND (settings_hash IN (?2, ?3) OR asked_hash = ?3
      OR status <> 'failed' AND asked_hash IN (SELECT value FROM json_each(?4))) ORDER BY id DESC`,
      ...[sourceHash, settingsHash, askedHash, JSON.stringify(formerHashes)],
    );
    for (const job of ended) {
      if (allowDuplicates && job.source !== source) continue;
      if (job.status === 'failed') return undefined;
      if (job.status === 'skipped') {
        const why = 'skipped before; --force paints it';
        return {
          job,
          why: job.source === source ? `it was ${why}` : sameAs(job, source, `which was ${why}`),
        };
      }
      // A painting that is no longer there is wanted again.
      if (!job.output || !existsSync(job.output)) continue;
      const why = `already painted: ${job.output}`;
      return { job, why: job.source === source ? why : sameAs(job, source, why) };
    }
    return undefined;
  }

  /** Notes what is not painted; once, however often it is looked at, unless a person wants it tried again. */
  note({ source, sourceHash, status, reason }: Note): { job: Job; isNew: boolean } {
    return this.sql.transaction(() => {
      const known = this.sql.get<{ id: number; retry: number }>(
        `SELECT id, retry FROM jobs WHERE source_hash = ? AND settings_hash = '' AND source = ? AND status = ? AND reason = ?`,
        ...[sourceHash, source, status, reason],
      );
      if (known) {
        this.sql.run('UPDATE jobs SET retry = 0 WHERE id = ?', known.id);
        return { job: this.find(known.id), isNew: known.retry === 1 };
      }
      const { lastInsertRowid } = this.sql.run(
        `INSERT INTO jobs (source, source_hash, settings_hash, status, reason, queued_at) VALUES (?, ?, '', ?, ?, ?)`,
        ...[source, sourceHash, status, reason, now()],
      );
      return { job: this.find(Number(lastInsertRowid)), isNew: true };
    });
  }

  /** Other names under which a photo was seen, and not painted because of the first one. */
  twins({ sourceHash, source }: Pick<Job, 'source' | 'sourceHash'>): string[] {
    const sql = `SELECT DISTINCT source FROM jobs WHERE source_hash = ? AND settings_hash = '' AND status = 'skipped' AND source <> ?`;
    return this.sql.all<{ source: string }>(sql, sourceHash, source).map((row) => row.source);
  }

  /** What became of a photo that was to be painted like this: the painting where there is one, else the latest try. */
  latest(sourceHash: string, askedHash: string): Job | undefined {
    const sql = `SELECT ${columns} FROM jobs WHERE source_hash = ? AND asked_hash = ?
      ORDER BY status = 'done' DESC, id DESC LIMIT 1`;
    return this.sql.get(sql, sourceHash, askedHash);
  }

  /** All jobs, in the order in which they came. */
  records(): JobRecord[] {
    return this.sql.all<StoredRecord>(`SELECT ${recordColumns} FROM jobs ORDER BY id`).map(toRecord);
  }

  /** One of them; undefined if it was forgotten. */
  record(id: number): JobRecord | undefined {
    const row = this.sql.get<StoredRecord>(`SELECT ${recordColumns} FROM jobs WHERE id = ?`, id);
    return row && toRecord(row);
  }

  /** Marks failed jobs to be tried again, now by the watcher that is at work, else by the next one. */
  wantRetry(ids: readonly number[]): void {
    this.sql.transaction(() => {
      for (const id of ids) this.sql.run(`UPDATE jobs SET retry = 1 WHERE id = ? AND status = 'failed'`, id);
    });
  }

  /** Jobs that are wanted again. Each keeps its mark until `endRetry`, so that none is lost by what comes between. */
  retries(): { id: number; source: string }[] {
    return this.sql.all('SELECT id, source FROM jobs WHERE retry ORDER BY id');
  }

  /** The photo was looked at again: it is in the queue, noted, or needless. */
  endRetry(id: number): void {
    this.sql.transaction(() => {
      // What was said of a file that is a picture now holds no more.
      this.sql.run(`DELETE FROM jobs WHERE id = ? AND retry AND settings_hash = ''`, id);
      this.sql.run('UPDATE jobs SET retry = 0 WHERE id = ?', id);
    });
  }

  /** Forgets jobs, and others of the same content and settings: the photo is as one that never came. */
  forget(ids: readonly number[]): void {
    this.sql.transaction(() => {
      for (const id of ids)
        this.sql.run(
          `DELETE FROM jobs WHERE id = ?1 OR source_hash <> '' AND (source_hash, asked_hash) IN
          (SELECT source_hash, asked_hash FROM jobs WHERE id = ?1)`,
          id,
        );
    });
  }

  private find(id: number): Job {
    return this.sql.get<Job>(`SELECT ${columns} FROM jobs WHERE id = ?`, id)!;
  }
}

/** Of a photo whose content another one has, in words for people. */
export function sameAs(other: { source: string }, source: string, what: string): string {
  const name = dirname(other.source) === dirname(source) ? basename(other.source) : other.source;
  return `the same picture as ${name}, ${what}`;
}

type StoredRecord = { losses: string | null };

const toRecord = (row: StoredRecord): JobRecord =>
  recordSchema.parse({ ...row, losses: row.losses && JSON.parse(row.losses) });
