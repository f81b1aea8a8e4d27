import { describe, expect, it } from 'vitest';
import { knobs, shiftBlend, turn } from '../../src/tui/knobs.js';
import { weights } from './events.js';

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
