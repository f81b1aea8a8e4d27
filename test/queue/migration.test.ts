/** Ledgers of earlier versions. */
import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { JobStore } from '../../src/queue/store.js';
import { wave } from '../e2e/program.js';

/** What version 1 made its files with. */
const version1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE jobs (
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
  CREATE INDEX jobs_by_status ON jobs (status, id);
  PRAGMA user_version = 1;
  INSERT INTO jobs VALUES (1, '/in/a.jpg', 'a', 'former', 'done', '${wave}', 1, NULL, '2026-01-01T10:00:00.000Z',
    '2026-01-01T10:00:01.000Z', '2026-01-01T10:00:09.000Z', 7.5, '{"total":1,"tv":1,"content":{},"style":{}}');
  INSERT INTO jobs VALUES (2, '/in/b.jpg', 'b', 'former', 'skipped', NULL, 1, 'skipped by hand',
    '2026-01-01T10:00:00.000Z', NULL, NULL, NULL, NULL);
  INSERT INTO jobs VALUES (3, '/in/c.jpg', 'c', 'former', 'waiting', NULL, 0, NULL,
    '2026-01-01T10:00:00.000Z', NULL, NULL, NULL, NULL);
`;

it('brings a file of version 1 up to date, with what its write-ahead log holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'migration-'));
  const [live, path] = ['live.sqlite', 'ledger.sqlite'].map((name) => join(folder, name));
  const db = new Database(live);
  db.exec(version1);
  // As a crash leaves it: nothing was moved from the log into the file.
  for (const ending of ['', '-wal']) copyFileSync(live + ending, path + ending);

  const store = new JobStore(path);
  expect([...store.history.records()]).toMatchObject([
    { id: 1, status: 'done', seconds: 7.5, losses: { total: 1 }, finishedAt: '2026-01-01T10:00:09.000Z' },
    { id: 2, status: 'skipped', reason: 'skipped by hand' },
    { id: 3, status: 'waiting' },
  ]);
  (await store.claim(async () => false)).release();
  const picture = { source: '/in/a.jpg', sourceHash: 'a', settingsHash: 'former', askedHash: 'former' };
  expect(store.history.settled(picture)?.why).toMatch(/already painted/);
  expect(store.history.settled({ ...picture, source: '/in/b.jpg', sourceHash: 'b' })?.why).toMatch(/skipped/);
  store.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  expect([...new JobStore(path).history.records()]).toHaveLength(2);
});

it('says so when an older program is at work with the file', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'migration-')), 'ledger.sqlite');
  const db = new Database(path);
  db.exec(version1);
  expect(() => new JobStore(path)).toThrow(/an older stylize-tui. Stop that first/);
  expect(db.prepare('SELECT count(*) AS n FROM jobs').all()).toEqual([{ n: 3 }]);
});

it('leaves a file of a newer program alone', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'migration-')), 'ledger.sqlite');
  new JobStore(path).close();
  const db = new Database(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(() => new JobStore(path)).toThrow(/newer stylize-tui/);
});

/** What version 6, the last without follow-ups, made its files with; only what matters here. */
const version6 = `${version1}
  ALTER TABLE jobs ADD COLUMN retry INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE hold (id INTEGER PRIMARY KEY CHECK (id = 1), token TEXT NOT NULL, host TEXT NOT NULL, realm TEXT NOT NULL,
    pid INTEGER NOT NULL, born TEXT NOT NULL, since TEXT NOT NULL, seen TEXT NOT NULL);
  ALTER TABLE jobs ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN asked_hash TEXT NOT NULL DEFAULT '';
  UPDATE jobs SET rank = id, asked_hash = settings_hash;
  CREATE INDEX jobs_by_rank ON jobs (status, rank, id);
  CREATE TABLE seen (source TEXT PRIMARY KEY, entry TEXT NOT NULL, source_hash TEXT NOT NULL) WITHOUT ROWID;
  ALTER TABLE jobs ADD COLUMN recipe TEXT;
  ALTER TABLE jobs ADD COLUMN inherited INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN claim_token TEXT;
  ALTER TABLE jobs ADD COLUMN claim_expires INTEGER;
  CREATE TABLE identity (id TEXT NOT NULL);
  PRAGMA user_version = 6;
`;

it('runs nothing after paintings that an earlier version finished', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'migration-')), 'ledger.sqlite');
  const db = new Database(path);
  db.exec(version6);
  db.close();
  const store = new JobStore(path);
  const plan = { commands: ['lp {output}'] };
  store.followUps.plan = { done: plan, failed: plan };
  expect(store.followUps.next()).toBeUndefined();
  expect(store.history.record(1)).toMatchObject({ status: 'done', followUps: [] });
  const bad = { source: '/in/d.jpg', sourceHash: 'd', status: 'failed', reason: 'no picture' } as const;
  const { job } = store.history.note(bad);
  expect(store.followUps.next()).toMatchObject({ job: job.id, what: 'lp {output}', why: 'no picture' });
  store.history.forget([job.id]);
  expect(store.followUps.counts()).toEqual({});
  store.close();
});
