/** The screen while several pictures are painted. */
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { ascii, unicode } from '../../src/util/format.js';
import { done, iteration, ofJob, started } from './events.js';
import { show } from './terminal.js';

const several = (count: number): PaintEvent[] =>
  Array.from({ length: count }, (_, i) => [started(i + 1, i + 1), iteration(i + 1, 10 * (i + 1))]).flat();

describe('a screen with several slots', () => {
  it.each([
    [60, 20],
    [80, 24],
    [140, 50],
  ])('has a line for each and nothing less of the rest at %d×%d', async (columns, rows) => {
    for (const glyphs of [unicode, ascii]) {
      const screen = show(columns, rows, glyphs);
      await screen.tell(...several(2), { event: 'queued', ...ofJob(3) });
      await screen.press(columns < 72 ? 'xe ' : 'e ');
      const lines = screen.lines();
      expect(lines.length).toBeLessThanOrEqual(rows - 1);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      const line = (slot: number) => lines.find((line) => line.startsWith(` ${slot} photo`));
      expect(line(1)).toMatch(/ 10\/130 +1:10 left {2}cpu, 2 threads$/);
      const chosen = lines.find((line) => line.startsWith(`${glyphs.chosen}2 photo-2.jpg`));
      expect(chosen).toMatch(/ 20\/130 +PAUSED {2}cpu, 2 threads$/);
      expect(stringWidth(chosen!)).toBe(stringWidth(line(1)!));
      const text = lines.join('\n');
      const parts = [
        'total',
        'content relu4_2',
        'style relu2_1',
        'tv',
        '5.00k',
        'waiting 1',
        'e other',
        'q quit',
      ];
      for (const part of parts) expect(text, `${part} at ${columns}×${rows}`).toContain(part);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing beyond ASCII is what is checked
      if (glyphs === ascii) expect(text).not.toMatch(/[^\x00-\x7f]/);
      screen.close();
    }
  });

  it.each([
    [60, 20, 3],
    [80, 24, 4],
    [140, 50, 9],
  ])('with more of them than lines at %d×%d says how many', async (columns, rows, lines) => {
    const screen = show(columns, rows);
    await screen.tell(...several(12));
    const slots = () =>
      screen
        .lines()
        .flatMap((line) => line.match(/^[ ▸](?:\d| \d|\d\d) (?=photo)/) ?? [])
        .map((number) => number.trim());
    const numbers = Array.from({ length: lines }, (_, i) => String(i + 1));
    expect(slots()).toEqual([`▸ ${numbers[0]}`, ...numbers.slice(1)]);
    expect(screen.lines().join('\n')).toContain(`${12 - lines} more slots`);
    expect(screen.lines().length).toBeLessThanOrEqual(rows - 1);
    // All losses still have a row.
    if (columns < 72) await screen.press('x');
    for (const part of ['total', 'style relu2_1', 'tv ']) expect(screen.lines().join('\n')).toContain(part);
    // Going back from the first one wraps around to the last.
    await screen.press('9eee');
    expect(slots().at(-1)).toBe('▸12');
    await screen.press('e');
    expect(slots()[0]).toBe('▸ 1');
    screen.close();
  });

  it('hands keys to the one that is shown', async () => {
    const screen = show(80, 24);
    await screen.tell(...several(2));
    await screen.press('+');
    // There is no third slot.
    for (const keys of ['2', '-', '3', 's', 'e', 'nn', 'n']) await screen.press(keys);
    expect(screen.sent.map(({ job, type }) => [job, type])).toEqual([
      [1, 'change'],
      [2, 'change'],
      [2, 'snapshot'],
      [1, 'skip'],
    ]);
    expect(screen.sent[0]).toMatchObject({ weights: { style: 5500 } });
    expect(screen.lines().join('\n')).toContain('▸style 5.50k');
    expect(screen.lines().join('\n')).toContain('Dropping photo-1.jpg');
    screen.close();
  });

  it('keeps its lines between two pictures, and has none with one slot or at rest', async () => {
    const screen = show(80, 24);
    await screen.tell(started(1), iteration(1, 10));
    expect(screen.lines().join('\n')).not.toMatch(/▸1|e other/);
    await screen.tell(started(2, 2));
    expect(screen.lines().join('\n')).toMatch(/▸1 photo-1.jpg.*\n 2 photo-2.jpg.*estimating…/);
    await screen.tell(done(1));
    expect(screen.lines().join('\n')).toMatch(/\n 1 no picture at the moment\n▸2 photo-2.jpg/);
    await screen.tell(done(2), { event: 'idle', time: '2026-01-01T00:00:00Z' });
    expect(screen.lines().join('\n')).not.toContain('no picture at the moment');
    screen.close();
  });

  it('asks for all of them before it quits', async () => {
    const screen = show(60, 20);
    await screen.tell(...several(3));
    await screen.press('q');
    expect(screen.lines().join('\n')).toContain('Quit? 3 pictures resume here at the next start.');
    screen.close();
  });
});
