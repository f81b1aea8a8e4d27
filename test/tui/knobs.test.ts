import { describe, expect, it } from 'vitest';
import { knobsOf, setKnob, setShare, turnKnob } from '../../src/tui/knobs.js';
import { weights } from './events.js';

const board = { weights, styles: ['/s/a.jpg', '/s/b.png'], layers: { relu1_1: 0.25, relu2_1: 0.75 } };

describe('knobs', () => {
  it('turn weights by a tenth or twofold and start again from zero', () => {
    expect(turnKnob(board, 1, 1).style).toBeCloseTo(5500, 6);
    expect(turnKnob(board, 1, -1).style).toBeCloseTo(4545.45, 1);
    expect(turnKnob(board, 1, 1, 'coarse').style).toBe(10_000);
    expect(turnKnob(board, 1, -1, 'coarse').style).toBe(2500);
    expect(turnKnob({ ...board, weights: { ...weights, tv: 0 } }, 2, 1).tv).toBe(1e-5);
  });

  it('move a blend by 0.05 or 0.25, the others giving way, always summing to 1', () => {
    expect(turnKnob(board, 3, 1).blend).toEqual([0.75, expect.closeTo(0.25, 9)]);
    expect(turnKnob(board, 4, 1, 'coarse').blend).toEqual([expect.closeTo(0.45, 9), 0.55]);
    let blend = [0.2, 0.3, 0.5];
    for (let i = 0; i < 60; i++) {
      blend = setShare(blend, i % 3, blend[i % 3] + (i % 2 ? 0.05 : -0.3));
      expect(blend.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(Math.min(...blend)).toBeGreaterThanOrEqual(0);
    }
    expect(setShare([1, 0, 0], 0, 0.9)).toEqual([0.9, expect.closeTo(0.05, 9), expect.closeTo(0.05, 9)]);
    expect(setShare([1], 0, 0.5)).toEqual([1]);
  });

  it('change what one layer counts and leave the others', () => {
    const turned = turnKnob(board, 6, -1, 'coarse');
    expect(turned).toEqual({ ...weights, styleLayers: { relu1_1: 0.25, relu2_1: 0.375 } });
    expect(setKnob({ ...board, weights: turned }, 5, 2).styleLayers).toEqual({ relu1_1: 2, relu2_1: 0.375 });
  });

  it('are named for what they change', () => {
    expect(knobsOf(board).map(({ name }) => name)).toEqual([
      'content',
      'style',
      'tv',
      'a',
      'b',
      'relu1_1',
      'relu2_1',
    ]);
  });

  it('stay within what settings may say', () => {
    expect(setKnob(board, 0, 1e15).content).toBe(1e12);
    expect(setKnob(board, 0, -1).content).toBe(0);
  });
});
