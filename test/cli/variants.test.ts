import { expect, it } from 'vitest';
import { variants } from '../../src/cli/flags/variants.js';

it('combines every value with every other, and names only what differs', () => {
  expect(variants({ size: [64], styleWeight: [500, 5000], preset: ['draft', 'good+mine'] })).toEqual([
    { label: 'preset draft, style-weight 500', flags: { preset: ['draft'], size: 64, styleWeight: 500 } },
    { label: 'preset draft, style-weight 5000', flags: { preset: ['draft'], size: 64, styleWeight: 5000 } },
    {
      label: 'preset good+mine, style-weight 500',
      flags: { preset: ['good', 'mine'], size: 64, styleWeight: 500 },
    },
    {
      label: 'preset good+mine, style-weight 5000',
      flags: { preset: ['good', 'mine'], size: 64, styleWeight: 5000 },
    },
  ]);
});

it('is one way to paint where nothing is said, or the same twice', () => {
  expect(variants({})).toEqual([{ label: '', flags: {} }]);
  expect(variants({ styleWeight: [5, 5] })).toEqual([{ label: '', flags: { styleWeight: 5 } }]);
});
