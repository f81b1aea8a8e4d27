import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { Summary } from '../../src/app/summary.js';
import type { PaintEvent } from '../../src/render/events.js';
import { done, iteration, started } from '../tui/events.js';

const at = (path: string) => resolve(path);
const snapshot = (job: number, output: string): PaintEvent => ({
  event: 'snapshot',
  time: '',
  job,
  source: `/in/photo-${job}.jpg`,
  iteration: 5,
  output,
});
const failed: PaintEvent = { event: 'failed', time: '', job: 9, source: '/in/9.jpg', reason: 'cold' };
const end = { why: 'finished', waiting: 0, resumes: true, nothing: 'No photos.' } as const;

function linesOf(events: PaintEvent[], how: Partial<Parameters<Summary['lines']>[0]> = {}): string[] {
  const summary = new Summary();
  for (const event of events) summary.event(event);
  return summary.lines({ ...end, ...how });
}

const paintedTo = (job: number, output: string): PaintEvent => ({ ...done(job), output }) as PaintEvent;

it('says what was painted, and where', () => {
  expect(linesOf([paintedTo(1, at('a.jpg'))])).toEqual(['Painted a.jpg.']);
  expect(linesOf([paintedTo(1, at('out/a.jpg')), paintedTo(2, at('out/b.jpg')), failed])).toEqual([
    'Painted 2 pictures, in out. 1 failed.',
  ]);
  expect(linesOf([paintedTo(1, at('out/a.jpg')), paintedTo(2, at('out/x/b.jpg'))])).toEqual([
    'Painted 2 pictures, in out and 1 more folder.',
  ]);
});

it('says so if there was nothing', () => {
  expect(linesOf([])).toEqual(['No photos.']);
  expect(linesOf([failed])).toEqual(['Nothing was painted: 1 failed.']);
});

it('says what becomes of the rest', () => {
  const events = [paintedTo(1, at('a.jpg')), started(2), iteration(2, 5)];
  expect(linesOf(events, { why: 'stopped', waiting: 2 })).toEqual([
    'Painted a.jpg.',
    '2 are left: they go on when the same command is started again.',
  ]);
  expect(linesOf([], { why: 'stopped' })).toEqual(['Stopped: nothing was painted to the end.']);
  expect(linesOf(events, { why: 'unread', waiting: 1 })).toEqual([
    'The reader of the output has closed it.',
    'Painted a.jpg.',
    '1 is left: it goes on when the same command is started again.',
  ]);
});

it('says what was kept of a painting that nothing goes on with', () => {
  const events = [started(2), iteration(2, 5)];
  const how = { why: 'stopped', waiting: 1, resumes: false } as const;
  expect(linesOf(events, how)).toEqual([
    '/in/photo-2.jpg: stopped after 5 iterations, nothing of it was kept.',
    'Stopped: nothing was painted to the end.',
    '1 is left, not painted.',
  ]);
  const kept = linesOf([...events, snapshot(2, '/out/photo-2.partial.jpg')], how);
  expect(kept[0]).toBe(
    '/in/photo-2.jpg: stopped after 5 iterations, the best so far is /out/photo-2.partial.jpg.',
  );
  const another = linesOf([...events, snapshot(2, '/out/photo-2.at-5.jpg')], how);
  expect(another[0]).toMatch(/nothing of it was kept/);
});
