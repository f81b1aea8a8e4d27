/** The job store's open database, reopened if its file was replaced. */
import { type Database, isOutOfReach, isThere, openDatabase } from './database.js';

/** Milliseconds. */
const briefly = 250;

export class Sql {
  private db: Database.Database;
  private isInTransaction = false;
  private isBrief = false;

  /**
   * @param path a file, or ':memory:' for a session that leaves nothing behind
   * @param fill see openDatabase()
   */
  constructor(
    private readonly path: string,
    fill?: (db: Database.Database) => void,
  ) {
    this.db = openDatabase(path, fill);
  }

  /** The currently open database. */
  readonly database = (): Database.Database => this.db;

  /**
   * From now on a lock of another program is waited for no longer than a moment: that stops everything else here, and
   * whoever meets it tries again later.
   */
  waitBriefly(): void {
    this.isBrief = true;
    this.db.exec(`PRAGMA busy_timeout = ${briefly}`);
  }

  run(sql: string, ...values: unknown[]) {
    return this.reconnecting(() => this.db.prepare(sql).run(...values));
  }

  get<T>(sql: string, ...values: unknown[]): T | undefined {
    // libsql's get() adds a property of its own to the row.
    return this.all<T>(sql, ...values)[0];
  }

  all<T>(sql: string, ...values: unknown[]): T[] {
    return this.reconnecting(() => this.db.prepare(sql).all(...values) as T[]);
  }

  /** Runs `work` in a transaction. */
  transaction<T>(work: () => T): T {
    return this.reconnecting(() => {
      const { db } = this;
      db.exec('BEGIN IMMEDIATE');
      this.isInTransaction = true;
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        // SQLite has already rolled back after a full disk; libsql's own transaction() would report that instead of the cause.
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      } finally {
        this.isInTransaction = false;
      }
    });
  }

  close(): void {
    this.db.close();
  }

  /** If the file was removed or its disk was unavailable, reopens the file at its path, or writes it again if missing. */
  private reconnecting<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      // A transaction is repeated as a whole.
      if (!isOutOfReach(error) || this.isInTransaction) throw error;
      if (!isThere(this.path)) this.db.prepare('VACUUM INTO ?').run(this.path);
      const db = openDatabase(this.path);
      this.db.close();
      this.db = db;
      if (this.isBrief) this.waitBriefly();
      return work();
    }
  }
}

export const now = () => new Date().toISOString();
