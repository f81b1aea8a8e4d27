import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settingsByHand, settingsLike } from '../../src/app/recipe.js';
import { Recipes } from '../../src/app/recipes.js';
import { wasserstein } from '../../src/losses/wasserstein.js';
import { type LayerWeights, objectiveFor, type Weights } from '../../src/transfer/losses.js';
import { UserError } from '../../src/util/errors.js';

const painting = (name: string) =>
  fileURLToPath(new URL(`../../presets/styles/${name}.jpg`, import.meta.url));
const wave = painting('great-wave');
const scream = painting('the-scream');
const recipes = () => new Recipes({ styles: [wave, scream], size: 96, network: 'box' });
const unchanged = async () => {};

describe('what a person chose for what follows', () => {
  it('is painted from then on, and known by what was asked for', async () => {
    const made = recipes();
    const before = await made.of({ settings: {} });
    let renewed = before;
    await made.choose({ styleWeight: 9000 }, async (renew) => {
      renewed = await renew(before);
    });
    expect(renewed.settings).toMatchObject({ styleWeight: 9000, size: 96 });
    expect(renewed.asked).toBe(before.hash);
    expect(renewed.hash).not.toBe(before.hash);
    expect(await made.of({ settings: {} })).toEqual(renewed);
    // A sidecar wins.
    expect((await made.of({ settings: { styleWeight: 1 }, from: 'a.json' })).settings.styleWeight).toBe(1);
  });

  it('changes nothing where it does not fit', async () => {
    const made = recipes();
    const before = await made.of({ settings: {} });
    await expect(made.choose({ blend: [1, 2, 3] }, unchanged)).rejects.toThrow(UserError);
    await expect(made.choose({ styles: ['/nowhere.jpg'] }, unchanged)).rejects.toThrow(UserError);
    expect(await made.of({ settings: {} })).toEqual(before);
  });

  it('stays where an earlier choice fails after it was made', async () => {
    const made = recipes();
    const failing = made.choose({ styleWeight: 9000 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new UserError('the first one fails late');
    });
    const lasting = made.choose({ contentWeight: 3 }, unchanged);
    await expect(failing).rejects.toThrow('fails late');
    await lasting;
    const { settings } = await made.of({ settings: {} });
    expect([settings.styleWeight, settings.contentWeight]).toEqual([10, 3]);
  });

  it('can be another style for one picture', async () => {
    const made = recipes();
    const before = await made.of({ settings: { blend: [3, 1] } });
    const other = await made.with(before, { styles: [scream] });
    expect(other.settings).toMatchObject({ styles: [scream], blend: [1], size: 96 });
    expect(other.asked).toBe(before.hash);
  });

  it('says of a painting led by hand exactly what it is', async () => {
    const made = recipes();
    const before = await made.of({ settings: { styleLayerWeightExp: 2 } });
    const weights = {
      content: 7,
      style: 1000,
      tv: 20,
      blend: [0.2, 0.8],
      styleLayers: { relu1_1: 0.5, relu2_1: 1, relu3_1: 0.5, relu4_1: 2, relu5_1: 1 },
    };
    await made.choose(settingsLike(before, weights, 77), unchanged);
    const { settings, layers } = await made.of({ settings: {} });
    expect(settings).toMatchObject({ contentWeight: 7, tvWeight: 20, blend: [0.2, 0.8], iterations: 77 });
    // A sidecar that says otherwise is no contradiction.
    expect((await made.of({ settings: { styleLayerWeightExp: 2 } })).layers).toEqual(before.layers);
    // The engine is told the same factors.
    const told = { ...weights, style: settings.styleWeight, styleLayers: undefined };
    const statistics = { mean: Float32Array.of(1), second: Float32Array.of(2) };
    const style = Object.fromEntries(Object.keys(layers.style).map((layer) => [layer, statistics]));
    const measured = { content: { relu4_2: Float32Array.of(1) }, styles: [style, style] };
    const factorsOf = (weights: Weights, layers: LayerWeights) =>
      objectiveFor(measured, weights, layers, wasserstein).weights.style[0];
    const factors = factorsOf(told, layers);
    for (const [layer, factor] of Object.entries(factorsOf(weights, before.layers)))
      expect(factors[layer]).toBeCloseTo(factor, 6);
  });
});

describe('a preset or a style that is chosen while painting', () => {
  const best = { size: 1024, iterations: 60, styleLayerWeightExp: 2 };

  it('leaves what flags say, in whatever way, and only the styles are another matter', () => {
    const made = new Recipes({}, { width: 300, styleLayers: { relu1_1: 1 }, styles: [wave], blend: [1] });
    expect(made.withoutFlags(best)).toEqual({ iterations: 60 });
    expect(made.withoutFlags({ styles: [scream], blend: [1] })).toEqual({ styles: [scream], blend: [1] });
    expect(new Recipes({}).withoutFlags(best)).toEqual(best);
  });

  it('leaves numbers that were changed by hand, unless they are of another style loss', async () => {
    const before = await recipes().of({ settings: {} });
    const byHand = {
      weights: { style: 500 },
      styleLayers: { relu1_1: 1, relu2_1: 3 },
      iterations: 77,
    };
    // Layer weights of settings add up to 1; what they add up to goes into the weight of style.
    expect(settingsByHand(before, best, byHand)).toEqual({
      styleWeight: 2000,
      styleLayers: byHand.styleLayers,
      iterations: 77,
    });
    expect(settingsByHand(before, { styleLoss: 'gram' }, byHand)).toEqual({ iterations: 77 });
    expect(settingsByHand(before, best, { weights: {} })).toEqual({});
  });
});
