import { expect, it } from 'vitest';
import { layered } from '../../src/settings/presets.js';
import { adamOptions, mapPaths, parseSettings, settingsSchema } from '../../src/settings/settings.js';

it.each<[object, string]>([
  [{ iterations: 0 }, 'iterations 0: expected 1 or more'],
  [{ iterations: 1.5 }, 'iterations 1.5: expected a whole number'],
  [{ epsilon: 0 }, 'epsilon 0: expected more than 0'],
  [{ contentWeightBlend: 1.5 }, 'contentWeightBlend 1.5: expected 1 or less'],
  [{ styleScales: [1, -1] }, 'styleScales -1 (number 2): expected more than 0'],
  [{ pooling: 'MAX' }, 'pooling MAX: expected one of max, avg (did you mean max?)'],
  [{ styleLayers: { foo: 1 } }, 'styleLayers (foo): expected a layer such as relu4_2'],
  [{ sise: 3 }, 'there is no setting sise (did you mean size?)'],
])('says what came and what would do: %o', (values, message) => {
  expect(() => parseSettings(values, 'here')).toThrow(`here: ${message}.`);
});

it('lets new styles take the place of what counted the earlier ones', () => {
  const recipe = { styles: ['a', 'b'], blend: [0.7, 0.3], styleScales: [1, 2], styleWeight: 7 };
  expect(layered(recipe, { styles: ['c'] })).toEqual({ styles: ['c'], styleWeight: 7 });
  expect(layered(recipe, { styleWeight: 8 })).toEqual({ ...recipe, styleWeight: 8 });
});

it('lets each way to say how large styles are take the place of the other', () => {
  expect(layered({ styleScales: [2] }, { styleSize: 300 }).styleSize).toBe(300);
  expect(layered({ styleSize: 300 }, { styleScales: [2] })).toEqual({ styleScales: [2] });
});

it('takes every path for one, but not the name of the bundled network', () => {
  const settings = { styles: ['a'], network: 'box', initial: 'i' };
  expect(mapPaths(settings, (path) => `/x/${path}`)).toEqual({
    styles: ['/x/a'],
    network: 'box',
    initial: '/x/i',
  });
});

it('hands Adam every option that flags set', () => {
  const said = { learningRate: 3, beta1: 0.5, beta2: 0.6, epsilon: 0.01 };
  expect(adamOptions(settingsSchema.parse({ styles: ['a.jpg'], ...said }))).toEqual(said);
  const usual = { learningRate: 10, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  expect(adamOptions(settingsSchema.parse({ styles: ['a.jpg'] }))).toEqual(usual);
});

it('knows the bundled network under both of its names', () => {
  for (const network of ['box', 'bundled'])
    expect(parseSettings({ styles: ['a.jpg'], network }, 'here').network).toBe('box');
});
