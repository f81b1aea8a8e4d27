/** The job store: queue and history in one SQLite file next to the paintings, which survives crashes. */
import { randomUUID } from 'node:crypto';
import { type FollowUp, FollowUps } from './follow-ups.js';
import { History } from './history.js';
import type { PastJob } from './job.js';
import { claimLease, type Lease, type LeaseHolder, leaseHolderAt } from './lease.js';
import { freeOutput } from './output-names.js';
import { SeenFiles } from './seen-files.js';
import { Sql } from './sql.js';
import { type IsPainting, SqliteQueue } from './sqlite-queue.js';

export class JobStore {
  readonly queue: SqliteQueue;
  readonly history: History;
  readonly seen: SeenFiles;
  readonly followUps: FollowUps;
  /** Commands that an earlier start had begun when it ended. */
  interrupted: readonly FollowUp[] = [];
  private readonly sql: Sql;

  /**
   * Opens or creates the file.
   * @param path a file, or ':memory:' for a session that leaves nothing behind
   * @param past jobs that a new file starts with
   * @throws UserError if the file is damaged, of a newer program, or cannot be written
   */
  constructor(
    private readonly path: string,
    past: readonly PastJob[] = [],
  ) {
    this.sql = new Sql(path, (db) => {
      const insert = db.prepare(
        `INSERT INTO jobs (source, source_hash, settings_hash, asked_hash, status, output, attempts, queued_at, finished_at, losses)
        VALUES (?1, ?2, ?3, ?3, 'done', ?4, 1, ?5, ?5, ?6)`,
      );
      for (const { source, sourceHash, settingsHash, output, finishedAt, losses } of past)
        insert.run(source, sourceHash, settingsHash, output, finishedAt, JSON.stringify(losses));
    });
    this.followUps = new FollowUps(this.sql);
    this.queue = new SqliteQueue(this.sql, this.followUps);
    this.history = new History(this.sql, this.followUps);
    this.seen = new SeenFiles(this.sql);
  }

  /**
   * Acquires the lease on the outbox for this process, and recovers from a crash.
   * @param isPainting see SqliteQueue.recover()
   * @param say prints what is waited for: see claimLease()
   * @throws UserError if another process has it
   */
  async claim(isPainting: IsPainting, say?: (text: string) => void): Promise<Lease> {
    const lease = await claimLease(this.sql.database, this.path, say);
    await this.queue.recover(isPainting);
    this.interrupted = this.followUps.recover();
    this.sql.waitBriefly();
    return lease;
  }

  /** The process that paints into the outbox, this one or another; undefined if there is none. */
  worker(): LeaseHolder | undefined {
    return leaseHolderAt(this.sql.database());
  }

  /** The outbox's id on shared queues: a UUID, chosen at the first call. */
  identity(): string {
    return this.sql.transaction(() => {
      this.sql.run('INSERT INTO identity SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)', randomUUID());
      return this.sql.get<{ id: string }>('SELECT id FROM identity')!.id;
    });
  }

  /** The first free name for a painting: the path, or beach-2.jpg, … beside it. */
  freeOutput(path: string): string {
    return freeOutput(this.sql, path);
  }

  close(): void {
    this.sql.close();
  }
}
