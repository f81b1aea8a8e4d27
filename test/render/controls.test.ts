import { expect, it } from 'vitest';
import { Controls } from '../../src/render/controls.js';

it('hands changes over together, and knows the number of the last that was taken', () => {
  const controls = new Controls();
  expect(controls.lastChange).toBeUndefined();
  const weights = { content: 1, style: 2, tv: 3, blend: [1] };
  controls.apply({ type: 'change', number: 1, weights });
  controls.apply({ type: 'change', number: 2, iterations: 9 });
  expect(controls.lastChange).toBeUndefined();
  expect(controls.takeChange()).toEqual({ weights, iterations: 9 });
  expect(controls.lastChange).toBe(2);
  expect(controls.takeChange()).toBeUndefined();
  expect(controls.lastChange).toBe(2);
});

it('keeps the number of a change where one without a number follows before both are taken', () => {
  const controls = new Controls();
  controls.apply({ type: 'change', number: 1, iterations: 9 });
  controls.apply({ type: 'change', again: true });
  expect(controls.takeChange()).toEqual({ iterations: 9, again: true });
  expect(controls.lastChange).toBe(1);
});
