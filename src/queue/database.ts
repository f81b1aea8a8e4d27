/** Opens the job store's file: checks it, creates it if missing, and migrates it from older versions. */
import { closeSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'libsql';
import { UserError } from '../util/errors.js';

export type { Database };

/**
 * The migrations from each version to the next; the first creates the tables. Released migrations must not be changed, since
 * files in use were created by them.
 */
const steps = [
  `CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    settings_hash TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed', 'skipped')),
    output TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    queued_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    seconds REAL,
    losses TEXT
  );
  CREATE INDEX jobs_by_content ON jobs (source_hash, settings_hash);
  CREATE INDEX jobs_by_status ON jobs (status, id);`,
  // Failed jobs that the user wants to retry; and the lease, at most one row.
  `ALTER TABLE jobs ADD COLUMN retry INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE hold (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    token TEXT NOT NULL,
    host TEXT NOT NULL,
    realm TEXT NOT NULL,
    pid INTEGER NOT NULL,
    born TEXT NOT NULL,
    since TEXT NOT NULL,
    seen TEXT NOT NULL
  );`,
  // The order of waiting jobs; and the requested settings, if the user chose others.
  `ALTER TABLE jobs ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN asked_hash TEXT NOT NULL DEFAULT '';
  UPDATE jobs SET rank = id, asked_hash = settings_hash;
  CREATE INDEX jobs_by_rank ON jobs (status, rank, id);`,
  // Photos that were read, by their file stamp at that time.
  `CREATE TABLE seen (
    source TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    source_hash TEXT NOT NULL
  ) WITHOUT ROWID;`,
  // The recipes of jobs in the queue, their claims with expiry (milliseconds since 1970), and whether they are inherited
  // from an earlier start.
  `ALTER TABLE jobs ADD COLUMN recipe TEXT;
  ALTER TABLE jobs ADD COLUMN inherited INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN claim_token TEXT;
  ALTER TABLE jobs ADD COLUMN claim_expires INTEGER;`,
  // The outbox's id on shared queues; one row.
  `CREATE TABLE identity (id TEXT NOT NULL)`,
  // What follows a painting or a failure, in order: commands, and the photo's move.
  `CREATE TABLE follow_ups (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('command', 'move')),
    what TEXT NOT NULL,
    styles TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed', 'unknown')),
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    target TEXT
  );
  CREATE INDEX follow_ups_by_job ON follow_ups (job, id);
  CREATE INDEX follow_ups_by_status ON follow_ups (status, id);
  CREATE TRIGGER forget_follow_ups AFTER DELETE ON jobs BEGIN DELETE FROM follow_ups WHERE job = OLD.id; END;`,
  // When photos were taken; empty if they do not say, NULL if they were not asked.
  `ALTER TABLE seen ADD COLUMN taken TEXT`,
];

/** The first bytes of every SQLite file. */
const header = 'SQLite format 3\0';

/** The file exists but is not a job store: it is damaged, or something else. */
export class DamagedJobStore extends UserError {
  constructor(
    readonly path: string,
    readonly what: string,
  ) {
    super(
      `${path}: ${what}. stylize-tui watch sets it aside and makes a new one from the pictures beside it.`,
    );
  }
}

/**
 * Opens a job store's file, or creates it.
 * @param path a file, or ':memory:' for a session that leaves nothing behind
 * @param fill called once for a new file, in the transaction that creates the tables
 * @throws DamagedJobStore if the file is not a complete job store; other UserErrors if it is of a newer program, in use by
 * an older one, or cannot be written
 */
export function openDatabase(
  path: string,
  fill: (db: Database.Database) => void = () => {},
): Database.Database {
  let db: Database.Database | undefined;
  try {
    const isNew = !isThere(path);
    if (!isNew) checkHeader(path);
    db = new Database(path);
    // Not WAL, since an outbox may be on a network share and WAL needs memory shared between hosts.
    db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;');
    if (!isNew) checkContent(db, path);
    if (isNew || versionOf(db) < steps.length) db.transaction(bringUpToDate).immediate(db, fill);
    return db;
  } catch (error) {
    db?.close();
    throw explain(error as Error & { code?: string }, path);
  }
}

/** Whether there is a job store. As in SQLite, an empty file is none, unless it has a non-empty journal. */
export function isThere(path: string): boolean {
  if (path === ':memory:') return false;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && found.size === 0)
    return Boolean(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size);
  return found !== undefined;
}

/** Whether an error means that the open file is no longer the one at its path. */
export const isOutOfReach = (error: unknown): boolean =>
  /^SQLITE_(READONLY_DBMOVED|IOERR)/.test((error as { code?: string }).code ?? '');

/** Checks the header ourselves, since SQLite would take a file shorter than a page for an empty one and overwrite it. */
function checkHeader(path: string): void {
  const found = lstatSync(path);
  if (found.isDirectory()) throw new DamagedJobStore(path, 'is a folder, not a job store');
  // Opening a pipe would block, and a link may lead to another database.
  if (!found.isFile()) throw new DamagedJobStore(path, 'is no regular file');
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(header.length);
    readSync(file, bytes, 0, bytes.length, 0);
    if (bytes.toString('latin1') !== header) throw new DamagedJobStore(path, 'is damaged (its beginning)');
  } finally {
    closeSync(file);
  }
}

function checkContent(db: Database.Database, path: string): void {
  const [{ quick_check: result }] = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  if (result !== 'ok') throw new DamagedJobStore(path, `is damaged (${result.split('\n').at(-1)})`);
  const columns = db.prepare(`SELECT name FROM pragma_table_info('jobs')`).all() as { name: string }[];
  const isOurs = ['source_hash', 'settings_hash', 'status'].every((ours) =>
    columns.some(({ name }) => name === ours),
  );
  if (!isOurs) throw new DamagedJobStore(path, 'is a file of another program');
  if (versionOf(db) > steps.length)
    throw new UserError(`${path}: was written by a newer stylize-tui. Update it.`);
}

/** Runs in one transaction, so that of two programs starting at the same time the second finds it done. */
function bringUpToDate(db: Database.Database, fill: (db: Database.Database) => void): void {
  const version = versionOf(db);
  for (const step of steps.slice(version)) db.exec(step);
  db.exec(`PRAGMA user_version = ${steps.length}`);
  if (version === 0) fill(db);
}

const versionOf = (db: Database.Database) =>
  (db.prepare('PRAGMA user_version').all() as { user_version: number }[])[0].user_version;

function explain(error: Error & { code?: string }, path: string): Error {
  const { code = '', message } = error;
  if (error instanceof UserError) return error;
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return new DamagedJobStore(path, `is damaged (${message})`);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return new UserError(
      `${path}: is in use by another program, perhaps an older stylize-tui. Stop that first.`,
    );
  return new UserError(
    `${path}: the list of finished pictures cannot be used (${message}). Check the folder's permissions and the room on its disk.`,
    { cause: error },
  );
}
