/** The user's config file: defaults for flags. A part named after a command holds for that command only. */
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { loadPreset, namedStyles } from '../settings/presets.js';
import {
  mapPaths,
  parseObject,
  parseWithoutDefaults,
  type Settings,
  settingNames,
} from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { folders } from '../util/folders.js';
import { didYouMean } from '../util/suggest.js';
import type { Option } from './flags/catalog.js';
import { kebab, toNumber } from './flags/values.js';

export interface Config {
  path: string;
  /** Paths are absolute. Presets are in `presets`. */
  settings: Partial<Settings>;
  presets: string[];
  /** All other flags, by their names in camel case. */
  flags: Record<string, unknown>;
}

/** Flags that name the files of one painting, or the place of a command's paintings. */
const ofCommands = ['output', 'content', 'from', 'to'];

/** What holds for the command that was started. */
let current: Config = { path: folders.choices, settings: {}, presets: [], flags: {} };

export const currentConfig = () => current;

/** Reads the config for a command, so that currentConfig() has it. @throws UserError as readConfig() */
export async function loadConfig(...given: Parameters<typeof readConfig>): Promise<Config> {
  current = await readConfig(...given);
  return current;
}

/**
 * What the file says for a command; nothing if there is no file.
 * @param command its name
 * @param options the flags of each command that paints
 * @throws UserError that names the file, the key and what is expected
 */
export async function readConfig(
  command: string,
  options: ReadonlyMap<string, ReadonlyMap<string, Option>>,
  path = folders.choices,
): Promise<Config> {
  const nothing = { path, settings: {}, presets: [], flags: {} };
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UserError(`${path}: cannot be read (${error.code}).`);
  });
  if (text === undefined) return nothing;
  const all = Object.entries(parseObject(text, path));
  const values: Record<string, unknown> = {};
  for (const [key, value] of all.filter(([key]) => !options.has(key))) {
    if (ofCommands.includes(key))
      throw new UserError(
        `${path}: ${key}: means something else for each command. Write it into one's part: {"run": {"${key}": …}}.`,
      );
    if (checked(key, value, [...options.values()], path)) values[key] = value;
  }
  for (const [key, part] of all.filter(([key]) => options.has(key))) {
    const inside = Object.entries(parseObject(JSON.stringify(part), `${path}: ${key}`));
    for (const [name, value] of inside)
      if (checked(name, value, [options.get(key)!], `${path}: ${key}`) && key === command)
        values[name] = value;
  }
  return sorted(values, path);
}

/** @throws UserError unless one of the commands has the flag, and takes the value */
function checked(
  key: string,
  value: unknown,
  commands: readonly ReadonlyMap<string, Option>[],
  origin: string,
): boolean {
  const known = commands
    .flatMap((options) => [...options.keys()].map(camel))
    .filter((name) => name !== 'style');
  if (!known.includes(key))
    throw new UserError(`${origin}: there is no flag ${key}.${didYouMean(key, known)}`);
  if (isSetting(key)) return true;
  const option = commands.map((options) => options.get(kebab(key))).find((found) => found !== undefined)!;
  const wrong = expectation(option, value);
  if (wrong) throw new UserError(`${origin}: ${key} ${JSON.stringify(value)}: ${wrong}.`);
  try {
    option.coerce?.(value);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${origin}: ${error.message}`) : error;
  }
  return true;
}

/** What a flag expects, if a value is something else. */
function expectation({ type, choices, array, coerce }: Option, value: unknown): string | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'expected true or false';
  if (coerce === toNumber) return typeof value === 'number' ? undefined : 'expected a number';
  const all = array ? [value].flat() : [value];
  if (!all.every((each) => typeof each === 'string'))
    return `expected ${array ? 'a list of texts' : 'a text'}`;
  if (choices && !all.every((each) => choices.includes(each as string)))
    return `expected one of ${choices.join(', ')}`;
  return undefined;
}

async function sorted(values: Record<string, unknown>, path: string): Promise<Config> {
  const { preset, ...rest } = values;
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(rest).filter(([key]) => isSetting(key) === wanted));
  const folder = dirname(path);
  const presets = [preset ?? []]
    .flat()
    .map((name) => (extname(String(name)) === '.json' ? resolve(folder, String(name)) : String(name)));
  const said = parseWithoutDefaults(pick(true), path);
  try {
    const named = await namedStyles(said, folder);
    for (const name of presets) await loadPreset(name);
    const settings = mapPaths(said, (file) => named.get(file) ?? resolve(folder, file));
    return { path, settings, presets, flags: pick(false) };
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${path}: ${error.message}`) : error;
  }
}

const isSetting = (key: string) => settingNames.some((name) => name === key);

/** strict-size → strictSize; eps → epsilon, as settings are named */
export const camel = (flag: string) =>
  flag === 'eps' ? 'epsilon' : flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
