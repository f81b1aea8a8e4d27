import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { JobStore } from '../../src/queue/store.js';

let folder: string;
let ledger: JobStore;
const file = () => join(folder, 'ledger.sqlite');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  ledger = new JobStore(file());
});

const losses = { total: 1, tv: 1, content: {}, style: {} };
const picture = (name: string, settingsHash = 's', force = false) => ({
  source: join(folder, name),
  sourceHash: `hash of ${name}`,
  settingsHash,
  force,
});

/** Takes the next job to its end and puts a file where its painting would be. */
function paint(): string {
  const job = ledger.next()!;
  const output = ledger.freeOutput(join(folder), `${job.source}`.replace('.jpg', '-painted.jpg'), '.jpg');
  ledger.start(job.id, output);
  writeFileSync(output, 'painting');
  ledger.done(job.id, { output, seconds: 1, losses });
  return output;
}

it('hands out jobs in the order in which they came', () => {
  for (const name of ['b', 'a', 'c']) ledger.enqueue(picture(name));
  const names = [ledger.next(), ledger.next(), ledger.next()].map((job) => job!.source.at(-1));
  expect(names).toEqual(['b', 'a', 'c']);
  expect(ledger.next()).toBeUndefined();
});

it('skips what was painted with the same settings, under whatever name, also after a restart', () => {
  ledger.enqueue(picture('a.jpg'));
  const output = paint();
  ledger.close();
  ledger = new JobStore(file());
  expect(ledger.enqueue(picture('a.jpg'))).toMatchObject({ fresh: false, why: `already painted: ${output}` });
  const copy = { ...picture('a.jpg'), source: join(folder, 'copy.jpg') };
  const again = ledger.enqueue(copy);
  expect(again).toMatchObject({ fresh: false, why: `the same picture as a.jpg, already painted: ${output}` });
  // A note of its own, which keeps nothing from being painted.
  expect(again.job).toMatchObject({ source: copy.source, status: 'skipped' });
  expect(ledger.enqueue(copy).job.id).toBe(again.job.id);
  expect(ledger.enqueue(picture('a.jpg', 'other settings')).fresh).toBe(true);
  expect(ledger.enqueue(picture('a.jpg', 's', true)).fresh).toBe(true);
  expect(ledger.enqueue({ ...copy, allowDuplicates: true })).toMatchObject({
    fresh: true,
    job: { source: copy.source },
  });
});

it('drops what waits once its settings have changed, but not for another name of the photo', () => {
  const { job } = ledger.enqueue(picture('a.jpg', 'old'));
  ledger.enqueue(picture('b.jpg', 'old'));
  expect(ledger.dropOutdated(picture('a.jpg', 'old'))).toEqual([]);
  expect(ledger.dropOutdated(picture('a.jpg', 'new'))).toMatchObject([{ id: job.id }]);
  expect(ledger.isWanted('old')).toBe(true);
  expect(ledger.next()).toMatchObject({ source: join(folder, 'b.jpg') });
  // What is being painted stays, too.
  expect(ledger.dropOutdated(picture('b.jpg', 'new'))).toEqual([]);
  expect(ledger.isWanted('old')).toBe(true);
  ledger.fail(2, 'test');
  expect(ledger.isWanted('old')).toBe(false);
  // As one that never came.
  expect(ledger.enqueue(picture('a.jpg', 'old')).fresh).toBe(true);
  ledger.enqueue({ ...picture('a.jpg', 'old'), source: join(folder, 'copy.jpg') });
  expect(ledger.dropOutdated(picture('a.jpg', 'new'))).toEqual([]);
});

it('paints again what was painted but is no longer there', () => {
  ledger.enqueue(picture('a.jpg'));
  rmSync(paint());
  expect(ledger.enqueue(picture('a.jpg')).fresh).toBe(true);
});

it('queues nothing twice, keeps a skip, and gives a failure another try', () => {
  const { job } = ledger.enqueue(picture('a.jpg'));
  expect(ledger.enqueue(picture('a.jpg')).fresh).toBe(false);
  ledger.next();
  ledger.fail(job.id, 'the disk was full');
  expect(ledger.enqueue(picture('a.jpg'))).toMatchObject({
    fresh: true,
    job: { id: job.id, status: 'waiting' },
  });
  ledger.next();
  ledger.skip(job.id, 'by hand');
  expect(ledger.enqueue(picture('a.jpg'))).toMatchObject({ fresh: false, job: { status: 'skipped' } });
});

it('heals after a crash: done where the painting is there, else to be done again', () => {
  const [written, unwritten] = ['written.jpg', 'unwritten.jpg'].map(
    (name) => ledger.enqueue(picture(name)).job.id,
  );
  for (const id of [written, unwritten]) {
    ledger.next();
    ledger.start(id, join(folder, `${id}.out.jpg`));
  }
  writeFileSync(join(folder, `${written}.out.jpg`), 'painting');
  ledger.close();
  ledger = new JobStore(file());
  ledger.claim();
  expect(ledger.enqueue(picture('written.jpg')).fresh).toBe(false);
  expect(ledger.enqueue(picture('unwritten.jpg')).fresh).toBe(true);
});

it('finds a free name beside files and promised names', () => {
  const free = () => ledger.freeOutput(folder, '/photos/beach.jpg', '.jpg');
  expect(free()).toBe(join(folder, 'beach.jpg'));
  writeFileSync(join(folder, 'beach.jpg'), '');
  expect(free()).toBe(join(folder, 'beach-2.jpg'));
  ledger.enqueue(picture('x'));
  ledger.start(ledger.next()!.id, join(folder, 'beach-2.jpg'));
  expect(free()).toBe(join(folder, 'beach-3.jpg'));
});

it('notes a bad file once', () => {
  const bad = { source: 'bad.jpg', sourceHash: 'h', status: 'failed', reason: 'it is empty' } as const;
  const { job, fresh } = ledger.note(bad);
  expect(fresh).toBe(true);
  expect(ledger.note(bad)).toMatchObject({ job: { id: job.id }, fresh: false });
  expect(ledger.note({ ...bad, sourceHash: 'other content' }).fresh).toBe(true);
});

it('knows the other names of a photo that waits, and paints one that failed under the name it has now', () => {
  const first = ledger.enqueue(picture('a.jpg')).job;
  const copy = { ...picture('a.jpg'), source: join(folder, 'copy.jpg') };
  expect(ledger.enqueue(copy)).toMatchObject({
    fresh: false,
    why: 'the same picture as a.jpg, which is in the queue',
  });
  expect(ledger.twins(first)).toEqual([copy.source]);
  ledger.next();
  ledger.fail(first.id, 'it was removed');
  expect(ledger.enqueue(copy)).toMatchObject({ fresh: true, job: { id: first.id, source: copy.source } });
});

it('shortens names that would be too long, between two characters', () => {
  const family = '👨‍👩‍👧‍👦';
  const long = `/photos/${'a'.repeat(231)}${family}.jpg`;
  // 231 bytes and a family of 25 are too many beside an ending of 4, so the whole family goes.
  expect(ledger.freeOutput(folder, long, '.jpg')).toBe(join(folder, `${'a'.repeat(231)}.jpg`));
  const umlauts = `/photos/${'ü'.repeat(125)}.jpg`;
  writeFileSync(ledger.freeOutput(folder, umlauts, '.jpg'), '');
  const second = ledger.freeOutput(folder, umlauts, '.jpg');
  expect(second).toBe(join(folder, `${'ü'.repeat(124)}-2.jpg`));
  writeFileSync(second, '');
});

describe('what a person asks for', () => {
  const fail = (name: string) => {
    const { job } = ledger.enqueue(picture(name));
    ledger.next();
    ledger.fail(job.id, 'the disk was full');
    return job.id;
  };
  const failure = (source: string) =>
    ledger.note({ source, sourceHash: `bytes of ${source}`, status: 'failed', reason: 'it is empty' }).job;
  const statuses = () => ledger.records().map(({ id, status }) => [id, status]);

  it('marks failures to be tried again, and hands each over once', () => {
    const [a, b] = [fail('a.jpg'), fail('b.jpg')];
    ledger.wantRetry([a]);
    expect(statuses()).toEqual([
      [a, 'waiting'],
      [b, 'failed'],
    ]);
    expect(ledger.next()).toBeUndefined();
    expect(ledger.takeRetries()).toEqual([join(folder, 'a.jpg')]);
    expect(ledger.takeRetries()).toEqual([]);
    expect(ledger.enqueue(picture('a.jpg'))).toMatchObject({ fresh: true, job: { id: a } });
  });

  it('keeps the mark through a crash, and drops it where the photo comes first', () => {
    const id = fail('a.jpg');
    ledger.wantRetry([id]);
    ledger.close();
    ledger = new JobStore(file());
    ledger.claim();
    expect(statuses()).toEqual([[id, 'waiting']]);
    expect(ledger.enqueue(picture('a.jpg')).job.id).toBe(id);
    expect(ledger.takeRetries()).toEqual([]);
  });

  it('tries a file that could not be read as a new one', () => {
    const { id } = failure('bad.jpg');
    ledger.wantRetry([id]);
    expect(ledger.takeRetries()).toEqual(['bad.jpg']);
    expect(ledger.records()).toEqual([]);
  });

  it('forgets a painting together with others of the same photo and settings, and nothing else', () => {
    ledger.enqueue(picture('a.jpg'));
    paint();
    ledger.enqueue(picture('a.jpg', 's', true));
    paint();
    ledger.enqueue(picture('a.jpg', 'other settings'));
    const other = paint();
    const bad = failure('bad.jpg');
    failure('worse.jpg');
    ledger.forget([1, bad.id]);
    expect(ledger.records().map(({ source, output }) => output ?? source)).toEqual([other, 'worse.jpg']);
    expect(ledger.enqueue(picture('a.jpg')).fresh).toBe(true);
  });
});

describe('the queue', () => {
  const waiting = () => {
    const names: string[] = [];
    for (let job = ledger.next(); job; job = ledger.next()) names.push(job.source.at(-1)!);
    return names.join('');
  };
  const add = (names: string) => [...names].map((name) => ledger.enqueue(picture(name)).job.id);

  it('is put in order by hand, and new ones come behind', () => {
    const [a, b, c] = add('abc');
    ledger.move(c, -1);
    ledger.move(a, 1);
    ledger.move(a, -1);
    ledger.move(b, null);
    // There is no place before the first and none behind the last.
    ledger.move(b, -1);
    add('d');
    expect(waiting()).toBe('bacd');
  });

  it('has its order in the file', () => {
    const [, , c] = add('abc');
    ledger.move(c, null);
    ledger.close();
    ledger = new JobStore(file());
    expect(waiting()).toBe('cab');
  });

  it('takes a failure back behind those that wait', () => {
    const [a] = add('ab');
    ledger.next();
    ledger.fail(a, 'it was cold');
    add('ca');
    expect(waiting()).toBe('bca');
  });

  it('lets go of what is dropped, and only of what waits', () => {
    const [a, b] = add('ab');
    ledger.next();
    expect(ledger.drop(b, 'by hand')?.id).toBe(b);
    expect(ledger.drop(a, 'by hand')).toBeUndefined();
    expect(ledger.record(b)).toMatchObject({ status: 'skipped', reason: 'by hand' });
    expect(ledger.record(99)).toBeUndefined();
    expect(waiting()).toBe('');
  });
});

describe('a picture painted otherwise than asked for', () => {
  it('is done for both settings, and for no third', () => {
    const { job } = ledger.enqueue(picture('a', 'asked'));
    ledger.changeSettings('asked', 'chosen');
    expect(ledger.find(job.id)).toMatchObject({ settingsHash: 'chosen', askedHash: 'asked' });
    paint();
    for (const settings of ['asked', 'chosen'])
      expect(ledger.enqueue(picture('a', settings)).fresh).toBe(false);
    expect(ledger.enqueue({ ...picture('a', 'later'), askedHash: 'asked' }).fresh).toBe(false);
    expect(ledger.enqueue(picture('a', 'third')).fresh).toBe(true);
  });

  it('is only one that waits, and stays so when it is looked at again', () => {
    ledger.enqueue(picture('a', 'asked'));
    ledger.enqueue(picture('b', 'asked'));
    const running = ledger.next()!;
    ledger.changeSettings('asked', 'chosen');
    expect(ledger.find(running.id).settingsHash).toBe('asked');
    expect(ledger.dropOutdated(picture('b', 'asked'))).toEqual([]);
    expect(ledger.dropOutdated(picture('b', 'other'))).toHaveLength(1);
  });
});

it('knows photos by their entries across starts, as long as those say the same', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'seen-')), 'ledger.sqlite');
  const ledger = new JobStore(path);
  expect(ledger.seen('/in/a.jpg', '10 20')).toBeUndefined();
  ledger.see('/in/a.jpg', '10 20', 'first');
  ledger.see('/in/a.jpg', '11 21', 'second');
  ledger.close();
  const later = new JobStore(path);
  expect(later.seen('/in/a.jpg', '11 21')).toBe('second');
  expect(later.seen('/in/a.jpg', '10 20')).toBeUndefined();
  expect(later.seen('/in/b.jpg', '11 21')).toBeUndefined();
});
