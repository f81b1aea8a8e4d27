/** Presets: settings with a name, one JSON file each, shipped in presets/ or the user's own. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { termKeys, weightSetting } from '../losses/table.js';
import { UserError } from '../util/errors.js';
import { folders } from '../util/folders.js';
import { didYouMean } from '../util/suggest.js';
import { mapPaths, parseObject, parseWithoutDefaults, type Settings } from './settings.js';

const shipped = fileURLToPath(new URL('../../presets/', import.meta.url));

/** The paintings that come along. */
export const styleFolder = join(shipped, 'styles');

/** What holds where no preset says otherwise. */
export const usualPreset = 'good';

export interface Preset {
  name: string;
  path: string;
  /** Only what the file says; paths are absolute, from those in it relative to it. */
  settings: Partial<Settings>;
}

/** All that have a name, the user's own first, since these win. */
export async function presetFiles(): Promise<{ name: string; path: string }[]> {
  const found = new Map<string, string>();
  for (const folder of [folders.presets, shipped]) {
    const files = await readdir(folder).catch(() => []);
    for (const file of files.filter((file) => extname(file) === '.json').sort()) {
      const name = basename(file, '.json');
      if (!found.has(name)) found.set(name, join(folder, file));
    }
  }
  return [...found].map(([name, path]) => ({ name, path }));
}

/**
 * The preset of that name, or in that file.
 * @throws UserError if there is none, or what it says does not fit
 */
export async function loadPreset(nameOrPath: string): Promise<Preset> {
  const named = await presetFiles();
  const american = nameOrPath.replace('colour', 'color');
  const known = named.find(({ name }) => name === nameOrPath) ?? named.find(({ name }) => name === american);
  const path = known?.path ?? resolve(nameOrPath);
  if (!known && !(extname(path) === '.json' && existsSync(path))) {
    const names = named.map(({ name }) => name);
    throw new UserError(
      `--preset ${nameOrPath}: there is no such preset and no such .json file.${didYouMean(nameOrPath, names)} There are ${names.join(', ')}.`,
    );
  }
  return readPreset(known?.name ?? nameOrPath, path);
}

/** The preset of that name as it came with the program, whatever the user's own of that name says. */
export const shippedPreset = (name: string): Promise<Preset> =>
  readPreset(name, join(shipped, `${name}.json`));

async function readPreset(name: string, path: string): Promise<Preset> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: cannot be read (${error.code}).`);
  });
  const explicit = parseWithoutDefaults(parseObject(text, path), path);
  return { name, path, settings: mapPaths(explicit, (file) => resolve(dirname(path), file)) };
}

/** Names of the presets all of whose settings these are. */
export async function presetsIn(settings: Settings): Promise<string[]> {
  const isIn = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) === JSON.stringify(settings[name as keyof Settings]);
  const names = await Promise.all(
    // A broken user preset is reported when it is used by name.
    (await presetFiles()).map(({ name }) => loadPreset(name).catch(() => undefined)),
  );
  return names.flatMap((preset) =>
    preset && Object.entries(preset.settings).every(isIn) ? [preset.name] : [],
  );
}

/**
 * Later ones win. A size takes the place of an earlier width or print size, new styles that of what counted the earlier ones, another style
 * loss that of weights that were meant for the earlier one, and each way to say how large styles are, or what style layers
 * count, that of the other.
 */
export function layered(...all: Partial<Settings>[]): Partial<Settings> {
  const result: Partial<Settings> = {};
  for (const settings of all) {
    if (settings.size !== undefined || settings.printSize !== undefined) delete result.width;
    if (settings.size !== undefined || settings.width !== undefined) delete result.printSize;
    if (settings.styleLoss !== undefined && settings.styleLoss !== result.styleLoss)
      for (const key of termKeys) delete result[weightSetting(key)];
    if (settings.styles !== undefined) {
      delete result.blend;
      // One for all fits any number of styles.
      if (result.styleScales?.length !== 1) delete result.styleScales;
    }
    if (settings.styleScales !== undefined) delete result.styleSize;
    if (settings.styleLayers !== undefined) delete result.styleLayerWeightExp;
    if (settings.styleLayerWeightExp !== undefined) delete result.styleLayers;
    Object.assign(result, settings);
  }
  return result;
}

/**
 * The pictures of styles that are named by a bundled painting or a preset instead of a file.
 * @param folder that relative paths start from; a file that exists there has precedence
 * @throws UserError for a word that is neither a file nor such a name
 */
export async function namedStyles(settings: Partial<Settings>, folder: string): Promise<Map<string, string>> {
  const ofLayers = Object.values(settings.layerStyles ?? {}).flatMap((styles) =>
    styles.map(({ style }) => style),
  );
  const found = new Map<string, string>();
  for (const name of new Set([...(settings.styles ?? []), ...ofLayers])) {
    // Anything with a dot or a slash is a path.
    if (/[./\\]/.test(name) || existsSync(resolve(folder, name))) continue;
    found.set(name, await styleNamed(name));
  }
  return found;
}

/** The names of the paintings that come along. */
export const namedPaintings = async (): Promise<string[]> =>
  (await readdir(styleFolder)).map((file) => basename(file, extname(file))).sort();

async function styleNamed(name: string): Promise<string> {
  const american = name.replace('colour', 'color');
  const presets = (await presetFiles()).map(({ name }) => name);
  if (presets.includes(american)) {
    const { styles = [] } = (await loadPreset(american)).settings;
    if (styles.length === 1) return styles[0];
    const count = styles.length === 0 ? 'no style' : `${styles.length} styles`;
    throw new UserError(`--style ${name}: that preset has ${count}. Use it with --preset ${name}.`);
  }
  const stems = await namedPaintings();
  if (stems.includes(name)) return join(styleFolder, `${name}.jpg`);
  throw new UserError(
    `--style ${name}: there is no such file, painting or preset.${didYouMean(name, [...stems, ...presets])} Paintings that come with the program: ${stems.join(', ')}.`,
  );
}
