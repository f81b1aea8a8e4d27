import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/queue/database.js';
import { claimLease, type Lease } from '../../src/queue/lease.js';
import { type Identity, thisProcess } from '../../src/queue/process-identity.js';
import { JobStore } from '../../src/queue/store.js';
import { photo } from './conformance.js';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'hold-')), 'ledger.sqlite');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  for (const hold of holds.splice(0)) hold.release();
  vi.useRealTimers();
});

const nothing = async () => {};
const ignore = () => {};
const holds: Lease[] = [];
let said: string[] = [];
const claimAs = async (me?: Identity) => {
  const db = openDatabase(path);
  said = [];
  const hold = await claimLease(
    () => db,
    path,
    (text) => said.push(text),
    me,
  );
  holds.push(hold);
  return hold;
};
const elsewhere = { host: 'attic', pidNamespace: 'attic', pid: process.pid, startTime: 'then' };
const later = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);
/** What comes of a claim within these seconds: its note or error, or that it waits still. */
const claimWithin = async (seconds: number, me?: Identity) => {
  let end = 'waits';
  void claimAs(me).then(
    ({ note }) => {
      end = note ?? 'free';
    },
    ({ message }) => {
      end = message;
    },
  );
  await later(seconds);
  return end;
};

it('is given to one at a time, who is named', async () => {
  const [first, second] = [new JobStore(path), new JobStore(path)];
  const hold = await first.claim(async () => false);
  await expect(second.claim(async () => false)).rejects.toThrow(
    new RegExp(
      `process ${process.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d. Stop that`,
    ),
  );
  expect(second.worker()?.pid).toBe(process.pid);
  hold.release();
  expect(second.worker()).toBeUndefined();
  const next = await second.claim(async () => false);
  expect(next.note).toBeUndefined();
  next.release();
});

it('lets only the holder recover what a crash left', async () => {
  const first = new JobStore(path);
  holds.push(await first.claim(async () => false));
  for (const name of ['a', 'b']) await first.queue.add(photo(name));
  await first.queue.claim(60_000);
  await expect(new JobStore(path).claim(async () => false)).rejects.toThrow(/another stylize-tui/);
  expect([...first.history.records()].map(({ status }) => status)).toEqual(['running', 'waiting']);
});

it('is taken over at once from a process that is gone', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await claimAs({ ...thisProcess(), pid });
  expect((await claimAs()).note).toMatch(`Took over from process ${pid} on ${hostname()}`);
  expect(said).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('knows a process id that is used again', async () => {
  await claimAs({ ...thisProcess(), startTime: 'an hour before' });
  expect((await claimAs()).note).toMatch(/that process is gone/);
});

describe('of a process that cannot be looked at', () => {
  it('is taken over after a minute without a sign of life', async () => {
    await claimAs(elsewhere);
    const next = claimAs();
    await later(59);
    expect(holds).toHaveLength(1);
    expect(said).toEqual([
      expect.stringMatching(/may paint into it, process \d+ on attic.* a minute at most/),
    ]);
    await later(3);
    expect((await next).note).toMatch(/on attic.*no sign of life/);
  });

  it('is kept for as long as there are signs of life, whatever the clocks say', async () => {
    const hold = await claimAs(elsewhere);
    void hold.keep(nothing, ignore);
    vi.setSystemTime(Date.now() + 120_000);
    expect(await claimWithin(15)).toMatch(/another stylize-tui paints into it, .*attic/);
    vi.setSystemTime(Date.now() - 240_000);
    expect(await claimWithin(15)).toMatch(/attic/);
    hold.release();
    expect(await claimWithin(0)).toBe('free');
  });

  it('is kept where a clone of this machine has it, or this machine was started anew', async () => {
    const [, boot] = thisProcess().pidNamespace.split(' ');
    const clone = { ...thisProcess(), pidNamespace: thisProcess().pidNamespace.replace(boot, 'other') };
    const hold = await claimAs(clone);
    void hold.keep(nothing, ignore);
    expect(await claimWithin(15)).toMatch(/another stylize-tui paints into it/);
  });

  it('is not kept forever by a time that never comes', async () => {
    await claimAs(elsewhere);
    openDatabase(path).exec(`UPDATE hold SET seen = '9999-99-99'`);
    expect(new JobStore(path).worker()).toBeUndefined();
    expect(await claimWithin(61)).toMatch(/no sign of life/);
  });

  it('tells one that slept that it lost the hold', async () => {
    const sleeper = await claimAs(elsewhere);
    expect(await claimWithin(61)).toMatch(/no sign of life/);
    const kept = expect(sleeper.keep(nothing, ignore)).rejects.toThrow(
      new RegExp(`process ${process.pid} on ${hostname()}.* took over`),
    );
    await later(10);
    await kept;
    sleeper.release();
    expect(new JobStore(path).worker()?.host).toBe(hostname());
  });
});

it('works at each beat, goes on after one that failed, and says so once', async () => {
  const hold = await claimAs();
  let beats = 0;
  const errors: string[] = [];
  const work = async () => {
    beats++;
    throw new Error(beats < 3 ? 'database is locked' : 'disk is full');
  };
  void hold.keep(work, ({ message }) => errors.push(message));
  await later(30);
  expect(beats).toBe(3);
  expect(errors).toEqual(['database is locked', 'disk is full']);
  hold.release();
  await later(30);
  expect(beats).toBe(3);
});
