import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { bindings } from '../../src/tui/keymap.js';
import { layOut } from '../../src/tui/layout.js';
import { ascii, unicode } from '../../src/util/format.js';
import { done, iteration, ofJob, started, working } from './events.js';
import { show } from './terminal.js';

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
      if (columns < 72) {
        expect(screen.lines().join('\n')).toContain('x losses');
        await screen.press('x');
      }
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

  it('tells how far the next evaluation of a picture in tiles is', async () => {
    const screen = show(80, 24);
    await screen.tell(started(1), working(1, 0.349));
    expect(screen.lines().join('\n')).toContain('0/130  measuring 34%  0:45  estimating…');
    await screen.tell(iteration(1, 58), working(1, 0.02));
    expect(screen.lines().join('\n')).toContain(' 58/130  next 2%  0:45  1:10 left');
    await screen.tell(iteration(1, 59));
    expect(screen.lines().join('\n')).toContain(' 59/130  0:32');
    screen.close();
  });

  it.each([
    [60, 20],
    [80, 24],
    [140, 50],
  ])('shows a table of styles and layers at %d×%d', async (columns, rows) => {
    const screen = show(columns, rows);
    await screen.tell(started(1), iteration(1, 58));
    await screen.press('t');
    const table = screen.lines();
    const row = (name: string) => table.findLast((line) => line.includes(name))!.match(/\d\.\d\d/g);
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
    expect(layOut(50, 16, 1)).toBeDefined();
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
    for (const key of ['s', 'n', 'n', 'a', 'a']) await screen.press(key);
    expect(screen.sent.map(({ type }) => type)).toEqual([
      'pause',
      'resume',
      'change',
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
    expect(screen.quits).toEqual(['stop']);
    screen.close();
    const busy = show(80, 24);
    await busy.tell(started(1));
    await busy.press('q');
    expect(busy.quits).toEqual([]);
    await busy.press('n');
    await busy.press('q');
    await busy.press('y');
    expect(busy.quits).toEqual(['stop']);
    await busy.press('\x03');
    expect(busy.quits).toEqual(['stop', '^C']);
    busy.close();
  });

  it('shortens the name in the question, not what becomes of the picture', async () => {
    const screen = show(60, 20);
    await screen.tell({ ...started(1), source: '/in/IMG_20260101_as-a-phone-names-it.jpg' } as PaintEvent);
    await screen.press('q');
    expect(screen.lines().at(-2)).toBe('Quit? IMG_2…t.jpg (0 of 130) resumes here at the next start.');
    screen.close();
  });

  it('says what becomes of a picture that resumes, and offers to finish or keep one that does not', async () => {
    const open = async (resumes: boolean) => {
      const screen = show(60, 20, unicode, {}, false, 600_000, resumes);
      await screen.tell(started(1), iteration(1, 58), started(2, 2));
      await screen.press('q');
      return { ...screen, last: () => screen.lines().slice(-2) };
    };
    const watch = await open(true);
    expect(watch.last()).toEqual([
      'Quit? 2 pictures resume here at the next start.',
      'y quit  f finish first  k keep as it is  esc go on',
    ]);
    await watch.press('f');
    expect([watch.quits, watch.sent]).toEqual([['finish'], []]);
    expect(watch.last()[0]).toBe('Quitting after these 2 pictures.');
    await watch.tell(done(2));
    await watch.press(' ');
    expect(watch.last()[0]).toBe('Quitting after this picture. It is paused: space resumes.');
    watch.close();
    const run = await open(false);
    await run.tell(done(2));
    await run.press('q');
    expect(run.last()).toEqual([
      'Quit? photo-1.jpg (58 of 130) is not finished.',
      'f finish first  k keep as it is  t throw away  esc go on',
    ]);
    // What means yes elsewhere throws nothing away.
    await run.press('yq\r');
    expect(run.quits).toEqual([]);
    await run.tell(started(3, 2));
    await run.press('k');
    expect(run.sent).toEqual([
      { job: 1, type: 'accept' },
      { job: 3, type: 'stop' },
    ]);
    expect(run.quits).toEqual(['finish']);
    run.close();
  });

  it.each([
    [60, 20],
    [80, 24],
  ])('helps with every key of the table, in whole sentences, at %d×%d', async (columns, rows) => {
    const screen = show(columns, rows);
    await screen.press('?');
    const seen = new Set<string>();
    for (let line = 0; line < bindings.length; line++) {
      // Sentences that wrap are read on in the next line.
      const text = screen.lines().join(' ').replace(/\s+/g, ' ');
      for (const { help } of bindings) if (text.includes(help)) seen.add(help);
      await screen.press('\x1b[B');
    }
    expect(bindings.filter(({ help }) => !seen.has(help))).toEqual([]);
    screen.close();
  });
});
