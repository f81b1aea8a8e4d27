/** The job store's open database, for all that is kept in it. */
import { type Database, isOutOfReach, isThere, openDatabase } from './database.js';

export class Sql {
  private db: Database.Database;
  private isInTransaction = false;

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

  /** As it is open at the moment. */
  readonly database = (): Database.Database => this.db;

  run(sql: string, ...values: unknown[]) {
    return this.reconnecting(() => this.db.prepare(sql).run(...values));
  }

  get<T>(sql: string, ...values: unknown[]): T | undefined {
    // libsql's own get() puts a property of its own into the row.
    return this.all<T>(sql, ...values)[0];
  }

  all<T>(sql: string, ...values: unknown[]): T[] {
    return this.reconnecting(() => this.db.prepare(sql).all(...values) as T[]);
  }

  /** Everything in it, or nothing. */
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
        // SQLite itself has ended one that met a full disk: libsql's own transaction() would tell of that instead.
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

  /** If the file was removed, or its disk was away, goes on with the one that is there now: written anew if need be. */
  private reconnecting<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      // A transaction is begun again as a whole.
      if (!isOutOfReach(error) || this.isInTransaction) throw error;
      if (!isThere(this.path)) this.db.prepare('VACUUM INTO ?').run(this.path);
      const db = openDatabase(this.path);
      this.db.close();
      this.db = db;
      return work();
    }
  }
}

export const now = () => new Date().toISOString();
