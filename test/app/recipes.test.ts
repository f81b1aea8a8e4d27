/** Whose word counts for a picture: presets, flags, sidecars. */
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { makeRecipe } from '../../src/app/recipe.js';
import { Recipes } from '../../src/app/recipes.js';
import { explicitSettings } from '../../src/cli/flags/options.js';
import { parseSettings } from '../../src/settings/settings.js';

const style = (name: string) => fileURLToPath(new URL(`../../presets/styles/${name}.jpg`, import.meta.url));
const [wave, scream] = ['great-wave', 'the-scream'].map(style);
const flags = {
  preset: ['draft'],
  iterations: 7,
  width: 99,
  styles: [wave, wave],
  blend: [0.7, 0.3],
  network: 'box',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recipes-'));
});

it('goes by presets, flags over them, and sidecars over these', async () => {
  const recipes = new Recipes(await explicitSettings(flags));
  expect((await recipes.of({ settings: {} })).settings).toMatchObject({
    width: 99,
    iterations: 7,
    styles: [wave, wave],
    blend: [0.7, 0.3],
  });
  const { settings, hash } = await recipes.of({ settings: { size: 64, styles: [scream] }, from: 'a.json' });
  expect(settings).toMatchObject({ size: 64, iterations: 7, styles: [scream], blend: [1], seed: 0 });
  expect(settings.width).toBeUndefined();
  // The same as if flags had said it all, so that a painting tells by which hash it is known.
  const said = parseSettings({ size: 64, iterations: 7, styles: [scream] }, 'test');
  expect(hash).toBe((await makeRecipe(said)).hash);
});

it('lets flags override the defaults of an inbox, which override presets and the config file', async () => {
  const recipes = new Recipes(await explicitSettings(flags), { iterations: 7, width: 99 });
  const defaults = { iterations: 3, size: 64, bleed: 4 };
  const { settings } = await recipes.of({ settings: {}, defaults });
  expect(settings).toMatchObject({ iterations: 7, width: 99, bleed: 4 });
  expect((await recipes.of({ settings: { width: 50 }, defaults })).settings).toMatchObject({
    width: 50,
    bleed: 4,
  });
});

it('names the sidecar where its settings do not fit those of the flags', async () => {
  const recipes = new Recipes(await explicitSettings(flags));
  await expect(recipes.of({ settings: { masks: [wave] }, from: '/in/a.jpg.json' })).rejects.toThrow(
    /^\/in\/a\.jpg\.json: --mask names 1 mask for 2 styles/,
  );
});

it('makes another recipe once a style is repainted', async () => {
  const own = join(folder, 'style.jpg');
  await copyFile(wave, own);
  const recipes = new Recipes(await explicitSettings({ styles: [own], network: 'box' }));
  const first = await recipes.of({ settings: {} });
  expect((await recipes.of({ settings: {} })).hash).toBe(first.hash);
  await copyFile(scream, own);
  expect((await recipes.of({ settings: {} })).hash).not.toBe(first.hash);
});

it('leaves it to the sidecar of the inbox to name styles, if there is one', async () => {
  const recipes = new Recipes(await explicitSettings({ network: 'box' }));
  await expect(recipes.withoutSidecars(folder)).rejects.toThrow(/--styles needs at least one picture/);
  await writeFile(join(folder, 'inbox.json'), '{}');
  expect(await recipes.withoutSidecars(folder)).toBeUndefined();
  await expect(new Recipes({ styles: ['nowhere.jpg'] }).withoutSidecars(folder)).rejects.toThrow(
    /--styles: .*nowhere/,
  );
});
