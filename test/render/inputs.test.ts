import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeRecipe } from '../../src/app/recipe.js';
import { readPictureFile } from '../../src/image/file.js';
import { readInputs } from '../../src/render/inputs.js';
import { parseSettings } from '../../src/settings/settings.js';

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url));

it.each(['styles', 'masks', 'initial'] as const)(
  'are those that the recipe was made of, not what has their name by now: %s',
  async (setting) => {
    const folder = await mkdtemp(join(tmpdir(), 'inputs-'));
    const own = join(folder, 'own.jpg');
    await copyFile(sample('cat'), own);
    const values = { size: 64, styles: [sample('coffee')], [setting]: setting === 'initial' ? own : [own] };
    const recipe = await makeRecipe(parseSettings(values, 'test'));
    const photo = await readPictureFile(sample('rocket'));
    const read = () => readInputs(photo, recipe, { width: 64, height: 43 }, [0, 0, 0]);
    // With the bleed on both sides.
    expect((await read()).content.width).toBe(64 + 2 * recipe.settings.bleed);
    await rm(own);
    await symlink(sample('coffee'), own);
    await expect(read()).rejects.toThrow(`${own}: has changed since the photo was queued.`);
  },
);
