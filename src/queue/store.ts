/** What is to be done and what was done, remembered across crashes: one SQLite file beside the paintings. */
import { History } from './history.js';
import type { PastJob } from './job.js';
import { claimLease, type Lease, type LeaseHolder, leaseHolderAt } from './lease.js';
import { freeOutput } from './output-names.js';
import { SeenFiles } from './seen-files.js';
import { Sql } from './sql.js';
import { SqliteQueue } from './sqlite-queue.js';

export class JobStore {
  readonly queue: SqliteQueue;
  readonly history: History;
  readonly seen: SeenFiles;
  private readonly sql: Sql;

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
    this.sql = new Sql(path, (db) => {
      const insert = db.prepare(
        `INSERT INTO jobs (source, source_hash, settings_hash, asked_hash, status, output, attempts, queued_at, finished_at, losses)
        VALUES (?1, ?2, ?3, ?3, 'done', ?4, 1, ?5, ?5, ?6)`,
      );
      for (const { source, sourceHash, settingsHash, output, finishedAt, losses } of past)
        insert.run(source, sourceHash, settingsHash, output, finishedAt, JSON.stringify(losses));
    });
    this.queue = new SqliteQueue(this.sql);
    this.history = new History(this.sql);
    this.seen = new SeenFiles(this.sql);
  }

  /**
   * Takes the lease on the outbox for this process, and recovers what a crash left.
   * @param say is told what is waited for: see claimLease()
   * @throws UserError if another process has it
   */
  async claim(say?: (text: string) => void): Promise<Lease> {
    const lease = await claimLease(this.sql.database, this.path, say);
    this.queue.recover();
    return lease;
  }

  /** Who paints into the outbox, this process or another; undefined if nobody does. */
  worker(): LeaseHolder | undefined {
    return leaseHolderAt(this.sql.database());
  }

  /** The first free name for a source's painting in a folder. */
  freeOutput(folder: string, source: string, extension: string): string {
    return freeOutput(this.sql, folder, source, extension);
  }

  close(): void {
    this.sql.close();
  }
}
