import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/queue/database.js';
import { claimLease, type Identity, type Lease, thisProcess } from '../../src/queue/lease.js';
import { JobStore } from '../../src/queue/store.js';
import { photo } from './conformance.js';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'hold-')), 'ledger.sqlite');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  for (const hold of holds.splice(0)) hold.release();
  vi.useRealTimers();
});

const nothing = async () => {};
const ignore = () => {};
const holds: Lease[] = [];
const claimAs = (me?: Identity) => {
  const db = openDatabase(path);
  const hold = claimLease(() => db, path, me);
  holds.push(hold);
  return hold;
};
const elsewhere = { host: 'attic', pidNamespace: 'attic', pid: process.pid, startTime: 'then' };
const later = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

it('is given to one at a time, who is named', () => {
  const [first, second] = [new JobStore(path), new JobStore(path)];
  const hold = first.claim();
  expect(() => second.claim()).toThrow(
    new RegExp(
      `process ${process.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d. Stop that`,
    ),
  );
  expect(second.worker()?.pid).toBe(process.pid);
  hold.release();
  expect(second.worker()).toBeUndefined();
  expect(second.claim().note).toBeUndefined();
});

it('lets only the holder recover what a crash left', async () => {
  const first = new JobStore(path);
  holds.push(first.claim());
  for (const name of ['a', 'b']) await first.queue.add(photo(name));
  await first.queue.claim(60_000);
  expect(() => new JobStore(path).claim()).toThrow(/another stylize-tui/);
  expect(first.history.records().map(({ status }) => status)).toEqual(['running', 'waiting']);
});

it('is taken over at once from a process that is gone', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  claimAs({ ...thisProcess(), pid });
  expect(claimAs().note).toMatch(`Took over from process ${pid} on ${hostname()}`);
});

it.skipIf(process.platform !== 'linux')('knows a process id that is used again', () => {
  claimAs({ ...thisProcess(), startTime: 'before the reboot' });
  expect(claimAs().note).toMatch(/that process is gone/);
});

describe('of a process that cannot be looked at', () => {
  it('holds for a minute without a sign of life', async () => {
    claimAs(elsewhere);
    await later(59);
    expect(() => claimAs()).toThrow(`process ${process.pid} on attic`);
    await later(2);
    expect(claimAs().note).toMatch(/on attic.*no sign of life since/);
  });

  it('holds for as long as there are signs of life', async () => {
    const hold = claimAs(elsewhere);
    void hold.keep(nothing, ignore);
    await later(600);
    expect(() => claimAs()).toThrow(/attic/);
    hold.release();
    await later(600);
    expect(claimAs().note).toBeUndefined();
  });

  it('tells one that slept that it lost the hold', async () => {
    const sleeper = claimAs(elsewhere);
    await later(61);
    claimAs();
    const kept = expect(sleeper.keep(nothing, ignore)).rejects.toThrow(
      new RegExp(`process ${process.pid} on ${hostname()}.* took over`),
    );
    await later(10);
    await kept;
    sleeper.release();
    expect(new JobStore(path).worker()?.host).toBe(hostname());
  });
});

it('works at each beat, and goes on after one that failed', async () => {
  const hold = claimAs();
  let beats = 0;
  const errors: string[] = [];
  const work = async () => {
    beats++;
    throw new Error('database is locked');
  };
  void hold.keep(work, ({ message }) => errors.push(message));
  await later(30);
  expect(beats).toBe(3);
  expect(errors).toEqual(Array(3).fill('database is locked'));
  hold.release();
  await later(30);
  expect(beats).toBe(3);
});
