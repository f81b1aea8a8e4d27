import { describe, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { cellSize, layOut } from '../../src/tui/layout.js';
import { brightBy, detectLook } from '../../src/tui/look.js';
import { secondsForAll } from '../../src/tui/pace.js';
import { initialState, reduce, type ScreenState } from '../../src/tui/state.js';
import { factsFrom, isAnswer } from '../../src/tui/terminal.js';
import { allDone, notification, summary } from '../../src/tui/terminal-title.js';
import { themes } from '../../src/tui/theme.js';
import { appendValue, emptyTrend, recentChange } from '../../src/tui/trend.js';
import type { ViewTarget } from '../../src/tui/view.js';
import { done, follow, iteration, ofJob, started } from './events.js';

const look = (state: ScreenState, ...at: ViewTarget[]) =>
  at.reduce((state, at) => reduce(state, { type: 'look', at }), state);
const failed = (job: number): PaintEvent => ({ event: 'failed', ...ofJob(job), reason: 'it is empty' });

describe('view', () => {
  it('goes round the pictures', () => {
    const modes = [1, 2, 3, 4].map(
      (times) => look(initialState, ...Array<ViewTarget>(times).fill('picture')).view.picture,
    );
    expect(modes).toEqual(['beside', 'content', 'style', 'result']);
  });

  it('covers the rest with one thing at a time, and goes back', () => {
    const full = look(initialState, 'log', 'full').view;
    expect(full).toMatchObject({ full: true, log: false });
    expect(look(initialState, 'full', 'log').view).toMatchObject({ full: false, log: true });
    const back = reduce(look(initialState, 'full'), { type: 'uncover' }).view;
    expect(back).toEqual(initialState.view);
  });

  it('scrolls the log within its lines', () => {
    const logged = follow([failed(1), failed(2), failed(3)]);
    const scrolled = (...by: number[]) =>
      by.reduce((state, by) => reduce(state, { type: 'scroll', by }), logged).view.back;
    expect([scrolled(1), scrolled(9), scrolled(-1), scrolled(2, -1)]).toEqual([1, 2, 0, 1]);
  });
});

describe('messages', () => {
  it('of failures stay until they were looked at', () => {
    let state = follow([failed(1), failed(2), started(3), done(3)]);
    expect(state.unseen).toEqual({ count: 2, last: 'photo-2.jpg: it is empty' });
    state = look(state, 'log');
    expect(state.unseen.count).toBe(0);
    // Failures are not counted while the log is open.
    expect(follow([failed(4)], state).unseen.count).toBe(0);
    expect(reduce(follow([failed(1)]), { type: 'uncover' }).unseen.count).toBe(0);
  });

  it('are kept in a bounded number, with the time of what the program says', () => {
    let state = follow(Array.from({ length: 1000 }, (_, job) => failed(job)));
    expect(state.log).toHaveLength(300);
    expect(state.log.at(-1)).toMatchObject({
      number: 1000,
      text: 'photo-999.jpg: failed, it is empty',
      error: true,
    });
    state = reduce(state, { type: 'message', text: 'Saving a snapshot' });
    expect(state.log.at(-1)?.number).toBe(1000);
    state = reduce(state, { type: 'message', text: 'The folder is away', time: '2026-01-01T00:00:00Z' });
    expect(state.log.at(-1)).toMatchObject({ text: 'The folder is away', error: false });
    expect(follow([iteration(3, 1)], state).log).toBe(state.log);
  });

  it('end with a notification once, when nothing waits any more', () => {
    const events = [started(1), started(2, 2), done(1), failed(2)];
    const ends = events.map((_, i) => {
      const [before, after] = [follow(events.slice(0, i)), follow(events.slice(0, i + 1))];
      return allDone(before, after) ? summary(after) : '';
    });
    expect(ends).toEqual(['', '', '', '1 painted, 1 failed']);
    expect(notification('a;\x1b]b')).toBe('\x07\x1b]9;a;?]b\x1b\\\x1b]777;notify;stylize-tui;a,?]b\x1b\\');
  });
});

describe('time left in all', () => {
  const queued = (job: number): PaintEvent => ({ event: 'queued', ...ofJob(job) });
  const left = ({ paintings, waiting, pace }: ScreenState) => secondsForAll(paintings, waiting.size, pace);

  it('is not told before it is known', () => {
    expect(left(follow([queued(1), queued(2)]))).toBeUndefined();
    expect(left(follow([queued(2), started(1)]))).toBeUndefined();
    const painting = follow([started(1), iteration(1, 5)]);
    expect(left(reduce(painting, { type: 'pause', job: 1, paused: true }))).toBeUndefined();
  });

  it('takes what waits for as long as what was painted took', () => {
    // 70 s left of this one, 32 + 70 s for each of two.
    expect(left(follow([queued(2), queued(3), started(1), iteration(1, 5)]))).toBe(70 + 2 * 102);
    // One was done in 9 s.
    expect(left(follow([queued(2), queued(3), started(9), done(9), started(1), iteration(1, 5)]))).toBe(
      70 + 2 * 9,
    );
    // Two slots.
    const both = [started(1), started(4, 2), iteration(1, 5), iteration(4, 5)];
    expect(left(follow([queued(2), queued(3), ...both]))).toBe((2 * 70 + 2 * 102) / 2);
  });
});

describe('trends', () => {
  it('tell the change over the last 20 iterations', () => {
    let trend = emptyTrend;
    for (let i = 0; i < 20; i++) trend = appendValue(trend, 1000);
    expect(recentChange(trend)).toBeUndefined();
    for (let i = 0; i < 20; i++) trend = appendValue(trend, 900);
    expect(recentChange(trend)).toBeCloseTo(-0.1, 9);
    expect(trend.recent).toHaveLength(21);
  });
});

describe('layouts', () => {
  it.each([
    [50, 16, 'one'],
    [60, 20, 'one'],
    [60, 50, 'stacked'],
    [80, 24, 'beside'],
    [100, 30, 'beside'],
    [200, 30, 'beside'],
    [140, 50, 'gallery'],
    [200, 60, 'gallery'],
  ] as const)('of %d×%d: %s', (columns, rows, arrangement) => {
    const layout = layOut(columns, rows, 1)!;
    expect(layout.arrangement).toBe(arrangement);
    expect(layout.log > 0).toBe(columns === 200 && rows === 60);
  });

  it('leave nothing below the last row, whatever the size', () => {
    for (let columns = 50; columns < 260; columns += 7)
      for (let rows = 16; rows < 90; rows++)
        for (const slots of [1, 2, 9, 30]) {
          const { arrangement, picture, losses, queue, log, side, ...layout } = layOut(columns, rows, slots)!;
          const [blanks, below] =
            arrangement === 'gallery' ? [4, queue.rows] : [layout.airy ? 3 : 0, queue.rows];
          const body = arrangement === 'stacked' ? picture.rows + 1 + losses.rows : picture.rows;
          expect(6 + blanks + body + layout.slots + below).toBe(rows - 1);
          expect(losses.rows).toBeGreaterThanOrEqual(8);
          expect(picture.rows).toBeGreaterThanOrEqual(6);
          const across = arrangement === 'gallery' ? losses.columns + queue.columns + log : picture.columns;
          expect(Math.max(across, picture.columns + 2 * side)).toBeLessThanOrEqual(columns);
        }
  });

  it('show a picture in proportion, whatever the shape of the cells', () => {
    expect(cellSize(300, 200, { columns: 60, rows: 60 }, 2)).toEqual({ columns: 60, rows: 20 });
    expect(cellSize(300, 200, { columns: 60, rows: 60 }, 2.5)).toEqual({ columns: 60, rows: 16 });
    expect(cellSize(200, 300, { columns: 60, rows: 15 }, 2)).toEqual({ columns: 20, rows: 15 });
  });
});

describe('the look', () => {
  it('goes by what the terminal or its owner says', () => {
    const theme = (...given: Parameters<typeof detectLook>) => detectLook(...given).theme;
    expect(theme({})).toBe(themes.dark);
    expect(theme({ COLORFGBG: '0;15' })).toBe(themes.light);
    expect(theme({ COLORFGBG: '0;15' }, 'dark')).toBe(themes.dark);
    expect(theme({}, 'auto', { bright: true })).toBe(themes.light);
    expect(theme({}, 'high-contrast', { bright: true })).toBe(themes['high-contrast']);
    expect(['15;default;0', '0;7', '', undefined].map((COLORFGBG) => brightBy({ COLORFGBG }))).toEqual([
      false,
      true,
      undefined,
      undefined,
    ]);
  });

  it('understands what terminals answer', () => {
    const white = '\x1b]11;rgb:ffff/ffff/ffff\x1b\\';
    const dark = '\x1b]11;rgb:1e/1e/2e\x07';
    const cell = { cellHeight: 2, cell: { width: 9, height: 18 } };
    expect(factsFrom(`${white}\x1b[6;18;9t\x1b[?62;22c`)).toEqual({
      bright: true,
      ...cell,
      synchronized: false,
    });
    expect(factsFrom(`${dark}\x1b[?1;2c`)).toEqual({ bright: false, synchronized: false });
    expect(factsFrom('q')).toEqual({ synchronized: false });
  });

  it('tells what it can do with pictures', () => {
    // xterm as a VT340, foot, and a VT100, whose 4 is its kind.
    const xterm = '\x1b[?1;0;16S\x1b[?2;0;800;480S\x1b[?63;1;2;4;6;9;15;16;22;28c';
    expect(factsFrom(xterm).sixel).toEqual({ colors: 16, largest: { width: 800, height: 480 } });
    expect(factsFrom('\x1b[?1;3;0S\x1b[?62;4;22;28;29c').sixel).toEqual({});
    expect(factsFrom('\x1b[?4c').sixel).toBeUndefined();
    expect(factsFrom('\x1b[?2026;2$y\x1b[?62c').synchronized).toBe(true);
    for (const no of ['0', '4']) expect(factsFrom(`\x1b[?2026;${no}$y\x1b[?62c`).synchronized).toBe(false);
  });

  it('is not typed when it answers late', () => {
    // As Ink passes on late answers; typed text is not one.
    for (const late of ['11;rgb:1e1e/1e1e/2e2e', '[6;18;9t', '[?2026;2$y', '[?1;0;16S', '[?62;22c'])
      expect(isAnswer(late)).toBe(true);
    for (const typed of ['1', 'a', '11', '?', '[', 'nnn']) expect(isAnswer(typed)).toBe(false);
  });
});
