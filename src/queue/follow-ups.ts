/**
 * What follows a painting or a failure: commands of --exec, then the photo's move. Rows are added in the transaction that records
 * the outcome, so that a crash neither loses one nor adds it twice. The rows name commands and folders but never decide what is
 * run: only those that the flags of this start name are, since whoever can write into the outbox can write into its job store.
 */
import type { z } from 'zod';
import type { followUpSchema, Job } from './job.js';
import type { Sql } from './sql.js';

/** What the flags ask for, in order: command lines as they were written, and the folder that the photo moves to. */
export interface FollowUpPlan {
  done: { commands: readonly string[]; folder?: string };
  failed: { commands: readonly string[]; folder?: string };
}

type Status = z.infer<typeof followUpSchema>['status'];

/** One row, with what is known of its job. */
export interface FollowUp {
  id: number;
  job: number;
  kind: 'command' | 'move';
  /** The command line, or the folder. */
  what: string;
  status: Status;
  /** How often it was started. */
  attempts: number;
  /** Why it failed. */
  reason: string | null;
  /** Where a move that has begun leads. */
  target: string | null;
  /** Paths of the styles that were painted with. */
  styles: readonly string[];
  source: string;
  sourceHash: string;
  output: string | null;
  /** Why the photo failed. */
  why: string | null;
}

type Row = Omit<FollowUp, 'styles'> & { styles: string };

const select = `SELECT f.id, f.job, f.kind, f.what, f.status, f.attempts, f.reason, f.target, f.styles, j.source,
  j.source_hash AS sourceHash, j.output, j.reason AS why FROM follow_ups f JOIN jobs j ON j.id = f.job`;

export class FollowUps {
  plan: FollowUpPlan = { done: { commands: [] }, failed: { commands: [] } };

  constructor(private readonly sql: Sql) {}

  /** Adds what is planned after this outcome, in place of what followed an earlier one. Called in a transaction. */
  add(job: number, outcome: keyof FollowUpPlan, styles: readonly string[] = []): void {
    const { commands, folder } = this.plan[outcome];
    this.sql.run('DELETE FROM follow_ups WHERE job = ?', job);
    const insert = (kind: FollowUp['kind'], what: string) =>
      this.sql.run(
        `INSERT INTO follow_ups (job, kind, what, styles, status) VALUES (?, ?, ?, ?, 'waiting')`,
        ...[job, kind, what, JSON.stringify(styles)],
      );
    for (const command of commands) insert('command', command);
    if (folder !== undefined) insert('move', folder);
  }

  /**
   * Recovers from a crash: a move that was begun is resumed, a command that was begun may have run.
   * @returns these commands
   */
  recover(): FollowUp[] {
    return this.sql.transaction(() => {
      const begun = this.rows(`WHERE f.status = 'running' AND f.kind = 'command' ORDER BY f.id`);
      this.sql.run(`UPDATE follow_ups SET status = 'waiting' WHERE status = 'running' AND kind = 'move'`);
      this.sql.run(
        `UPDATE follow_ups SET status = 'unknown', reason = ? WHERE status = 'running'`,
        interrupted,
      );
      return begun.map((each) => ({ ...each, status: 'unknown', reason: interrupted }));
    });
  }

  /** The first that can be started: a command after the former one succeeded, a move unless its photo is in the queue again. */
  next(): FollowUp | undefined {
    return this.ready('LIMIT 1')[0];
  }

  /** How many can be started. */
  count(): number {
    return this.ready().length;
  }

  /** The commands that wait for a start with other flags. */
  unplanned(): string[] {
    const rows = this.sql.all<{ what: string }>(
      `SELECT DISTINCT what FROM follow_ups WHERE status = 'waiting'
      AND what NOT IN (SELECT value FROM json_each(?)) ORDER BY what`,
      JSON.stringify(this.planned()),
    );
    return rows.map(({ what }) => what);
  }

  ofJob(job: number): FollowUp[] {
    return this.rows('WHERE f.job = ? ORDER BY f.id', job);
  }

  /**
   * Records that it is started, before it is.
   * @param target where a move leads
   */
  begin(id: number, target: string | null = null): void {
    this.sql.run(
      `UPDATE follow_ups SET status = 'running', attempts = attempts + 1, target = ? WHERE id = ?`,
      ...[target, id],
    );
  }

  /** @param reason why it failed, or why it is tried again */
  end(id: number, status: Exclude<Status, 'running'>, reason: string | null = null): void {
    this.sql.run('UPDATE follow_ups SET status = ?, reason = ? WHERE id = ?', status, reason, id);
  }

  /** Records a photo's new path, which its history follows. */
  moved(id: number, from: string, to: string): void {
    this.sql.transaction(() => {
      this.end(id, 'done');
      // Reasons begin with the path.
      this.sql.run(
        'UPDATE jobs SET source = ?2, reason = replace(reason, ?1, ?2) WHERE source = ?1',
        ...[from, to],
      );
      this.sql.run('UPDATE OR REPLACE seen SET source = ? WHERE source = ?', to, from);
    });
  }

  /**
   * Has commands run again.
   * @param jobs whose failed commands, and those that may have run; undefined: all that failed
   * @returns how many
   */
  rerun(jobs?: readonly number[]): number {
    const { changes } = this.sql.run(
      `UPDATE follow_ups SET status = 'waiting' WHERE status = 'failed' AND ?1 = ''
      OR status IN ('failed', 'unknown') AND job IN (SELECT value FROM json_each(iif(?1 = '', '[]', ?1)))`,
      jobs ? JSON.stringify(jobs) : '',
    );
    return Number(changes);
  }

  /** How many rows have each status. */
  counts(): Partial<Record<Status, number>> {
    const rows = this.sql.all<{ status: Status; n: number }>(
      'SELECT status, count(*) AS n FROM follow_ups GROUP BY status',
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
  }

  private planned(): string[] {
    return Object.values(this.plan).flatMap(({ commands, folder }) => [
      ...commands,
      ...(folder ? [folder] : []),
    ]);
  }

  private ready(limit = ''): FollowUp[] {
    return this.rows(
      `WHERE f.status = 'waiting' AND f.what IN (SELECT value FROM json_each(?)) AND CASE f.kind
      WHEN 'command' THEN NOT EXISTS (SELECT 1 FROM follow_ups e WHERE e.job = f.job AND e.id < f.id AND e.status <> 'done')
      ELSE NOT EXISTS (SELECT 1 FROM jobs q WHERE q.source = j.source AND q.status IN ('waiting', 'running') AND NOT q.inherited)
      END ORDER BY f.id ${limit}`,
      JSON.stringify(this.planned()),
    );
  }

  private rows(where: string, ...values: unknown[]): FollowUp[] {
    return this.sql
      .all<Row>(`${select} ${where}`, ...values)
      .map((row) => ({ ...row, styles: JSON.parse(row.styles) as Job['source'][] }));
  }
}

const interrupted = 'it was running when the program ended, and may have run';
