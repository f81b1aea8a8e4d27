/** Hashes and dates of complete photos by file stamp, so that a folder of thousands is not read again at each start. */
import type { Sql } from './sql.js';

export class SeenFiles {
  constructor(private readonly sql: Sql) {}

  /** The hash of a photo that was read with this file stamp; undefined if unknown. */
  find(source: string, entry: string): string | undefined {
    const sql = 'SELECT source_hash AS hash FROM seen WHERE source = ? AND entry = ? AND taken IS NOT NULL';
    return this.sql.get<{ hash: string }>(sql, source, entry)?.hash;
  }

  /** The paths at which a photo with this content was seen. */
  pathsOf(sourceHash: string): string[] {
    const sql = 'SELECT source FROM seen WHERE source_hash = ?';
    return this.sql.all<{ source: string }>(sql, sourceHash).map(({ source }) => source);
  }

  /** When a photo with this content was taken, in local time; undefined if it does not say. */
  takenAt(sourceHash: string): string | undefined {
    const sql = `SELECT taken FROM seen WHERE source_hash = ? AND taken <> ''`;
    return this.sql.get<{ taken: string }>(sql, sourceHash)?.taken;
  }

  add(source: string, entry: string, sourceHash: string, taken = ''): void {
    this.sql.run('INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)', source, entry, sourceHash, taken);
  }
}
