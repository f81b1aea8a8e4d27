/** Makes the recipe of each picture of a folder from flags and presets, overridden by its sidecars. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderSidecar, inboxDefaults, type Overrides } from '../inbox/sidecar.js';
import { layered } from '../settings/presets.js';
import type { Recipe } from '../settings/recipe.js';
import { type Settings, settingsSchema } from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { type RetryOptions, retryUntilAvailable } from '../util/transient.js';
import { FileHashCache } from './file-hash-cache.js';
import { makeRecipe } from './recipe.js';

/** A file named by flags or presets was readable at the start and is not now. */
class OperatorFileUnavailable extends Error {}

export class Recipes {
  private readonly checked = new FileHashCache();
  /** Settings that the user chose while painting, for all later pictures. */
  private chosen: Partial<Settings> | undefined;
  private choosing: Promise<void> = Promise.resolve();

  /**
   * @param explicit settings of flags, presets and the config file
   * @param own those of the command line only, which also override the defaults of an inbox, and presets
   *   chosen while painting
   */
  constructor(
    private readonly explicit: Partial<Settings>,
    private readonly own: Partial<Settings> = {},
  ) {}

  /** The settings of flags and presets, with defaults for the rest. */
  get flags(): Settings {
    return completed(this.explicit);
  }

  /**
   * The recipe of a picture. Files that it names are read once, and again if they change.
   * @throws UserError for invalid settings; it names the sidecar, if there is one
   */
  async of(overrides: Overrides): Promise<Recipe> {
    const { defaults } = overrides;
    const given = defaults ? layered(this.explicit, defaults, this.own) : this.explicit;
    const asked = await this.make(given, overrides);
    const recipe = this.chosen ? await this.make(layered(given, this.chosen), overrides) : asked;
    return this.from(overrides, recipe, asked.hash);
  }

  /**
   * As of(), but waits while files named by flags or presets are unavailable, since no photo should fail because of them.
   * @param report called with the error that is waited out
   * @throws UserError as of(), for settings of sidecars
   */
  async ofPhoto(
    overrides: Overrides,
    { report, signal }: Pick<RetryOptions, 'report' | 'signal'>,
  ): Promise<Recipe> {
    const attempt = () =>
      this.of(overrides).catch(async (error: unknown) => {
        if (this.namesStyles)
          await this.of({ settings: {} }).catch(({ message }: Error) => {
            throw new OperatorFileUnavailable(message);
          });
        throw error;
      });
    return retryUntilAvailable(attempt, {
      when: (error) => error instanceof OperatorFileUnavailable,
      report,
      signal,
    });
  }

  /**
   * Chooses settings for all later pictures; sidecars still override them.
   * @param apply updates the waiting pictures, with a function from an old recipe to its new one; if it rejects, nothing
   * changes
   * @throws UserError for invalid settings
   */
  choose(
    settings: Partial<Settings>,
    apply: (update: (recipe: Recipe) => Promise<Recipe>) => Promise<void>,
  ): Promise<void> {
    // One at a time, so that a failed choice undoes only itself.
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

  /** A preset's or a style's settings without those that flags set; the styles themselves are what is chosen. */
  withoutFlags(settings: Partial<Settings>): Partial<Settings> {
    const isFree = (name: string) =>
      (settings.styles && ofStyles.includes(name)) ||
      !waysToSay(name).some((way) => this.own[way as keyof Settings] !== undefined);
    return Object.fromEntries(Object.entries(settings).filter(([name]) => isFree(name)));
  }

  /**
   * The recipe of one picture with other settings.
   * @throws UserError for invalid settings
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
   * The recipe of pictures without sidecars; undefined if flags name no styles but the inbox has a sidecar, which may.
   * @throws UserError for invalid settings
   */
  async withoutSidecars(inbox: string): Promise<Recipe | undefined> {
    const sidecars = [inboxDefaults, folderSidecar].map((name) => join(inbox, name));
    if (!this.namesStyles && sidecars.some(existsSync)) return undefined;
    return this.of({ settings: {} });
  }

  /** Whether flags or presets name styles; if not, sidecars must. */
  private get namesStyles(): boolean {
    return Boolean(this.explicit.styles ?? this.explicit.layerStyles);
  }
}

/** Settings that belong to the choice of styles. */
const ofStyles = ['styles', 'blend', 'styleScales', 'styleSize', 'layerStyles'];

/** Settings that say the same in different ways. */
const alternatives = [
  ['size', 'width', 'printSize'],
  ['styleScales', 'styleSize'],
  ['styleLayers', 'styleLayerWeightExp'],
  ['contentLayers', 'contentWeightBlend'],
];

const waysToSay = (name: string) => alternatives.find((names) => names.includes(name)) ?? [name];

const overridesOf = ({ overrides = { settings: {} } }: Recipe): Overrides => overrides;

/** Fills in the defaults. */
export function completed(explicit: Partial<Settings>): Settings {
  const { network, ...settings } = settingsSchema.parse(explicit);
  return network === 'box' ? settings : { ...settings, network };
}
