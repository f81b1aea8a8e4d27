import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../src/jobs/ledger.js';

let folder: string;
let ledger: Ledger;
const file = () => join(folder, 'ledger.sqlite');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  ledger = new Ledger(file());
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
  ledger = new Ledger(file());
  const again = ledger.enqueue({ ...picture('a.jpg'), source: join(folder, 'copy.jpg') });
  expect(again).toMatchObject({ fresh: false, why: `already painted: ${output}` });
  expect(ledger.enqueue(picture('a.jpg', 'other settings')).fresh).toBe(true);
  expect(ledger.enqueue(picture('a.jpg', 's', true)).fresh).toBe(true);
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
  ledger = new Ledger(file());
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
  const bad = { source: 'bad.jpg', reason: 'it is empty' };
  expect(ledger.recordFailure(bad).id).toBe(ledger.recordFailure(bad).id);
});

describe('what a person asks for', () => {
  const fail = (name: string) => {
    const { job } = ledger.enqueue(picture(name));
    ledger.next();
    ledger.fail(job.id, 'the disk was full');
    return job.id;
  };
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
    ledger = new Ledger(file());
    ledger.claim();
    expect(statuses()).toEqual([[id, 'waiting']]);
    expect(ledger.enqueue(picture('a.jpg')).job.id).toBe(id);
    expect(ledger.takeRetries()).toEqual([]);
  });

  it('tries a file that could not be read as a new one', () => {
    const { id } = ledger.recordFailure({ source: 'bad.jpg', reason: 'it is empty' });
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
    const bad = ledger.recordFailure({ source: 'bad.jpg', reason: 'it is empty' });
    ledger.recordFailure({ source: 'worse.jpg', reason: 'it is empty' });
    ledger.forget([1, bad.id]);
    expect(ledger.records().map(({ source, output }) => output ?? source)).toEqual([other, 'worse.jpg']);
    expect(ledger.enqueue(picture('a.jpg')).fresh).toBe(true);
  });
});
