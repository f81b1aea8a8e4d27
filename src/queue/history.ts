/** History of photos: painted, failed or skipped. A picture is identified by the hashes of its content and settings, not by its name. */
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import type { FormerFrame } from '../render/messages.js';
import { naturalOrder } from '../util/natural-order.js';
import { isGone } from '../util/read-file.js';
import type { FollowUps } from './follow-ups.js';
import { type Job, type JobRecord, recordSchema } from './job.js';
import { now, type Sql } from './sql.js';

const columns =
  'id, source, source_hash AS sourceHash, settings_hash AS settingsHash, asked_hash AS askedHash, status, output, attempts, reason';

const recordColumns = `
  id, CASE WHEN retry THEN 'waiting' ELSE status END AS status, source, output, substr(reason, 1, 2000) AS reason,
  attempts, seconds,
  queued_at AS queuedAt, started_at AS startedAt, finished_at AS finishedAt,
  source_hash AS sourceHash, settings_hash AS settingsHash, losses, (
    SELECT json_group_array(json_object(kind, what, 'status', status, 'attempts', attempts, 'reason', substr(reason, 1, 2000)))
    FROM (SELECT * FROM follow_ups WHERE job = jobs.id ORDER BY id)
  ) AS followUps`;

/** A file that is not painted. `sourceHash` is empty if the content could not be read. */
export interface Note {
  source: string;
  sourceHash: string;
  status: 'failed' | 'skipped';
  reason: string;
}

/** A photo, and the settings to paint it with. */
export interface Question {
  source: string;
  sourceHash: string;
  settingsHash: string;
  /** Hash of the settings of flags and sidecars, if the user chose others. */
  askedHash: string;
  /** The hashes of these settings in earlier versions, whose paintings count too. */
  formerHashes?: readonly string[];
  /** The same content under another name counts as another photo. */
  allowDuplicates?: boolean;
}

export class History {
  constructor(
    private readonly sql: Sql,
    private readonly followUps: FollowUps,
  ) {}

  /**
   * Why a photo need not be painted: it was painted or skipped with these settings, or with others that the user chose
   * instead. Undefined if it should be painted, which includes a failed last attempt and a painting that was removed.
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
      // A removed painting is painted again.
      if (!job.output || isGone(job.output)) continue;
      const why = `already painted: ${job.output}`;
      return { job, why: job.source === source ? why : sameAs(job, source, why) };
    }
    return undefined;
  }

  /** Records a file that is not painted. It is recorded once, however often it is examined, unless the user retries it. */
  note({ source, sourceHash, status, reason }: Note): { job: Job; isNew: boolean } {
    return this.sql.transaction(() => {
      const known = this.sql.get<{ id: number; retry: number }>(
        `SELECT id, retry FROM jobs WHERE source_hash = ? AND settings_hash = '' AND source = ? AND status = ? AND reason = ?`,
        ...[sourceHash, source, status, reason],
      );
      if (known) {
        this.sql.run('UPDATE jobs SET retry = 0 WHERE id = ?', known.id);
        if (known.retry === 1 && status === 'failed') this.followUps.add(known.id, 'failed');
        return { job: this.find(known.id), isNew: known.retry === 1 };
      }
      const { lastInsertRowid } = this.sql.run(
        `INSERT INTO jobs (source, source_hash, settings_hash, status, reason, queued_at) VALUES (?, ?, '', ?, ?, ?)`,
        ...[source, sourceHash, status, reason, now()],
      );
      const id = Number(lastInsertRowid);
      if (status === 'failed') this.followUps.add(id, 'failed');
      return { job: this.find(id), isNew: true };
    });
  }

  /** Other names of a photo's content, which were skipped as duplicates. */
  twins({ sourceHash, source }: Pick<Job, 'source' | 'sourceHash'>): string[] {
    const sql = `SELECT DISTINCT source FROM jobs WHERE source_hash = ? AND settings_hash = '' AND status = 'skipped' AND source <> ?`;
    return this.sql.all<{ source: string }>(sql, sourceHash, source).map((row) => row.source);
  }

  /** Of the photos in the same folder that were painted with the same settings, the nearest before this one by name. */
  frameBefore({ source, settingsHash }: Pick<Job, 'source' | 'settingsHash'>): FormerFrame | undefined {
    const painted = this.sql.all<{ source: string; output: string }>(
      `SELECT source, output FROM jobs WHERE settings_hash = ? AND status = 'done' AND output IS NOT NULL ORDER BY id DESC`,
      settingsHash,
    );
    const before = painted
      .filter((job) => dirname(job.source) === dirname(source) && naturalOrder(job.source, source) < 0)
      // Stable: of several paintings of a frame the latest counts.
      .sort((a, b) => naturalOrder(b.source, a.source));
    const found = before.find(({ output }) => !isGone(output));
    return found && { photo: found.source, painting: found.output };
  }

  /** The result for a photo with these settings: the painting if there is one, else the latest attempt. */
  latest(sourceHash: string, askedHash: string): Job | undefined {
    const sql = `SELECT ${columns} FROM jobs WHERE source_hash = ? AND asked_hash = ?
      ORDER BY status = 'done' DESC, id DESC LIMIT 1`;
    return this.sql.get(sql, sourceHash, askedHash);
  }

  /** The photo of a painting, by the latter's path, wherever it was moved to. */
  sourceOf(output: string): string | undefined {
    const sql = `SELECT source FROM jobs WHERE output = ? AND status = 'done' ORDER BY id DESC LIMIT 1`;
    return this.sql.get<{ source: string }>(sql, output)?.source;
  }

  /** All jobs, oldest first, read in pages, since there may be very many. */
  *records(): Generator<JobRecord, void> {
    const sql = `SELECT ${recordColumns} FROM jobs WHERE id > ? ORDER BY id LIMIT ${pageLength}`;
    let page: StoredRecord[] = [];
    do {
      page = this.sql.all<StoredRecord>(sql, page.at(-1)?.id ?? Number.MIN_SAFE_INTEGER);
      for (const row of page) yield toRecord(row);
    } while (page.length > 0);
  }

  /** One job; undefined if it was forgotten. */
  record(id: number): JobRecord | undefined {
    const row = this.sql.get<StoredRecord>(`SELECT ${recordColumns} FROM jobs WHERE id = ?`, id);
    return row && toRecord(row);
  }

  /** Marks failed jobs to be retried by the running watcher, or the next one. */
  wantRetry(ids: readonly number[]): void {
    this.sql.transaction(() => {
      for (const id of ids) this.sql.run(`UPDATE jobs SET retry = 1 WHERE id = ? AND status = 'failed'`, id);
    });
  }

  /** Jobs marked to be retried. Each keeps its mark until endRetry(), so that a crash loses none. */
  retries(): { id: number; source: string }[] {
    return this.sql.all('SELECT id, source FROM jobs WHERE retry ORDER BY id');
  }

  /** Removes the mark, after the photo was examined again: it is queued, recorded, or need not be painted. */
  endRetry(id: number): void {
    this.sql.transaction(() => {
      // The record of a file that was no picture is obsolete if it is one now.
      this.sql.run(`DELETE FROM jobs WHERE id = ? AND retry AND settings_hash = ''`, id);
      this.sql.run('UPDATE jobs SET retry = 0 WHERE id = ?', id);
    });
  }

  /** Forgets jobs, and all others with the same content and settings, so that the photo counts as new. */
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

/** The reason, for the user, why a photo with the same content as another one is skipped. */
export function sameAs(other: { source: string }, source: string, what: string): string {
  const name = dirname(other.source) === dirname(source) ? basename(other.source) : other.source;
  return `the same picture as ${name}, ${what}`;
}

const pageLength = 500;

type StoredRecord = { id: number; losses: string | null; followUps: string };

/** A row that is not as this program writes them, by damage or by other hands, says so in place of a reason. */
function toRecord(row: StoredRecord): JobRecord {
  const whole = recordSchema.safeParse({
    ...row,
    losses: parsed(row.losses),
    followUps: parsed(row.followUps),
  });
  if (whole.success) return whole.data;
  const fields: Record<string, z.ZodType | undefined> = recordSchema.omit({
    losses: true,
    followUps: true,
  }).shape;
  const known = Object.entries(row).filter(([name, value]) => fields[name]?.safeParse(value).success);
  const [part] = whole.error.issues[0].path;
  const reason = `this entry of the list is damaged (its ${String(part)})`;
  return { ...unknown, ...Object.fromEntries(known), id: row.id, reason };
}

/** Undefined where it is no JSON. */
function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What there is to say of a row of which nothing can be read. */
const unknown = {
  status: 'failed',
  source: '',
  output: null,
  attempts: 0,
  seconds: null,
  queuedAt: new Date(0).toISOString(),
  startedAt: null,
  finishedAt: null,
  sourceHash: '',
  settingsHash: '',
  losses: null,
  followUps: [],
} satisfies Omit<JobRecord, 'id' | 'reason'>;
