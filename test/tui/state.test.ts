import { describe, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { shown } from '../../src/tui/painting.js';
import { describe as describeRow, rowsOf } from '../../src/tui/queue.js';
import { initialState, reduce, type ScreenState } from '../../src/tui/state.js';
import { titleFor } from '../../src/tui/terminal-title.js';
import { lossRows } from '../../src/tui/terms.js';
import { appendValue, emptyTrend } from '../../src/tui/trend.js';
import { unicode } from '../../src/util/format.js';
import { done, follow, iteration, losses, ofJob, started, weights } from './events.js';

describe('state', () => {
  it('follows a picture from the queue to its end', () => {
    const queued: PaintEvent[] = [1, 2].map((job) => ({ event: 'queued', ...ofJob(job) }));
    const painting = follow([...queued, started(1), iteration(1, 7)]);
    expect([...painting.waiting.values()]).toEqual(['/in/photo-2.jpg']);
    expect(painting.paintings).toMatchObject([{ iteration: 7, losses, secondsLeft: 70 }]);
    const ended = follow([done(1)], painting);
    expect(ended).toMatchObject({ paintings: [], counts: { done: 1, failed: 0 } });
    const failed = follow([{ event: 'failed', ...ofJob(2), reason: '/in/photo-2.jpg: it is empty' }], ended);
    expect(failed.finished.map(({ status, detail }) => [status, detail])).toEqual([
      ['failed', 'it is empty'],
      ['done', '/out/photo-1.jpg'],
    ]);
    expect(failed.waiting.size).toBe(0);
  });

  it('keeps a picture paused that starts over, once', () => {
    const again: PaintEvent[] = [{ event: 'queued', ...ofJob(1) }, started(1)];
    const paused = reduce(follow([started(1)]), { type: 'pause', job: 1, paused: true });
    const restarted = follow(again, paused);
    expect(restarted.paintings.map(({ paused }) => paused)).toEqual([true]);
    const resumed = reduce(restarted, { type: 'pause', job: 1, paused: false });
    expect(follow(again, resumed).paintings.map(({ paused }) => paused)).toEqual([false]);
  });

  it('stays small over weeks', () => {
    let trend = emptyTrend;
    for (let i = 0; i < 100_000; i++) trend = appendValue(trend, i);
    expect(trend.points.length).toBeLessThanOrEqual(512);
    expect(trend.points[0]).toBe(0);
    let state = initialState;
    for (let job = 0; job < 500; job++)
      state = follow([{ event: 'skipped', ...ofJob(job), reason: 'x' }], state);
    expect(state.finished).toHaveLength(100);
    expect(state.counts.skipped).toBe(500);
  });

  it('lists losses so that they add up', () => {
    const [total, ...terms] = lossRows(losses);
    expect(terms.reduce((sum, { value }) => sum + value, 0)).toBe(total.value);
  });
});

describe('slots', () => {
  const two = follow([started(1, 1), started(2, 2), iteration(1, 13), iteration(2, 26)]);
  const shownJob = (state = two) => shown(state)?.job;

  it('each have their picture, by slot, whichever starts first', () => {
    const swapped = follow([started(2, 2), started(1, 1), iteration(1, 13), iteration(2, 26)]);
    for (const { paintings, slots } of [two, swapped]) {
      expect(paintings.map(({ job, slot, iteration }) => [job, slot, iteration])).toEqual([
        [1, 1, 13],
        [2, 2, 26],
      ]);
      expect(slots).toBe(2);
    }
  });

  it('keep weights, pause and preview of one picture from the other', () => {
    const turned = { ...weights, style: 1 };
    let state = reduce(two, { type: 'tune', job: 2, tuning: { weights: turned } });
    state = reduce(state, { type: 'pause', job: 2, paused: true });
    const preview = { job: 2, png: new Uint8Array(), width: 1, height: 1 };
    state = reduce(state, { type: 'preview', preview });
    expect(state.paintings[0]).toEqual(two.paintings[0]);
    expect(state.paintings[1]).toMatchObject({ weights: turned, paused: true, preview });
    expect(reduce(two, { type: 'preview', preview: { ...preview, job: 7 } })).toEqual(two);
  });

  it('show the next one that paints, until the slot looked at has a picture again', () => {
    expect(shownJob()).toBe(1);
    const second = reduce(two, { type: 'show', slot: 2 });
    expect(shownJob(second)).toBe(2);
    const ended = follow([done(2)], second);
    expect(shownJob(ended)).toBe(1);
    expect(shownJob(follow([started(3, 2)], ended))).toBe(3);
    expect(shownJob(follow([done(1)], ended))).toBeUndefined();
    const third = follow([done(2)], reduce(follow([started(3, 3)], two), { type: 'show', slot: 2 }));
    expect(shownJob(third)).toBe(3);
  });

  it('hold one picture each, however many were painted', () => {
    let state = two;
    for (let job = 10; job < 500; job++) state = follow([started(job, 1 + (job % 2))], state);
    expect(state.paintings.map(({ job }) => job)).toEqual([498, 499]);
    state = follow([done(498), done(499)], state);
    expect(state).toMatchObject({ paintings: [], slots: 2 });
    expect(follow([{ event: 'idle', time: '2026-01-01T00:00:00Z' }], state).slots).toBe(0);
  });

  it('together make the title: the share of all pictures under way', () => {
    expect(titleFor(iteration(2, 26), two.paintings)).toBe('15 % - stylize-tui');
    // 100 × (29 / 50) is less than 58 in floating point.
    const [painting] = two.paintings;
    const title = titleFor(iteration(1, 29), [{ ...painting, iteration: 29, iterations: 50 }]);
    expect(title).toBe('58 % - stylize-tui');
    expect(titleFor(done(2), two.paintings)).toBeUndefined();
  });
});

describe('follow-ups', () => {
  const step = (command: string | undefined, status: 'waiting' | 'running' | 'done' | 'failed', more = {}) =>
    ({ event: 'follow-up', ...ofJob(1), command, status, attempts: 1, ...more }) as const;
  const lineOf = (state: ScreenState) => describeRow(rowsOf(state)[0], 80, unicode);

  it('are told in the line of their painting, one that failed until it is done', () => {
    let state = follow([started(1), done(1), step('/usr/bin/lp {output}', 'running')]);
    expect(lineOf(state)).toBe('photo-1.jpg → photo-1.jpg, lp running');
    state = follow([step('/usr/bin/lp {output}', 'failed', { reason: 'no paper' })], state);
    expect(state.unseen).toEqual({ count: 1, last: 'photo-1.jpg: lp failed: no paper' });
    state = follow([step(undefined, 'done', { move: '/in/done', to: '/in/done/photo-1.jpg' })], state);
    expect(lineOf(state)).toBe('photo-1.jpg → photo-1.jpg, lp failed: no paper');
    expect(state.finished[0].source).toBe('/in/done/photo-1.jpg');
    expect(state.counts).toEqual({ done: 1, failed: 0, skipped: 0 });
    state = follow([step('/usr/bin/lp {output}', 'done')], state);
    expect(lineOf(state)).toBe('photo-1.jpg → photo-1.jpg, moved to done');
  });

  it('cuts names in their middle and sentences at their end', () => {
    const name = 'a-name-as-long-as-a-phone-makes-it-20260101.jpg';
    const row = { job: 1, name, source: `/in/${name}`, status: 'done', detail: `/out/${name}` } as const;
    const followUps = [{ command: 'lp {output}', status: 'failed', reason: 'there is no paper' }] as const;
    expect(describeRow({ ...row, followUps }, 60, unicode)).toBe(
      'a-name-as-long-…t-20260101.jpg, lp failed: there is no paper',
    );
    const failed = { ...row, status: 'failed', detail: 'it is empty, as far as anybody can see' } as const;
    expect(describeRow(failed, 40, unicode)).toBe('a-name-as-…60101.jpg: it is empty, as f…');
    expect(describeRow({ ...failed, name: 'a.jpg' }, 20, unicode)).toBe('a.jpg: it is empty,…');
  });
});
