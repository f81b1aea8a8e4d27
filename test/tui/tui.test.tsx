import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { render } from 'ink';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Control, PaintEvent } from '../../src/jobs/events.js';
import { App } from '../../src/tui/App.js';
import { drawPicture } from '../../src/tui/drawing.js';
import { ascii, bar, clip, duration, pad, short, sparkline, unicode } from '../../src/tui/format.js';
import { bindings } from '../../src/tui/keymap.js';
import { knobs, shiftBlend, turn } from '../../src/tui/knobs.js';
import { layOut } from '../../src/tui/layout.js';
import { LookContext } from '../../src/tui/look.js';
import { initialState, lossTerms, reduce, type ScreenState } from '../../src/tui/state.js';
import { Store } from '../../src/tui/store.js';
import { emptyTrend, extend } from '../../src/tui/trend.js';

const weights = { content: 5, style: 5000, tv: 100, blend: [0.7, 0.3] };
const losses = { total: 10, tv: 1, content: { relu4_2: 4 }, style: { relu1_1: [1.5, 0.5], relu2_1: [1, 2] } };
const ofJob = (job: number, source = `/in/photo-${job}.jpg`) => ({
  time: '2026-01-01T00:00:00Z',
  job,
  source,
});
const started = (job: number): PaintEvent => ({
  event: 'started',
  ...ofJob(job),
  slot: 1,
  output: `/out/photo-${job}.jpg`,
  width: 512,
  height: 341,
  scales: 2,
  iterations: 130,
  styles: ['/s/starry-night.jpg', '/s/the-scream.jpg'],
  layers: { content: { relu4_2: 1 }, style: { relu1_1: 0.5, relu2_1: 0.5 } },
  weights,
  engine: 'onnx',
  device: 'cpu, 2 threads',
});
const iteration = (job: number, n: number): PaintEvent => ({
  event: 'iteration',
  ...ofJob(job),
  iteration: n,
  iterations: 130,
  scale: 1,
  scales: 2,
  width: 256,
  height: 171,
  seconds: 32,
  secondsLeft: 70,
  losses,
  weights,
});
const follow = (events: PaintEvent[], from: ScreenState = initialState) =>
  events.reduce((state, event) => reduce(state, { type: 'event', event }), from);

describe('knobs', () => {
  it('turn weights by a tenth and start again from zero', () => {
    expect(turn(weights, 1, 1).style).toBeCloseTo(5500, 6);
    expect(turn(weights, 1, -1).style).toBeCloseTo(4545.45, 1);
    expect(turn({ ...weights, tv: 0 }, 2, 1).tv).toBe(1);
  });

  it('move a blend by 0.05, the others giving way, always summing to 1', () => {
    expect(turn(weights, 3, 1).blend).toEqual([0.75, expect.closeTo(0.25, 9)]);
    let blend = [0.2, 0.3, 0.5];
    for (let i = 0; i < 60; i++) {
      blend = shiftBlend(blend, i % 3, i % 2 ? 0.05 : -0.3);
      expect(blend.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(Math.min(...blend)).toBeGreaterThanOrEqual(0);
    }
    expect(shiftBlend([1, 0, 0], 0, -0.1)).toEqual([0.9, expect.closeTo(0.05, 9), expect.closeTo(0.05, 9)]);
    expect(shiftBlend([1], 0, 0.05)).toEqual([1]);
  });

  it('are named for the styles', () => {
    expect(knobs(weights, ['/s/a.jpg', '/s/b.png']).map(({ name }) => name)).toEqual([
      'content',
      'style',
      'tv',
      'a',
      'b',
    ]);
  });
});

describe('format', () => {
  it('shortens numbers, times and names', () => {
    expect([0, 9.994, 12.34, 950, 999.7, 12_345, 1_234_567, 9.99e9].map(short)).toEqual([
      '0.00',
      '9.99',
      '12.3',
      '950',
      '1.00k',
      '12.3k',
      '1.23M',
      '9.99G',
    ]);
    expect([0, 59.6, 200, 3723].map(duration)).toEqual(['0:00', '1:00', '3:20', '1:02:03']);
    expect(clip('a-very-long-name.jpg', 11, unicode)).toBe('a-ver…e.jpg');
    expect(stringWidth(pad('写真写真写真.jpg', 9, unicode))).toBe(9);
  });

  it('draws bars and trends', () => {
    expect(bar(0.5, 4, unicode)).toBe('██  ');
    expect(bar(0.3, 4, ascii, true)).toBe('#...');
    expect(bar(2, 3, unicode)).toBe('███');
    expect(sparkline([1, 10, 100, 1000], 4, unicode)).toBe('▁▃▆█');
    expect(sparkline([5, 5], 8, unicode)).toBe('▁▁');
    expect(sparkline([], 8, unicode)).toBe('');
  });
});

describe('state', () => {
  it('follows a picture from the queue to its end', () => {
    const queued: PaintEvent[] = [1, 2].map((job) => ({ event: 'queued', ...ofJob(job) }));
    const painting = follow([...queued, started(1), iteration(1, 7)]);
    expect([...painting.waiting.values()]).toEqual(['photo-2.jpg']);
    expect(painting.painting).toMatchObject({ iteration: 7, losses, secondsLeft: 70 });
    const done = follow(
      [{ event: 'done', ...ofJob(1), output: '/out/photo-1.jpg', seconds: 9, iterations: 130, losses }],
      painting,
    );
    expect(done).toMatchObject({ painting: undefined, counts: { done: 1, failed: 0 } });
    const failed = follow([{ event: 'failed', ...ofJob(2), reason: '/in/photo-2.jpg: it is empty' }], done);
    expect(failed.finished.map(({ status, detail }) => [status, detail])).toEqual([
      ['failed', 'it is empty'],
      ['done', '/out/photo-1.jpg'],
    ]);
    expect(failed.waiting.size).toBe(0);
  });

  it('stays small over weeks', () => {
    let trend = emptyTrend;
    for (let i = 0; i < 100_000; i++) trend = extend(trend, i);
    expect(trend.points.length).toBeLessThanOrEqual(256);
    expect(trend.points[0]).toBe(0);
    let state = initialState;
    for (let job = 0; job < 500; job++)
      state = follow([{ event: 'skipped', ...ofJob(job), reason: 'x' }], state);
    expect(state.finished).toHaveLength(100);
    expect(state.counts.skipped).toBe(500);
  });

  it('lists losses so that they add up', () => {
    const [total, ...terms] = lossTerms(losses);
    expect(terms.reduce((sum, { value }) => sum + value, 0)).toBe(total.value);
  });
});

describe('drawing', () => {
  it('has the size asked for, in colour and in ASCII', async () => {
    const cat = await readFile(fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url)));
    const text = await drawPicture(cat, 30, 10, { glyphs: ascii, colours: false });
    expect(text.split('\n').map((line) => line.length)).toEqual(Array(10).fill(30));
    const blocks = await drawPicture(cat, 30, 10, { glyphs: unicode, colours: true });
    expect(blocks.split('\n').map((line) => stringWidth(line))).toEqual(Array(10).fill(30));
  });
});

/** The screen on a terminal that is not there. */
function show(columns: number, rows: number, glyphs = unicode) {
  const stdout = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    last: '',
    write: (_: string) => true,
  });
  stdout.write = (text) => {
    stdout.last = text;
    return true;
  };
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    pending: [] as string[],
    setRawMode() {},
    setEncoding() {},
    ref() {},
    unref() {},
    read: () => stdin.pending.shift() ?? null,
  });
  const store = new Store();
  const sent: Control[] = [];
  const quits: string[] = [];
  const outlets = {
    control: (_: number, c: Control) => sent.push(c),
    onQuit: () => quits.push('q'),
    onInterrupt: () => quits.push('^C'),
  };
  const app = render(
    <LookContext.Provider value={{ glyphs, colours: false }}>
      <App store={store} title="watch in → out" outlets={outlets} />
    </LookContext.Provider>,
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stdin: stdin as unknown as NodeJS.ReadStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
  const press = async (keys: string) => {
    stdin.pending.push(keys);
    stdin.emit('readable');
    await settle();
  };
  const tell = async (...events: PaintEvent[]) => {
    for (const event of events) store.act({ type: 'event', event });
    await settle();
  };
  return { tell, press, sent, quits, lines: () => stdout.last.split('\n'), close: () => app.unmount() };
}

describe('the screen', () => {
  it.each([
    [60, 20],
    [80, 24],
    [100, 30],
    [140, 50],
    [200, 60],
  ])('fits %d×%d and shows what matters', async (columns, rows) => {
    for (const glyphs of [unicode, ascii]) {
      const screen = show(columns, rows, glyphs);
      const queued: PaintEvent[] = Array.from({ length: 30 }, (_, job) => ({
        event: 'queued',
        ...ofJob(job + 2),
      }));
      await screen.tell(started(1), iteration(1, 58), ...queued);
      const text = screen.lines().join('\n');
      expect(screen.lines().length).toBeLessThanOrEqual(rows - 1);
      expect(Math.max(...screen.lines().map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
      for (const part of [
        'photo-1.jpg',
        'scale 1/2',
        '58/130',
        '0:32',
        '1:10 left',
        'total',
        'content relu4_2',
        'style relu2_1',
        '10.0',
        '5.00k',
        'waiting 30',
        '? help',
        'q quit',
      ]) {
        expect(text, `${part} at ${columns}×${rows}`).toContain(part);
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing beyond ASCII is what is checked
      if (glyphs === ascii) expect(text).not.toMatch(/[^\x00-\x7f]/);
      screen.close();
    }
  });

  it.each([
    [60, 20],
    [80, 24],
    [140, 50],
  ])('shows a table of styles and layers at %d×%d', async (columns, rows) => {
    const screen = show(columns, rows);
    await screen.tell(started(1), iteration(1, 58));
    await screen.press('t');
    const table = screen.lines().map((line) => line.slice(Math.floor(columns * 0.4)));
    const row = (name: string) => table.find((line) => line.includes(name))!.match(/\d\.\d\d/g);
    expect(row('relu1_1')).toEqual(['1.50', '0.50', '2.00']);
    expect(row('relu2_1')).toEqual(['1.00', '2.00', '3.00']);
    expect(table.findLast((line) => line.includes('all '))!.match(/\d\.\d\d/g)).toEqual([
      '2.50',
      '2.50',
      '5.00',
    ]);
    expect(Math.max(...screen.lines().map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
    await screen.press('t');
    expect(screen.lines().join('\n')).toContain('content relu4_2');
    screen.close();
  });

  it('says in a sentence that a terminal is too small', async () => {
    const screen = show(40, 12);
    await screen.tell(started(1));
    expect(screen.lines().join('')).toContain('Too small: needs 50×16');
    expect(layOut(50, 16)).toBeDefined();
    screen.close();
  });

  it('turns keys into messages, and shows them before the child answers', async () => {
    const screen = show(80, 24);
    await screen.tell(started(1), iteration(1, 3));
    await screen.press(' ');
    expect(screen.lines().join('\n')).toContain('PAUSED');
    await screen.press(' ');
    // Typed ahead, they arrive as one.
    await screen.press('\t\t+');
    expect(screen.lines().join('\n')).toContain('▸starry-night 0.75');
    for (const key of ['s', 'n', 'a']) await screen.press(key);
    expect(screen.sent.map(({ type }) => type)).toEqual([
      'pause',
      'resume',
      'weights',
      'snapshot',
      'skip',
      'accept',
    ]);
    expect(screen.sent[2]).toMatchObject({ weights: { blend: [0.75, expect.closeTo(0.25, 9)] } });
    screen.close();
  });

  it('asks before it quits while painting, and not otherwise', async () => {
    const screen = show(80, 24);
    await screen.press('q');
    expect(screen.quits).toEqual(['q']);
    screen.close();
    const busy = show(80, 24);
    await busy.tell(started(1));
    await busy.press('q');
    expect(busy.quits).toEqual([]);
    await busy.press('n');
    await busy.press('q');
    await busy.press('y');
    expect(busy.quits).toEqual(['q']);
    await busy.press('\x03');
    expect(busy.quits).toEqual(['q', '^C']);
    busy.close();
  });

  it('helps with every key of the table', async () => {
    const screen = show(100, 30);
    await screen.press('?');
    const text = screen.lines().join('\n');
    for (const { help } of bindings) expect(text).toContain(help.slice(0, 30));
    screen.close();
  });
});
