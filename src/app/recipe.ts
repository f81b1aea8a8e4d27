/** Builds recipes: checked settings with the hashes of their files, and one hash that identifies the painting. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { FileRequest } from '../examine/examinations.js';
import { examine } from '../examine/examiner.js';
import { type TermKey, weightSetting } from '../losses/table.js';
import { convolutionsUpTo } from '../network/vgg19.js';
import { bundled } from '../network/weights.js';
import { formerSettings } from '../settings/former-hashes.js';
import type { Recipe } from '../settings/recipe.js';
import {
  formerDefaults,
  mapPaths,
  type Settings,
  settingsSchema,
  weightSettings,
} from '../settings/settings.js';
import { normalizeBlend } from '../transfer/blend.js';
import { layerWeights } from '../transfer/layers.js';
import { type LayerWeights, sum, type Weights } from '../transfer/losses.js';
import type { ByHand } from '../tui/screen-actions.js';
import { UserError } from '../util/errors.js';
import { FileHashCache } from './file-hash-cache.js';

/** @throws UserError for a file that cannot be used */
export type Examine = (
  kind: 'picture' | 'mask' | 'network',
  request: FileRequest,
) => Promise<{ hash: string }>;

/**
 * Checks everything that can be checked before painting starts.
 * @param checked hashes of files that were checked before
 * @param confined by path of a file that was named by an untrusted sidecar, the folder that must contain it
 * @param examineFile how files are examined: in child processes when left out
 * @throws UserError for a style, mask or start picture that cannot be read, or for settings that contradict each other
 */
export async function makeRecipe(
  given: Settings,
  checked = new FileHashCache(),
  confined: ReadonlyMap<string, string> = new Map(),
  examineFile: Examine = examine,
): Promise<Recipe> {
  const settings = gatherStyles(mapPaths(given, (path) => resolve(path)));
  const { styles, masks = [] } = settings;
  const layers: LayerWeights = { ...layerWeights(settings), blends: layerBlends(settings) };
  checkLayers(settings, layers);
  if (settings.masks && masks.length !== styles.length) {
    throw new UserError(
      `--mask names ${count(masks.length, 'mask')} for ${count(styles.length, 'style')}. Give one per style, in the order of --styles.`,
    );
  }

  const isNamed = (style: string) => given.styles.some((path) => resolve(path) === style);
  const files: Record<string, string> = {};
  const check = async (flag: string, kind: 'picture' | 'mask' | 'network', path: string) => {
    const within = confined.get(path);
    files[path] = await checked.hash(`${flag} ${within ?? ''}`, path, () =>
      examineFile(kind, { path, within }).then(
        ({ hash }) => hash,
        (error: unknown) => {
          if (error instanceof UserError)
            throw new UserError(withFlag(flag, error.message), { cause: error.cause });
          throw error;
        },
      ),
    );
  };
  for (const style of styles) await check(isNamed(style) ? '--styles' : '--layer-styles', 'picture', style);
  for (const mask of masks) await check('--mask', 'mask', mask);
  if (settings.initial) await check('--initial', 'picture', settings.initial);
  let network = bundled.hash;
  // The bundled network is checked when it is loaded; any other one here, once, before every picture fails because of it.
  if (settings.network) {
    await check('--network', 'network', settings.network);
    network = files[settings.network];
  }

  const hash = recipeHash({ settings, files, network });
  const former = await formerSettings(mapPaths(settings, (path) => files[path]));
  const formerHashes = former.map((settings) => hashOf(settings, network));
  return { settings, layers, files, network, hash, formerHashes };
}

/** The settings that other paintings take over from one that the user adjusted: its styles, current weights and iterations. */
export function settingsLike(
  { settings }: Pick<Recipe, 'settings'>,
  weights: Weights,
  iterations: number,
): Partial<Settings> {
  const { styles, styleScales, styleSize, keepFrame, layerStyles } = settings;
  const { blend, styleLayers } = weights;
  // Layer weights in settings are normalized to a sum of 1.
  const factor = styleLayers ? sum(Object.values(styleLayers)) : 1;
  return {
    styleLoss: settings.styleLoss,
    ...weightSettings({ ...weights, style: weights.style * factor }),
    iterations,
    ...(styleLayers && factor > 0 && { styleLayers }),
    // With layerStyles, `styles` and `blend` include the styles of single layers, so they cannot be taken over.
    ...(!layerStyles && {
      styles,
      styleScales,
      ...(styleSize && { styleSize }),
      keepFrame,
      blend: [...blend],
    }),
  };
}

/**
 * What a person changed by hand in a painting, as settings that stay when it is painted with other styles: weights of terms
 * and the number of iterations. Weights for another style loss mean nothing.
 * @param chosen settings of the new styles or preset
 */
export function settingsByHand(
  { settings }: Recipe,
  chosen: Partial<Settings>,
  { weights, styleLayers, iterations }: ByHand,
): Partial<Settings> {
  const isOfSameLoss = chosen.styleLoss === undefined || chosen.styleLoss === settings.styleLoss;
  // Layer weights in settings are normalized to a sum of 1.
  const factor = styleLayers ? sum(Object.values(styleLayers)) : 1;
  const style =
    factor === 1 ? weights : { ...weights, style: (weights.style ?? settings.styleWeight) * factor };
  const changed = Object.entries(isOfSameLoss ? style : {}).map(([key, value]) => [
    weightSetting(key as TermKey),
    value,
  ]);
  return {
    ...Object.fromEntries(changed),
    ...(isOfSameLoss && styleLayers && factor > 0 && { styleLayers }),
    ...(iterations !== undefined && { iterations }),
  };
}

/** Everything that determines how a picture is painted; a recipe has it, and the provenance in a picture. */
type HashedRecipe = Pick<Recipe, 'settings' | 'files' | 'network'>;

/**
 * The same hash and the same photo mean the same painting. Files count by content, not by name: a style may be moved.
 * Parsing puts the keys in the schema's order, so that the source of the settings does not matter. Settings that were added
 * later are left out if they have the value that was implied before.
 */
export function recipeHash({ settings, files, network }: HashedRecipe): string {
  return hashOf(settingsSchema.parse(mapPaths(settings, (path) => files[path])), network);
}

/** @param settings in the schema's order, with file hashes instead of paths */
function hashOf(settings: Settings, network: string): string {
  const before: Record<string, unknown> = formerDefaults;
  const explicit = Object.entries(settings)
    .filter(([name, value]) => before[name] !== value)
    // The former spelling, for stable hashes.
    .map(([name, value]) => [name, value === 'recolored' ? 'recoloured' : value]);
  return sha256({ settings: Object.fromEntries(explicit), network });
}

const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

const withFlag = (flag: string, message: string) =>
  message.startsWith(flag) ? message : `${flag}: ${message}`;

/**
 * Completes `styles` with the styles that only `layerStyles` names; these have a share of 0 in all other layers. If only
 * layers name styles, only these layers are measured.
 */
function gatherStyles(settings: Settings): Settings {
  const named = settings.styles;
  const layerStyles = settings.layerStyles ?? {};
  const ofLayers = Object.values(layerStyles).flatMap((styles) => styles.map(({ style }) => style));
  const styles = [...named, ...new Set(ofLayers.filter((style) => !named.includes(style)))];
  if (styles.length === 0) throw new UserError('--styles needs at least one picture.');
  const { styleScales } = settings;
  if (styleScales.length > 1 && styleScales.length !== named.length && styleScales.length !== styles.length) {
    throw new UserError(
      `--style-scales has ${styleScales.length} numbers for ${count(named.length, 'style')}. Give one, or one per style.`,
    );
  }
  const scales = styleScales.length > 1 ? styles.map((_, i) => styleScales[i] ?? 1) : styleScales;
  if (named.length === 0) {
    const measured = Object.fromEntries(Object.keys(layerStyles).map((layer) => [layer, 1]));
    const blend = normalizeBlend(settings.blend, styles.length);
    return { ...settings, styles, blend, styleScales: scales, styleLayers: settings.styleLayers ?? measured };
  }
  const blend = normalizeBlend(settings.blend, named.length);
  return { ...settings, styles, blend: styles.map((_, i) => blend[i] ?? 0), styleScales: scales };
}

/** b_{l,i} of the layers with their own blend, over all styles. */
function layerBlends({ styles, layerStyles }: Settings): LayerWeights['blends'] {
  if (!layerStyles) return undefined;
  return Object.fromEntries(
    Object.entries(layerStyles).map(([layer, parts]) => {
      const shares = styles.map((path) =>
        parts.filter(({ style }) => style === path).reduce((total, { share }) => total + share, 0),
      );
      return [layer, normalizeBlend(shares, styles.length, `--layer-styles ${layer}`)];
    }),
  );
}

/** @throws UserError for layers that do not exist, or layers with their own styles that are not style layers */
function checkLayers(settings: Settings, layers: LayerWeights): void {
  const layerStyles = Object.keys(settings.layerStyles ?? {});
  convolutionsUpTo([...Object.keys(layers.content), ...Object.keys(layers.style), ...layerStyles]);
  const unmeasured = layerStyles.find((layer) => !(layer in layers.style));
  if (unmeasured !== undefined) {
    throw new UserError(
      `--layer-styles ${unmeasured}: is not a style layer; these are ${Object.keys(layers.style).join(', ')}. Add it to --style-layers.`,
    );
  }
  const { contentLayers, contentWeightBlend, styleLayers, styleLayerWeightExp } = settings;
  if (contentLayers && contentWeightBlend !== 1)
    throw new UserError('--content-layers and --content-weight-blend exclude each other: use one of them.');
  if (styleLayers && styleLayerWeightExp !== 1)
    throw new UserError('--style-layers and --style-layer-weight-exp exclude each other: use one of them.');
}
