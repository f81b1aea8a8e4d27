import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/queue/database.js';
import { recordSchema } from '../../src/queue/job.js';
import { JobStore } from '../../src/queue/store.js';
import { photo } from './conformance.js';

let folder: string;
let store: JobStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = new JobStore(join(folder, 'jobs.sqlite'));
});

it('finds a free name beside files and promised names', async () => {
  const free = () => store.freeOutput(join(folder, 'beach.jpg'));
  expect(free()).toBe(join(folder, 'beach.jpg'));
  writeFileSync(join(folder, 'beach.jpg'), '');
  expect(free()).toBe(join(folder, 'beach-2.jpg'));
  await store.queue.add(photo('x'));
  await store.queue.begin((await store.queue.claim(60_000))!, join(folder, 'beach-2.jpg'));
  expect(free()).toBe(join(folder, 'beach-3.jpg'));
});

it('shortens names that would be too long, between two characters', () => {
  const family = '👨‍👩‍👧‍👦';
  const long = `${'a'.repeat(231)}${family}.jpg`;
  // 231 bytes and a family of 25 are too many beside an ending of 4, so the whole family goes.
  expect(store.freeOutput(join(folder, long))).toBe(join(folder, `${'a'.repeat(231)}.jpg`));
  const umlauts = `${'ü'.repeat(125)}.jpg`;
  writeFileSync(store.freeOutput(join(folder, umlauts)), '');
  const second = store.freeOutput(join(folder, umlauts));
  expect(second).toBe(join(folder, `${'ü'.repeat(124)}-2.jpg`));
  writeFileSync(second, '');
});

it('knows photos by their entries across starts, as long as those say the same', () => {
  const { seen } = store;
  expect(seen.find('/in/a.jpg', '10 20')).toBeUndefined();
  seen.add('/in/a.jpg', '10 20', 'first');
  seen.add('/in/a.jpg', '11 21', 'second');
  store.close();
  const later = new JobStore(join(folder, 'jobs.sqlite')).seen;
  expect(later.find('/in/a.jpg', '11 21')).toBe('second');
  expect(later.find('/in/a.jpg', '10 20')).toBeUndefined();
  expect(later.find('/in/b.jpg', '11 21')).toBeUndefined();
  later.add('/in/c.jpg', '12 22', 'third', '2024-07-14T18:33:02');
  expect(['first', 'second', 'third'].map((hash) => later.takenAt(hash))).toEqual([
    undefined,
    undefined,
    '2024-07-14T18:33:02',
  ]);
});

it('tells of a row that is damaged in its place, and no more of a long reason than a person reads', () => {
  const { history } = store;
  for (let i = 0; i < 1200; i++)
    history.note({ source: `/in/${i}.jpg`, sourceHash: '', status: 'failed', reason: 'it is cold' });
  const db = openDatabase(join(folder, 'jobs.sqlite'));
  db.prepare('UPDATE jobs SET reason = ? WHERE id = 7').run('x'.repeat(5e6));
  db.exec(`UPDATE jobs SET queued_at = 'yesterday' WHERE id = 8;
    UPDATE jobs SET losses = '{"tot' WHERE id = 9;
    UPDATE jobs SET source = x'01' WHERE id = 10`);
  db.close();
  const records = [...history.records()];
  expect(records.map(({ id }) => id)).toEqual(Array.from({ length: 1200 }, (_, i) => i + 1));
  expect(records[6].reason).toHaveLength(2000);
  const damaged = records.filter(({ reason }) => /damaged/.test(reason!));
  expect(damaged.map(({ id, reason }) => `${id} ${/its (\w+)/.exec(reason!)![1]}`)).toEqual([
    '8 queuedAt',
    '9 losses',
    '10 source',
  ]);
  for (const record of records) recordSchema.parse(record);
  expect(history.record(8)).toEqual(records[7]);
});
