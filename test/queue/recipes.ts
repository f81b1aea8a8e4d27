/** Recipes that nothing is painted with: only their hashes tell them apart. */
import type { Recipe } from '../../src/settings/recipe.js';
import { settingsSchema } from '../../src/settings/settings.js';

export const recipeOf = (hash: string, asked?: string): Recipe => ({
  settings: settingsSchema.parse({ styles: ['/styles/a.jpg'], blend: [1] }),
  layers: { content: { relu4_2: 1 }, style: { relu1_1: 1 } },
  files: { '/styles/a.jpg': 'a'.repeat(64) },
  network: '',
  hash,
  ...(asked && { asked }),
});
