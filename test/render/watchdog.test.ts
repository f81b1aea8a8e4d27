/** How long a child may be silent. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FromChild } from '../../src/render/messages.js';
import { Watchdog } from '../../src/render/watchdog.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watchdog with a second's patience; tells after how many seconds of silence it bites, within an hour. */
function open() {
  let bitten = false;
  const watchdog = new Watchdog(1000, () => {
    bitten = true;
  });
  const silence = () => {
    for (let tenths = 0; tenths <= 36_000; tenths++) {
      if (bitten) return tenths / 10;
      vi.advanceTimersByTime(100);
    }
    return Number.POSITIVE_INFINITY;
  };
  const hear = (event: string, more = {}) => watchdog.onMessage({ event, ...more } as FromChild);
  return { hear, silence };
}

it('bites after its patience', () => {
  expect(open().silence()).toBe(1);
});

it('gives the first evaluation of a large picture its time, and the later ones twenty times that of the slowest', () => {
  const { hear, silence } = open();
  hear('started', { width: 400, height: 250 });
  vi.advanceTimersByTime(19_000);
  hear('iteration');
  expect(silence()).toBe(20 * 19);

  const first = open();
  first.hear('started', { width: 400, height: 250 });
  expect(first.silence()).toBe(20);

  const quick = open();
  quick.hear('started', { width: 400, height: 250 });
  vi.advanceTimersByTime(100);
  quick.hear('iteration');
  expect(quick.silence()).toBe(2);
});

it('leaves a child alone that rests', () => {
  const { hear, silence } = open();
  hear('paused');
  vi.advanceTimersByTime(3_600_000);
  hear('resumed');
  expect(silence()).toBe(1);
});
