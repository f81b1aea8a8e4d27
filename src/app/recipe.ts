/** How pictures are to be painted: settings looked up and checked, and one hash that tells whether it was done already. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { examine } from '../examine/examiner.js';
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
import { UserError } from '../util/errors.js';
import { FileHashCache } from './file-hash-cache.js';

/**
 * Checks everything that can be checked before a picture is begun.
 * @param checked files that need not be looked at again
 * @param confined folders that files named by strangers must lie in, by path
 * @throws UserError for a style, mask or start that cannot be read, or numbers that do not fit each other
 */
export async function makeRecipe(
  given: Settings,
  checked = new FileHashCache(),
  confined: ReadonlyMap<string, string> = new Map(),
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
      examine(kind, { path, within }).then(
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
  // The bundled one is checked when it is read; any other here, before every picture fails by it.
  if (settings.network) {
    await check('--network', 'network', settings.network);
    network = files[settings.network];
  }

  const hash = recipeHash({ settings, files, network });
  const former = await formerSettings(mapPaths(settings, (path) => files[path]));
  const formerHashes = former.map((settings) => hashOf(settings, network));
  return { settings, layers, files, network, hash, formerHashes };
}

/** What a painting led by hand says about others: its styles, and weights and iterations as they are now. */
export function settingsLike({ settings }: Recipe, weights: Weights, iterations: number): Partial<Settings> {
  const { styles, styleScales, styleSize, keepFrame, layerStyles } = settings;
  const { blend, styleLayers } = weights;
  // Settings scale what the layers count to a sum of 1.
  const factor = styleLayers ? sum(Object.values(styleLayers)) : 1;
  return {
    styleLoss: settings.styleLoss,
    ...weightSettings({ ...weights, style: weights.style * factor }),
    iterations,
    ...(styleLayers && factor > 0 && { styleLayers }),
    // Where single layers have styles of their own, these are among the styles, and the blend counts them too.
    ...(!layerStyles && {
      styles,
      styleScales,
      ...(styleSize && { styleSize }),
      keepFrame,
      blend: [...blend],
    }),
  };
}

/** What decides how a picture is painted, in a recipe as in the provenance that a picture carries. */
type Deciding = Pick<Recipe, 'settings' | 'files' | 'network'>;

/**
 * Same hash and same photo, same painting. By content, not by name: a style that was moved is the same style, one that
 * was repainted is another. The schema's order of keys makes it the same wherever the settings come from; what there was no
 * word for yet is left out where it is as it was then.
 */
export function recipeHash({ settings, files, network }: Deciding): string {
  return hashOf(settingsSchema.parse(mapPaths(settings, (path) => files[path])), network);
}

/** @param settings in the schema's order, with what files hold for paths */
function hashOf(settings: Settings, network: string): string {
  const before: Record<string, unknown> = formerDefaults;
  const explicit = Object.entries(settings)
    .filter(([name, value]) => before[name] !== value)
    // As it was spelled then.
    .map(([name, value]) => [name, value === 'recolored' ? 'recoloured' : value]);
  return sha256({ settings: Object.fromEntries(explicit), network });
}

const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

const withFlag = (flag: string, message: string) =>
  message.startsWith(flag) ? message : `${flag}: ${message}`;

/**
 * Settings whose `styles` are all there are: those named, then those that only single layers name, with no share
 * elsewhere. Where only layers name styles, only these layers are measured.
 */
function gatherStyles(settings: Settings): Settings {
  const named = settings.styles;
  const layerStyles = settings.layerStyles ?? {};
  const ofLayers = Object.values(layerStyles).flatMap((styles) => styles.map(({ style }) => style));
  const styles = [...named, ...new Set(ofLayers.filter((style) => !named.includes(style)))];
  if (styles.length === 0)
    throw new UserError('--styles needs at least one picture to paint in the style of.');
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

/** b_{l,i} of the layers that have a blend of their own, over all styles. */
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

/** Every layer must exist, and a layer with styles of its own must be one where style is measured. */
function checkLayers(settings: Settings, layers: LayerWeights): void {
  const layerStyles = Object.keys(settings.layerStyles ?? {});
  convolutionsUpTo([...Object.keys(layers.content), ...Object.keys(layers.style), ...layerStyles]);
  const stray = layerStyles.find((layer) => !(layer in layers.style));
  if (stray !== undefined) {
    throw new UserError(
      `--layer-styles ${stray}: style is not measured there but at ${Object.keys(layers.style).join(', ')}. Add it to --style-layers.`,
    );
  }
  const { contentLayers, contentWeightBlend, styleLayers, styleLayerWeightExp } = settings;
  if (contentLayers && contentWeightBlend !== 1)
    throw new UserError('--content-layers and --content-weight-blend exclude each other: give one of them.');
  if (styleLayers && styleLayerWeightExp !== 1)
    throw new UserError('--style-layers and --style-layer-weight-exp exclude each other: give one of them.');
}
