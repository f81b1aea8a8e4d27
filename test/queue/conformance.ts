/** What any backend of the queue must do; each backend's test calls it with a way to open an empty queue. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Claim, type JobQueue, LeaseLost, type NewJob } from '../../src/queue/queue.js';
import type { PaintEvent, Preview } from '../../src/render/events.js';
import { recipeOf } from './recipes.js';

export interface Backend {
  queue: JobQueue;
  /** Another worker's view of the same queue. */
  other(): JobQueue | Promise<JobQueue>;
  close(): void | Promise<void>;
  /** Milliseconds that a claim lasts in these tests; a minute, on a clock of the test's own, if undefined. */
  lease?: number;
}

const minute = 60_000;
const painted = { output: '/out/a.jpg', seconds: 1, losses: { total: 1, tv: 1, content: {}, style: {} } };

/** SHA-256 of the content of a photo of this name. */
export const hashOfPhoto = (name: string) => createHash('sha256').update(name).digest('hex');

export const photo = (name: string, settings = 's'): NewJob => ({
  source: `/in/${name}`,
  sourceHash: hashOfPhoto(name),
  recipe: recipeOf(settings),
});

export function conforms(open: () => Backend | Promise<Backend>): void {
  let backend: Backend;
  let queue: JobQueue;
  let lease: number;
  /** Lets this share of a claim's time pass. */
  const elapse = async (share: number) => {
    if (backend.lease === undefined) vi.advanceTimersByTime(share * lease);
    else await sleep(share * lease);
  };
  beforeEach(async () => {
    backend = await open();
    queue = backend.queue;
    lease = backend.lease ?? minute;
    if (backend.lease === undefined) vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await backend.close();
  });

  const add = async (names: string) => {
    const ids: number[] = [];
    for (const name of names) ids.push((await queue.add(photo(name))).job.id);
    return ids;
  };
  const claim = async (howLong = minute): Promise<Claim> => (await queue.claim(howLong))!;
  /** Asks until there is a job: a backend may need a moment to notice that a claim has expired. */
  const nextJob = async () => {
    for (let tries = 0; tries < 200; tries++) {
      const found = await queue.claim(lease);
      if (found) return found;
      await sleep(50);
    }
    throw new Error('there is no job');
  };
  const waiting = async () => (await queue.peek(99)).map(({ source }) => source.at(-1)).join('');

  it('hands out jobs in the order in which they came, with all that painting needs', async () => {
    await add('bac');
    const claims = [await claim(), await claim(), await claim()];
    expect(claims.map(({ job }) => job.source.at(-1))).toEqual(['b', 'a', 'c']);
    expect(claims[0].job).toMatchObject({
      ...photo('b'),
      status: 'running',
      settingsHash: 's',
      askedHash: 's',
    });
    expect(await queue.claim(minute)).toBeUndefined();
  });

  it('hands out each job to one of many workers', async () => {
    await add('abcdefgh');
    const workers = [queue, await backend.other(), await backend.other()];
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, i) => workers[i % workers.length].claim(minute)),
    );
    const ids = claims.flatMap((each) => (each ? [each.job.id] : []));
    expect(new Set(ids).size).toBe(8);
    expect(ids).toHaveLength(8);
  });

  describe('adding', () => {
    it('adds nothing twice, waiting or running', async () => {
      const [id] = await add('a');
      expect(await queue.add(photo('a'))).toMatchObject({ isNew: false, job: { id } });
      await claim();
      expect(await queue.add(photo('a'))).toMatchObject({ isNew: false, job: { id } });
      expect((await queue.add(photo('a', 'other settings'))).isNew).toBe(true);
    });

    it('takes the same content under another name for the same job, unless told otherwise', async () => {
      const [id] = await add('a');
      const copy = { ...photo('a'), source: '/in/copy' };
      expect(await queue.add(copy)).toMatchObject({ isNew: false, job: { id, source: '/in/a' } });
      expect(await queue.add({ ...copy, allowDuplicates: true })).toMatchObject({
        isNew: true,
        job: { source: '/in/copy' },
      });
    });

    it('knows a job by what was asked for, also once it is painted otherwise', async () => {
      const [id] = await add('a');
      await queue.setRecipe(id, recipeOf('chosen', 's'));
      expect(await queue.find(id)).toMatchObject({ settingsHash: 'chosen', askedHash: 's' });
      expect((await queue.add(photo('a'))).isNew).toBe(false);
      expect((await queue.add(photo('a', 'chosen'))).isNew).toBe(false);
      expect((await queue.add(photo('a', 'third'))).isNew).toBe(true);
    });
  });

  describe('a claim', () => {
    it('ends with the job done, failed or skipped, and counts no more', async () => {
      await add('abc');
      const claims = [await claim(), await claim(), await claim()];
      await queue.begin(claims[0], painted.output);
      await queue.complete(claims[0], painted);
      await queue.fail(claims[1], 'it is cold');
      await queue.skip(claims[2], 'by hand');
      expect(await queue.list()).toEqual([]);
      for (const each of claims) await expect(queue.complete(each, painted)).rejects.toThrow(LeaseLost);
    });

    it('puts a job back where it was, or with another recipe to the front', async () => {
      await add('abc');
      const first = await claim();
      await queue.release(first);
      expect(await waiting()).toBe('abc');
      const [, second] = [await claim(), await claim()];
      await queue.release(second, recipeOf('chosen', 's'));
      expect(await waiting()).toBe('bc');
      expect((await claim()).job).toMatchObject({ source: '/in/b', settingsHash: 'chosen', askedHash: 's' });
      await expect(queue.release(second)).rejects.toThrow(LeaseLost);
    });

    it('is lost once its lease has run out and another worker has the job', async () => {
      const [id] = await add('a');
      const slept = await claim(lease);
      await elapse(0.7);
      expect(await queue.claim(lease)).toBeUndefined();
      await elapse(0.4);
      const taken = await nextJob();
      expect(taken.job.id).toBe(id);
      await expect(queue.renew(slept, lease)).rejects.toThrow(LeaseLost);
      await expect(queue.complete(slept, painted)).rejects.toThrow(LeaseLost);
      await queue.complete(taken, painted);
    });

    it('lasts for as long as it is renewed', async () => {
      await add('a');
      const kept = await claim(lease);
      for (let i = 0; i < 5; i++) {
        await elapse(0.7);
        await queue.renew(kept, lease);
        expect(await queue.claim(lease)).toBeUndefined();
      }
      await queue.complete(kept, painted);
    });

    it('can say that the photo goes by another name', async () => {
      await add('a');
      const held = await claim();
      await queue.rename(held, '/in/copy');
      await queue.release(held);
      expect((await claim()).job.source).toBe('/in/copy');
    });
  });

  describe('jobs that wait', () => {
    it('are put in order, and new ones come behind', async () => {
      const [a, b, c] = await add('abc');
      await queue.move(c, -1);
      await queue.move(a, 1);
      await queue.move(a, -1);
      await queue.move(b, null);
      // There is no place before the first and none behind the last.
      await queue.move(b, -1);
      await add('d');
      expect(await waiting()).toBe('bacd');
    });

    it('are dropped, with or without a word, and only while they wait', async () => {
      const [a, b, c] = await add('abc');
      await claim();
      expect((await queue.drop(b, 'by hand'))?.id).toBe(b);
      expect((await queue.drop(c))?.id).toBe(c);
      expect(await queue.drop(a, 'by hand')).toBeUndefined();
      expect(await queue.drop(b)).toBeUndefined();
      expect(await waiting()).toBe('');
    });

    it('are held where their folder is, and keep their place', async ({ skip }) => {
      skip(!queue.hold, 'other programs hand them out too');
      for (const name of ['phone/a', 'camera/b', 'phone/sub/c', 'phone-2/d']) await queue.add(photo(name));
      const [phone, camera] = [{ folder: '/in/phone' }, { folder: '/in/gone' }];
      queue.hold!([phone, camera]);
      expect(await waiting()).toBe('bd');
      camera.folder = '/in/camera';
      expect(await waiting()).toBe('d');
      expect((await claim()).job.source).toBe('/in/phone-2/d');
      expect(await queue.claim(minute)).toBeUndefined();
      expect(await queue.list()).toHaveLength(4);
      queue.hold!([camera]);
      const going = await claim();
      expect(going.job.source).toBe('/in/phone/a');
      // What goes back while its folder is held is held too.
      queue.hold!([phone]);
      await queue.release(going);
      expect(await waiting()).toBe('b');
      queue.hold!([]);
      expect(await waiting()).toBe('abc');
    });

    it('are painted otherwise, and those being painted are not', async () => {
      const [a, b] = await add('ab');
      await claim();
      for (const id of [a, b]) await queue.setRecipe(id, recipeOf('chosen', 's'));
      expect((await queue.list()).map(({ settingsHash }) => settingsHash)).toEqual(['s', 'chosen']);
    });
  });

  it('puts a failed job back behind those that wait, as it was to be painted', async () => {
    const [a] = await add('ab');
    await queue.release(await claim(), recipeOf('chosen', 's'));
    await queue.fail(await claim(), 'the disk was full');
    await add('c');
    expect(await queue.add(photo('a'))).toMatchObject({ isNew: true, job: { id: a } });
    expect(await waiting()).toBe('bca');
    expect((await queue.find(a))!.recipe).toMatchObject({ hash: 'chosen', asked: 's' });
  });

  it('finds jobs by their photo', async () => {
    await add('ab');
    await queue.add(photo('a', 'other'));
    expect((await queue.jobsOf(hashOfPhoto('a'))).map(({ settingsHash }) => settingsHash)).toEqual([
      's',
      'other',
    ]);
    expect(await queue.jobsOf(hashOfPhoto('c'))).toEqual([]);
    expect(await queue.find(99)).toBeUndefined();
  });

  it('tells all who subscribed', async () => {
    const heard: (PaintEvent | Preview)[] = [];
    const hear = (news: PaintEvent | Preview) => void heard.push(news);
    const end = queue.subscribe({ event: hear, preview: hear });
    const idle = { event: 'idle', time: '2026-01-01T00:00:00.000Z' } as const;
    const preview = { job: 1, png: new Uint8Array(1), width: 1, height: 1 };
    queue.publish(idle);
    queue.publish(preview);
    await vi.waitFor(() => expect(heard).toEqual([idle, preview]));
    end();
    queue.publish(idle);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toHaveLength(2);
  });
}
