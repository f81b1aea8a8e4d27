/** What comes in, with the real job store on a real disk. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Intake, type IntakeOptions } from '../../src/app/intake.js';
import type { Lease } from '../../src/queue/lease.js';
import { Persistence } from '../../src/queue/persistence.js';
import { JobStore } from '../../src/queue/store.js';
import type { PaintEvent } from '../../src/render/events.js';
import { recipeOf } from '../queue/recipes.js';

let folder: string;
let store: JobStore;
let lease: Lease;
let told: string[];
const file = () => join(folder, 'jobs.sqlite');

/** As it is at each start of the program. */
async function begin(): Promise<void> {
  store = new JobStore(file());
  lease = await store.claim(async () => false);
  told = [];
  store.queue.subscribe({ event: (event) => told.push(said(event)), preview: () => {} });
}

function end(): void {
  lease.release();
  store.close();
}

const said = (event: PaintEvent) =>
  `${'source' in event ? event.source.slice(folder.length + 1) : ''} ${event.event}${'reason' in event ? `: ${event.reason}` : ''}`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'intake-'));
  await begin();
});

afterEach(end);

const stopped = new AbortController();
const persistence = new Persistence({ tell: () => {}, stopped: stopped.signal });
const intake = (options: Partial<IntakeOptions> = {}) =>
  new Intake({ queue: store.queue, history: store.history, persistence, ...options });

/** Brings in a photo that is there; what is told of it. */
async function add(
  name: string,
  settings = recipeOf('s'),
  options: Partial<IntakeOptions> = {},
  hash = name,
) {
  const source = join(folder, name);
  writeFileSync(source, '');
  told = [];
  await intake(options).add(source, `hash of ${hash}`, settings);
  return told.join();
}

/** Takes the next job to its end and puts a file where its painting would be. */
async function paint(): Promise<string> {
  const claim = (await store.queue.claim(60_000))!;
  const output = store.freeOutput(join(folder, basename(claim.job.source.replace(/$/, '-painted.jpg'))));
  await store.queue.begin(claim, output);
  writeFileSync(output, 'painting');
  const losses = { total: 1, tv: 1, content: {}, style: {} };
  await store.queue.complete(claim, { output, seconds: 1, losses });
  return output;
}

async function fail(reason = 'the disk was full'): Promise<number> {
  const claim = (await store.queue.claim(60_000))!;
  await store.queue.fail(claim, reason);
  return claim.job.id;
}

const waiting = async () => (await store.queue.peek(99)).map(({ source }) => source.at(-1)).join('');
const records = () => [...store.history.records()];
const statuses = () => records().map(({ id, status }) => [id, status]);

it('skips what was painted with the same settings, under whatever name, also after a restart', async () => {
  expect(await add('a')).toBe('a queued');
  const output = await paint();
  end();
  await begin();
  expect(await add('a')).toBe(`a skipped: already painted: ${output}`);
  const reason = `the same picture as a, already painted: ${output}`;
  expect(await add('copy', undefined, {}, 'a')).toBe(`copy skipped: ${reason}`);
  // A note of its own, once, which keeps nothing from being painted.
  await add('copy', undefined, {}, 'a');
  expect(records().slice(1)).toMatchObject([{ source: join(folder, 'copy'), status: 'skipped', reason }]);
  expect(await add('a', recipeOf('other'))).toBe('a queued');
  expect(await add('a', undefined, { force: true })).toBe('a queued');
  expect(await add('copy', undefined, { allowDuplicates: true }, 'a')).toBe('copy queued');
});

it('paints again what was painted but is no longer there', async () => {
  await add('a');
  rmSync(await paint());
  expect(await add('a')).toBe('a queued');
});

it('queues nothing twice, keeps a skip, and gives a failure another try', async () => {
  await add('a');
  expect(await add('a')).toBe('');
  const id = await fail();
  expect(await add('a')).toBe('a queued');
  expect(statuses()).toEqual([[id, 'waiting']]);
  await store.queue.skip((await store.queue.claim(60_000))!, 'by hand');
  expect(await add('a')).toBe('a skipped: it was skipped before; --force paints it');
});

it('forgets what waits once its file is deleted, but not under another name of the photo', async () => {
  for (const name of ['a', 'b', 'c']) await add(name);
  await add('copy', undefined, {}, 'c');
  const claim = (await store.queue.claim(60_000))!;
  told = [];
  await intake().gone(['a', 'b', 'c', 'd'].map((name) => join(folder, name)));
  // The first is being painted; the third can be painted from its copy.
  expect(claim.job.source).toBe(join(folder, 'a'));
  expect(told).toEqual(['b skipped: its file was deleted before its turn came']);
  expect(await waiting()).toBe('c');
  expect(await add('b')).toBe('b queued');
});

it('drops what waits once its settings have changed, but not for another name of the photo', async () => {
  await add('a', recipeOf('old'));
  await add('b', recipeOf('old'));
  expect(await add('a', recipeOf('old'))).toBe('');
  expect(await add('a', recipeOf('new'))).toBe(
    'a skipped: its settings were changed before its turn came,a queued',
  );
  expect(await waiting()).toBe('ba');
  // What is being painted stays, too.
  await store.queue.claim(60_000);
  expect(await add('b', recipeOf('new'))).toBe('b queued');
  // As one that never came.
  expect(await add('a', recipeOf('old'))).toMatch(/a queued/);
  await add('copy', recipeOf('old'), {}, 'a');
  expect(await add('a', recipeOf('newer'))).toBe('a queued');
  expect(await waiting()).toBe('baa');
});

it('knows the other names of a photo that waits, and paints one that failed under the name it has now', async () => {
  await add('a');
  expect(await add('copy', undefined, {}, 'a')).toBe(
    'copy skipped: the same picture as a, which is in the queue',
  );
  const [job] = await store.queue.list();
  expect(store.history.twins(job)).toEqual([join(folder, 'copy')]);
  await fail('it was removed');
  expect(await add('copy', undefined, {}, 'a')).toBe('copy queued');
  expect(await store.queue.list()).toMatchObject([{ id: job.id, source: join(folder, 'copy') }]);
});

it('notes a bad file once', async () => {
  const bad = join(folder, 'bad');
  const reject = async (hash: string) => {
    told = [];
    await intake().reject(bad, hash, `${bad}: it is empty`);
    return told.join();
  };
  expect(await reject('h')).toBe(`bad failed: ${bad}: it is empty`);
  expect(await reject('h')).toBe('bad skipped: it fails as before: it is empty');
  expect(await reject('other content')).toMatch(/^bad failed/);
  expect(records()).toHaveLength(2);
});

describe('a picture painted otherwise than asked for', () => {
  it('is done for both settings, and for no third', async () => {
    await add('a', recipeOf('asked'));
    await intake().updateRecipes(async () => recipeOf('chosen', 'asked'));
    await paint();
    for (const settings of [recipeOf('asked'), recipeOf('chosen'), recipeOf('later', 'asked')])
      expect(await add('a', settings)).toMatch(/already painted/);
    expect(await add('a', recipeOf('third'))).toBe('a queued');
  });

  it('is only one that waits, and stays so when it is looked at again', async () => {
    await add('a', recipeOf('asked'));
    await add('b', recipeOf('asked'));
    await store.queue.claim(60_000);
    await intake().updateRecipes(async () => recipeOf('chosen', 'asked'));
    expect((await store.queue.list()).map(({ settingsHash }) => settingsHash)).toEqual(['asked', 'chosen']);
    expect(await add('b', recipeOf('asked'))).toBe('');
    expect(await add('b', recipeOf('other'))).toMatch(/its settings were changed/);
  });

  it('keeps what was chosen through a failure', async () => {
    await add('a', recipeOf('asked'));
    await store.queue.release((await store.queue.claim(60_000))!, recipeOf('by hand', 'asked'));
    await fail();
    end();
    await begin();
    expect(await add('a', recipeOf('asked'))).toBe('a queued');
    expect((await store.queue.claim(60_000))!.job.recipe).toEqual(recipeOf('by hand', 'asked'));
  });

  it('changes nothing where one recipe cannot be made anew', async () => {
    await add('a', recipeOf('one'));
    await add('b', recipeOf('two'));
    const broken = async ({ hash }: { hash: string }) => {
      if (hash === 'two') throw new Error('no such style');
      return recipeOf('chosen', hash);
    };
    await expect(intake().updateRecipes(broken)).rejects.toThrow('no such style');
    expect((await store.queue.list()).map(({ settingsHash }) => settingsHash)).toEqual(['one', 'two']);
  });
});

describe('after a restart', () => {
  it('what waits keeps its place, and is told once its photo is seen', async () => {
    for (const name of 'abc') await add(name);
    await store.queue.move((await store.queue.peek(3))[2].id, null);
    end();
    await begin();
    for (const name of 'abc') expect(await add(name)).toBe(`${name} queued`);
    expect(await waiting()).toBe('cab');
  });

  it('what waits with settings that nobody wants any more goes without a word', async () => {
    await add('a', recipeOf('old'));
    end();
    await begin();
    expect(await add('a', recipeOf('new'))).toBe('a queued');
    expect((await store.queue.list()).map(({ settingsHash }) => settingsHash)).toEqual(['new']);
  });

  it('a photo that has another name by now is painted under that', async () => {
    await add('a');
    end();
    rmSync(join(folder, 'a'));
    await begin();
    expect(await add('b', undefined, {}, 'a')).toBe('b queued');
    expect(await waiting()).toBe('b');
  });
});

describe('what a person asks for', () => {
  const rejected = async (name: string) => {
    await intake().reject(join(folder, name), `bytes of ${name}`, 'it is empty');
    return records().at(-1)!.id;
  };

  it('is kept until the photo was looked at again', async () => {
    await add('a');
    const a = await fail();
    await add('b');
    const b = await fail();
    store.history.wantRetry([a]);
    expect(statuses()).toEqual([
      [a, 'waiting'],
      [b, 'failed'],
    ]);
    expect(await store.queue.claim(60_000)).toBeUndefined();
    const wanted = [{ id: a, source: join(folder, 'a') }];
    expect(store.history.retries()).toEqual(wanted);
    // Also through a crash.
    end();
    await begin();
    expect(store.history.retries()).toEqual(wanted);
    await add('a');
    store.history.endRetry(a);
    expect(store.history.retries()).toEqual([]);
    expect((await store.queue.claim(60_000))!.job.id).toBe(a);
  });

  it('is over where the photo comes first', async () => {
    await add('a');
    store.history.wantRetry([await fail()]);
    expect(await add('a')).toBe('a queued');
    expect(store.history.retries()).toEqual([]);
  });

  it('is told anew of a file that still cannot be read, and forgotten of one that can', async () => {
    const ids = [await rejected('bad'), await rejected('worse')];
    store.history.wantRetry(ids);
    told = [];
    await rejected('bad');
    expect(told).toEqual(['bad failed: it is empty']);
    for (const id of ids) store.history.endRetry(id);
    expect(records().map(({ source, status }) => [source, status])).toEqual([
      [join(folder, 'bad'), 'failed'],
    ]);
  });

  it('forgets a painting together with others of the same photo and settings, and nothing else', async () => {
    await add('a');
    await paint();
    await add('a', undefined, { force: true });
    await paint();
    await add('a', recipeOf('other'));
    const other = await paint();
    const bad = await rejected('bad');
    await rejected('worse');
    store.history.forget([1, bad]);
    expect(records().map(({ source, output }) => output ?? source)).toEqual([other, join(folder, 'worse')]);
    expect(await add('a')).toBe('a queued');
  });

  it('lets go of what is dropped', async () => {
    await add('a');
    const [{ id }] = await store.queue.list();
    told = [];
    await intake().drop(id);
    expect(told).toEqual(['a skipped: skipped by hand']);
    expect(store.history.record(id)).toMatchObject({ status: 'skipped', reason: 'skipped by hand' });
    expect(store.history.record(99)).toBeUndefined();
    await intake().drop(id);
    expect(told).toHaveLength(1);
  });
});
