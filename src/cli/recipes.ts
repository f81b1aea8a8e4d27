/** How each picture of a folder is painted: as flags and presets say, and over them its sidecars. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderSidecar, type Overrides } from '../inbox/sidecar.js';
import { CheckedFiles } from '../jobs/checked.js';
import { makeRecipe, type Recipe } from '../jobs/recipe.js';
import { UserError } from '../settings/errors.js';
import { layered } from '../settings/presets.js';
import type { Settings } from '../settings/settings.js';
import { completed } from './options.js';

export class Recipes {
  private readonly checked = new CheckedFiles();

  /** @param said by flags and presets */
  constructor(private readonly said: Partial<Settings>) {}

  /**
   * The recipe of a picture. Files that it names are read once, and again when they change.
   * @throws UserError that names the sidecar, if there is one, and says what does not fit
   */
  async of({ settings, from }: Overrides): Promise<Recipe> {
    const whole = completed(layered(this.said, settings));
    return makeRecipe(whole, this.checked).catch((error: unknown) => {
      if (error instanceof UserError && from !== undefined) throw new UserError(`${from}: ${error.message}`);
      throw error;
    });
  }

  /**
   * The recipe of pictures without sidecars; undefined where flags name no styles, since the inbox's own sidecar may.
   * @throws UserError for what does not fit
   */
  async usual(inbox: string): Promise<Recipe | undefined> {
    const { styles, layerStyles } = this.said;
    if (!styles && !layerStyles && existsSync(join(inbox, folderSidecar))) return undefined;
    return this.of({ settings: {} });
  }
}
