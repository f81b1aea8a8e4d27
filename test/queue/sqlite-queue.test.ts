import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JobStore } from '../../src/queue/store.js';
import { conforms, photo } from './conformance.js';
import { recipeOf } from './recipes.js';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'queue-')), 'jobs.sqlite');

describe('the queue in SQLite', () => {
  conforms(() => {
    const path = newPath();
    const stores = [new JobStore(path)];
    return {
      queue: stores[0].queue,
      other() {
        const store = new JobStore(path);
        stores.push(store);
        return store.queue;
      },
      close: () => stores.forEach((store) => void store.close()),
    };
  });
});

describe('after a crash', () => {
  /** A photo that is there. */
  const there = (folder: string, name: string) => {
    writeFileSync(join(folder, name), '');
    return { ...photo(name), source: join(folder, name) };
  };

  it('a job is done where its painting is there; others wait for their photo, in their order', async () => {
    const path = newPath();
    const folder = join(path, '..');
    let store = new JobStore(path);
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => there(folder, name));
    // Neither a photo that is gone nor one that has become a link will ever be painted.
    symlinkSync(join(folder, 'a'), join(folder, 'link'));
    const lost = ['gone', 'link'].map((name) => ({ ...photo(name), source: join(folder, name) }));
    for (const job of [a, b, c, d, ...lost]) await store.queue.add(job);
    await store.queue.move((await store.queue.peek(9))[3].id, null);
    // d and a are under way; of d there is the painting.
    for (const name of ['d', 'a']) {
      const claim = (await store.queue.claim(60_000))!;
      expect(claim.job.source.at(-1)).toBe(name);
      await store.queue.begin(claim, join(folder, `${name}.painted.jpg`));
    }
    writeFileSync(join(folder, 'd.painted.jpg'), 'painting');
    writeFileSync(join(folder, 'a.painted.jpg'), 'of somebody else');
    await store.queue.setRecipe((await store.queue.peek(1))[0].id, recipeOf('chosen', 's'));
    store.close();

    store = new JobStore(path);
    const isPainting = async ({ output }: { output: string }) =>
      existsSync(output) && readFileSync(output, 'utf8') === 'painting';
    const lease = await store.claim(isPainting);
    expect([...store.history.records()].map(({ source, status }) => [source.at(-1), status])).toEqual([
      ['a', 'waiting'],
      ['b', 'waiting'],
      ['c', 'waiting'],
      ['d', 'done'],
    ]);
    // Nothing is handed out before its photo was added again: settings may have changed.
    expect(await store.queue.claim(60_000)).toBeUndefined();
    for (const job of [c, b, a]) expect((await store.queue.add(job)).isNew).toBe(true);
    const waiting = await store.queue.peek(9);
    expect(waiting.map(({ source }) => source.at(-1))).toEqual(['a', 'b', 'c']);
    expect(waiting[1].recipe).toMatchObject({ hash: 'chosen', asked: 's' });
    lease.release();
    store.close();
  });
});
