/** How each picture of a folder is painted: as flags and presets say, and over them its sidecars. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderSidecar, type Overrides } from '../inbox/sidecar.js';
import { layered } from '../settings/presets.js';
import type { Recipe } from '../settings/recipe.js';
import { type Settings, settingsSchema } from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { type RetryOptions, retryUntilAvailable } from '../util/transient.js';
import { FileHashCache } from './file-hash-cache.js';
import { makeRecipe } from './recipe.js';

/** What flags and presets name could be read at the start and cannot now. */
class OperatorsFileAway extends Error {}

export class Recipes {
  private readonly checked = new FileHashCache();
  /** What a person chose meanwhile for all that follow. */
  private chosen: Partial<Settings> | undefined;
  private choosing: Promise<void> = Promise.resolve();

  /** @param explicit by flags and presets */
  constructor(private readonly explicit: Partial<Settings>) {}

  /**
   * The recipe of a picture. Files that it names are read once, and again when they change.
   * @throws UserError that names the sidecar, if there is one, and says what does not fit
   */
  async of(overrides: Overrides): Promise<Recipe> {
    const asked = await this.make(this.explicit, overrides);
    const recipe = this.chosen ? await this.make(layered(this.explicit, this.chosen), overrides) : asked;
    return this.from(overrides, recipe, asked.hash);
  }

  /**
   * The recipe of a picture, once the operator's own files can be read: that they are away is no photo's fault.
   * @param tell is told what is waited for
   * @throws UserError as `of` does, for what the sidecars say
   */
  async ofPhoto(
    overrides: Overrides,
    { report, signal }: Pick<RetryOptions, 'report' | 'signal'>,
  ): Promise<Recipe> {
    const attempt = () =>
      this.of(overrides).catch(async (error: unknown) => {
        if (this.namesStyles)
          await this.of({ settings: {} }).catch(({ message }: Error) => {
            throw new OperatorsFileAway(message);
          });
        throw error;
      });
    return retryUntilAvailable(attempt, {
      when: (error) => error instanceof OperatorsFileAway,
      report,
      signal,
    });
  }

  /**
   * From now on pictures are painted like this, where their sidecars say nothing else.
   * @param apply is given what has become of earlier recipes; if it fails, all stays as it was
   * @throws UserError for what does not fit
   */
  choose(
    settings: Partial<Settings>,
    apply: (renewed: (recipe: Recipe) => Promise<Recipe>) => Promise<void>,
  ): Promise<void> {
    // One after the other: a choice that fails undoes itself, and none that came between.
    const choice = this.choosing.then(async () => {
      const before = this.chosen;
      this.chosen = layered(before ?? {}, settings);
      try {
        await this.of({ settings: {} });
        await apply((recipe) => this.of(overridesOf(recipe)));
      } catch (error) {
        this.chosen = before;
        throw error;
      }
    });
    this.choosing = choice.catch(() => {});
    return choice;
  }

  /**
   * The recipe of one picture with other settings.
   * @throws UserError for what does not fit
   */
  async with(recipe: Recipe, settings: Partial<Settings>): Promise<Recipe> {
    const overrides = { ...overridesOf(recipe), settings: layered(recipe.settings, settings) };
    return this.from(overrides, await this.make({}, overrides), recipe.asked ?? recipe.hash);
  }

  private from(overrides: Overrides, recipe: Recipe, asked: string): Recipe {
    return { ...recipe, asked, overrides };
  }

  private make(explicit: Partial<Settings>, { settings, from, confined }: Overrides): Promise<Recipe> {
    const folders = new Map(Object.entries(confined ?? {}));
    return makeRecipe(completed(layered(explicit, settings)), this.checked, folders).catch(
      (error: unknown) => {
        if (error instanceof UserError && from !== undefined)
          throw new UserError(`${from}: ${error.message}`, { cause: error.cause });
        throw error;
      },
    );
  }

  /**
   * The recipe of pictures without sidecars; undefined where flags name no styles, since the inbox's own sidecar may.
   * @throws UserError for what does not fit
   */
  async usual(inbox: string): Promise<Recipe | undefined> {
    if (!this.namesStyles && existsSync(join(inbox, folderSidecar))) return undefined;
    return this.of({ settings: {} });
  }

  /** Flags or presets name styles; where they do not, sidecars must. */
  private get namesStyles(): boolean {
    return Boolean(this.explicit.styles ?? this.explicit.layerStyles);
  }
}

const overridesOf = ({ overrides = { settings: {} } }: Recipe): Overrides => overrides;

/** Defaults for the rest. */
export function completed(explicit: Partial<Settings>): Settings {
  const { network, ...settings } = settingsSchema.parse(explicit);
  return network === 'box' ? settings : { ...settings, network };
}
