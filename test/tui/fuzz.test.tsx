/**
 * Random keys, sizes and events: whatever comes, the terminal shows the screen and nothing else. FUZZ=2000 npx vitest run
 * test/tui/fuzz is the full measure. The seed is fixed and is in the test's name, which every failure prints; SEED=...
 * sets another.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import { smallestColumns, smallestRows } from '../../src/tui/layout.js';
import { unicode } from '../../src/util/format.js';
import { done, iteration, ofJob, started } from './events.js';
import { show } from './terminal.js';

const steps = Number(process.env.FUZZ ?? 250);

const seed = Number(process.env.SEED ?? 7);

it(`stands ${steps} random keys, sizes and events, seed ${seed}`, async () => {
  const generator = xoroshiro128plus(seed);
  const random = (most: number) => uniformInt(generator, 0, most);
  const screen = show(80, 24, unicode, { colors: 3 });
  const keys = [
    ...' peotxcvlQOJDRuiwm?[]+-=_aszyn019hjk/:',
    '\x1b[<0;20;9M',
    '\x1b[<65;1;1M',
    '\t',
    '\r',
    '\x1b[C',
    '\x1b[H',
    '\x1b',
    '\x1b[A',
    '\x1b[B',
    '\x1b[Z',
  ];
  /** A command or a move, in any state, after a picture that is there or not. */
  const followUp = (job: number): PaintEvent => {
    const statuses = ['waiting', 'running', 'done', 'failed', 'unknown'] as const;
    const isMove = random(1) === 0;
    const path = `/moved/${'写'.repeat(1 + random(90))}.jpg`;
    return {
      event: 'follow-up',
      ...ofJob(job),
      ...(isMove ? { move: '/moved' } : { command: `lp ${'x'.repeat(random(90))} {output}` }),
      status: statuses[random(statuses.length - 1)],
      attempts: 1 + random(3),
      reason: random(1) === 0 ? `exit code 1: ${'写'.repeat(random(90))}` : undefined,
      to: isMove && random(1) === 0 ? path : undefined,
    };
  };
  let job = 2;
  screen.store.act({ type: 'event', event: started(1) });
  for (let step = 0; step < steps; step++) {
    const kind = random(10);
    if (kind < 5) screen.type(keys[random(keys.length - 1)]);
    else if (kind === 5) screen.terminal.resize(smallestColumns + random(160), smallestRows - 2 + random(50));
    else if (kind === 6) screen.store.act({ type: 'event', event: done(job - 1) });
    else if (kind === 7) screen.store.act({ type: 'event', event: started(++job, 1 + random(2)) });
    else if (kind === 8)
      screen.store.act({
        type: 'event',
        event: { event: 'failed', ...ofJob(job + 50), reason: `x${'写'.repeat(random(90))}` },
      });
    else if (kind === 9) screen.store.act({ type: 'event', event: followUp(1 + random(job)) });
    else screen.store.act({ type: 'event', event: iteration(job, random(130)) });
    await new Promise((resolve) => setImmediate(resolve));
    const lines = screen.lines();
    const { columns, rows, emulator } = screen.terminal;
    expect(emulator.lost, `step ${step}`).toBe(0);
    expect(lines.length).toBeLessThanOrEqual(rows - 1);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    // A full redraw looks the same: no stray row or character was left over.
    if (step % 10 === 0) {
      screen.terminal.emulator.write('\x1b[2J');
      screen.terminal.resize(columns, rows);
      expect(screen.lines()).toEqual(lines);
    }
  }
  screen.close();
});
