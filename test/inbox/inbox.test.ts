import { appendFile, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Arrival, openInbox } from '../../src/inbox/inbox.js';

const cat = await readFile(fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url)));
const patience = { settle: 150, forgive: 450 };

let folder: string;
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inbox-'));
  stop = new AbortController();
});
afterEach(() => stop.abort());

const put = (name: string, data: Uint8Array | string = cat) => writeFile(join(folder, name), data);
const age = (name: string, seconds: number) => {
  const time = Date.now() / 1000 - seconds;
  return utimes(join(folder, name), time, time);
};
const open = (once = false) =>
  openInbox({ folder, outbox: join(folder, 'stylized'), once, patience }, stop.signal);

/** The next `count` arrivals by name. */
async function take(arrivals: AsyncGenerator<Arrival>, count: number): Promise<string[]> {
  const names: string[] = [];
  while (names.length < count) {
    const { value, done } = await arrivals.next();
    if (done) break;
    names.push(basename(value.path) + (value.reason ? ' bad' : ''));
  }
  return names;
}

it('brings what is there, oldest first, and ends with --once', async () => {
  for (const [name, seconds] of [
    ['c.jpg', 50],
    ['a.jpg', 40],
    ['b.jpg', 60],
  ] as const) {
    await put(name);
    await age(name, seconds);
  }
  await put('notes.txt', 'no picture');
  await put('.hidden.jpg');
  await put('~draft.jpg');
  await put('half.jpg.part');
  await mkdir(join(folder, 'folder.jpg'));
  expect(await take(open(true), 99)).toEqual(['b.jpg', 'c.jpg', 'a.jpg']);
});

it('brings arrivals: dropped, renamed into place, and not from the outbox', async () => {
  const arrivals = open();
  await put('old.jpg');
  expect(await take(arrivals, 1)).toEqual(['old.jpg']);
  await mkdir(join(folder, 'stylized'));
  await put('stylized/painted.jpg');
  await put('moving.part');
  await rename(join(folder, 'moving.part'), join(folder, 'moved.jpg'));
  expect(await take(arrivals, 1)).toEqual(['moved.jpg']);
  await put('new.jpg');
  expect(await take(arrivals, 1)).toEqual(['new.jpg']);
});

it('waits for a slow copy that stalls for longer than it takes to settle', async () => {
  await put('slow.jpg', cat.subarray(0, 9000));
  const arrivals = open();
  const first = take(arrivals, 1);
  const copying = (async () => {
    for (let from = 9000; from < cat.length; from += 5000) {
      await new Promise((resolve) => setTimeout(resolve, 210));
      await appendFile(join(folder, 'slow.jpg'), cat.subarray(from, from + 5000));
    }
  })();
  expect(await first).toEqual(['slow.jpg']);
  await copying;
  expect(await readFile(join(folder, 'slow.jpg'))).toEqual(cat);
});

it('reports a bad file with its reason, once, and looks again when it changes', async () => {
  await put('bad.jpg', cat.subarray(0, 9000));
  await age('bad.jpg', 100);
  const arrivals = open();
  expect(await take(arrivals, 1)).toEqual(['bad.jpg bad']);
  await put('bad.jpg');
  expect(await take(arrivals, 1)).toEqual(['bad.jpg']);
});

it('drops a file that is gone before it is whole', async () => {
  const arrivals = open();
  const next = take(arrivals, 1);
  await put('gone.jpg', cat.subarray(0, 9000));
  await rm(join(folder, 'gone.jpg'));
  await put('stays.jpg');
  expect(await next).toEqual(['stays.jpg']);
});

it('brings every file of a burst, once', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `burst-${i}.jpg`);
  const arrivals = open();
  const all = take(arrivals, 60);
  await Promise.all(names.map((name) => put(name)));
  expect((await all).sort()).toEqual(names.sort());
});

it('names a folder that is not there', async () => {
  const arrivals = openInbox({ folder: join(folder, 'nowhere'), outbox: 'x' }, stop.signal);
  await expect(arrivals.next()).rejects.toThrow(/nowhere: there is no such folder/);
});
