/** Hashes that version 0.1 gave to recipes, as it wrote them into its job stores. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import { makeRecipe } from '../../src/app/recipe.js';
import { paintingOptions, settingsFrom } from '../../src/cli/flags/options.js';
import { outdatedWeights } from '../../src/settings/former-hashes.js';
import { parseSettings } from '../../src/settings/settings.js';
import { newFolder, starry, wave } from '../e2e/program.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

it.each<[string, Record<string, unknown>, string]>([
  ['nothing said', {}, '83f304513927fcbda0faf08cf418924c4cebb70dc721ca7921c46e092322feeb'],
  ['draft', { preset: ['draft'] }, '52969f8f1433a6c549b12bd36659c0c570037cba58d576ee552ffacf71661a67'],
  ['best', { preset: ['best'] }, '16c4f9520dc5558e5ce84ee28a065f862ca184bd89ded38d725f2fc30c143f87'],
  [
    'a blend',
    { preset: ['good'], styles: [starry, wave], blend: [0.7, 0.3], size: 300 },
    'e4bc5f508005c875d403d55a8ea79b533e3047270f8fa2f6a7e3533c4102c818',
  ],
  [
    'weights',
    { preset: ['draft'], styleWeight: 5000, iterations: 40 },
    'c96c8d7cca59dec32058f4de154a3fa77011c73100ba10c889dbfb5f95a472d0',
  ],
  [
    'numbers that are defaults now',
    { preset: ['best'], contentWeight: 1, tvWeight: 0 },
    '31c8b23cd90363ab371e6d0131f0787a9787821c27e9de95191dd0b2168e134a',
  ],
  [
    'several of them',
    { contentWeight: 1, styleWeight: 5000, start: 'recoloured' },
    '9d1ff961154719d068ca1ea77a92b5e0fba2b71ad4a5764c7081356f43c1a58c',
  ],
  [
    'another start',
    { start: 'recolored' },
    'dc966c86db3d259b4b8c4d455ee12610cabcffde04ca80b4520346beeb51f085',
  ],
  [
    'the ancestor',
    { preset: ['neural-style'], size: 256 },
    '8c1bd421ccd86052d8f9347a17ed611b4d9628d22d878441889ef7c16698e782',
  ],
])('knows what was painted before an upgrade: %s', async (_, flags, hash) => {
  const made = await makeRecipe(await settingsFrom({ styles: [starry], ...flags }));
  expect([made.hash, ...made.formerHashes!]).toContain(hash);
});

it('reads a flag as it was spelled', async () => {
  const { start } = await paintingOptions(yargs(['--start', 'recoloured']))
    .fail(false)
    .parse();
  expect(start).toBe('recolored');
});

it('does not take other settings for those', async () => {
  const { formerHashes } = await makeRecipe(await settingsFrom({ styles: [starry], styleWeight: 11 }));
  expect(formerHashes).not.toContain('83f304513927fcbda0faf08cf418924c4cebb70dc721ca7921c46e092322feeb');
});

it("asks none of the user's own presets what a shipped one says", async () => {
  const config = await newFolder();
  const presets = join(config, 'stylize-tui', 'presets');
  await mkdir(presets, { recursive: true });
  await writeFile(join(presets, 'draft.json'), 'no JSON');
  await writeFile(join(presets, 'good.json'), '{ "sise": 64 }');
  await writeFile(join(presets, 'best.json'), '{ "size": 64 }');
  // Where the user's own files are is settled when the modules are loaded.
  vi.stubEnv('XDG_CONFIG_HOME', config);
  vi.resetModules();
  const { folders } = await import('../../src/util/folders.js');
  expect(folders.presets).toBe(presets);
  const recipes = await import('../../src/app/recipe.js');
  const { formerHashes } = await recipes.makeRecipe(parseSettings({ styles: [starry] }, 'here'));
  expect(formerHashes).toContain('83f304513927fcbda0faf08cf418924c4cebb70dc721ca7921c46e092322feeb');
});

it.each<[object, string | undefined]>([
  [{}, undefined],
  [{ styleWeight: 60, contentWeight: 5, tvWeight: 0 }, undefined],
  [{ styleLoss: 'gram', styleWeight: 5000 }, undefined],
  [{ styleWeight: 5000, contentWeight: 5 }, 'style weight 5000 (usually 10): far too much'],
  [{ contentWeight: 30 }, 'content weight 30 (usually 1): far too much'],
  [
    { styleWeight: 500, tvWeight: 100 },
    'style weight 500 (usually 10), tv weight 100 (usually 0.00001): far too much',
  ],
])('knows weights that were meant for the Gram loss: %o', (said, line) => {
  const found = outdatedWeights(parseSettings(said, 'here'));
  if (line === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(line);
});
