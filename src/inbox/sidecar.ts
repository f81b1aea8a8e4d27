/**
 * Sidecars: files with settings next to photos. `inbox.json` applies to the photos of its folder and its subfolders,
 * `photo.jpg.json` to one photo; the nearest has priority. `.stylize-tui.json` in the inbox has defaults, which flags
 * override. Sidecars are untrusted, since anyone who can add photos can write
 * them, so they cannot access files outside their folder.
 */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import leven from 'leven';
import { layered, loadPreset, namedStyles, presetFiles } from '../settings/presets.js';
import {
  mapPaths,
  parseObject,
  parseWithoutDefaults,
  type Settings,
  settingNames,
} from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { isBelow, Refused, readWhole } from '../util/read-file.js';
import { didYouMean } from '../util/suggest.js';
import { unreadable } from '../util/transient.js';

/** The combined settings of a photo's sidecars. */
export interface Overrides {
  /** Paths are absolute and without links. */
  settings: Partial<Settings>;
  /** Those of the inbox's defaults, which flags override. */
  defaults?: Partial<Settings>;
  /** The nearest sidecar, for messages; undefined if there is none. */
  from?: string;
  /** By path of each file named by a sidecar, the folder that must contain it. */
  confined?: Record<string, string>;
}

/** The name of an inbox's file of defaults. */
export const inboxDefaults = '.stylize-tui.json';

/** The name of the sidecar of a folder. */
export const folderSidecar = 'inbox.json';

/** The sidecar of a single photo. */
export const ownSidecar = (photo: string) => `${photo}.json`;

/** Maximum size of a sidecar in bytes. */
const mostBytes = 64 * 1024;

/** Possible sidecars of a photo, the nearest last: the inbox's defaults, those in each folder from the inbox down to its own, and its own sidecar. */
export function sidecarsOf(photo: string, inbox: string): string[] {
  const folders = [dirname(photo)];
  while (isBelow(folders[0], inbox)) folders.unshift(dirname(folders[0]));
  const ofFolders = folders.map((folder) => join(folder, folderSidecar));
  return [join(folders[0], inboxDefaults), ...ofFolders, ownSidecar(photo)];
}

/**
 * Reads the existing sidecars of a photo.
 * @throws UserError that names the sidecar and says what is wrong with it
 */
export async function readSidecars(photo: string, inbox: string): Promise<Overrides> {
  const overrides: Overrides = { settings: {} };
  for (const path of sidecarsOf(photo, inbox)) {
    const settings = await readTamed(path, inbox);
    if (!settings) continue;
    if (basename(path) === inboxDefaults) overrides.defaults = settings.says;
    else overrides.settings = layered(overrides.settings, settings.says);
    overrides.from = path;
    if (Object.keys(settings.confined).length > 0)
      overrides.confined = { ...overrides.confined, ...settings.confined };
  }
  return overrides;
}

/**
 * The defaults that an inbox has; undefined if there are none.
 * @throws UserError as readSidecars()
 */
export const readDefaults = async (inbox: string): Promise<Partial<Settings> | undefined> =>
  (await readTamed(join(inbox, inboxDefaults), inbox))?.says;

const readTamed = (path: string, inbox: string) =>
  readSidecar(path, inbox).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(tame(error.message), { cause: error.cause }) : error;
  });

/** Messages quote untrusted text from a sidecar, which must neither move the cursor nor flood the terminal. */
const longestMessage = 1000;

const tame = (message: string) => message.replace(/\p{Cc}+/gu, '?').slice(0, longestMessage);

/** The settings of one sidecar; undefined if it does not exist or belongs to another program. */
async function readSidecar(path: string, inbox: string): Promise<Said | undefined> {
  const text = await readText(path, inbox);
  if (text === undefined) return undefined;
  if (isDeep(text)) throw new UserError(`${path}: is nested deeper than settings are.`);
  const said = parseObject(text, path);
  const isOurs = [inboxDefaults, folderSidecar].includes(basename(path));
  if (!isOurs && isForeign(said)) return undefined;
  const { preset, ...values } = said as { preset?: unknown };
  const settings = parseWithoutDefaults(values, path);
  const named = await stylesNamed(settings, path);
  const inside = new Map<string, string>();
  for (const file of pathsIn(settings)) if (!named.has(file)) inside.set(file, await placeOf(file, path));
  const own = mapPaths(settings, (file) => named.get(file) ?? inside.get(file)!);
  const says = preset === undefined ? own : layered(...(await presetsNamed(preset, path)), own);
  const folder = inside.size > 0 ? await realpath(dirname(path)) : '';
  return { says, confined: Object.fromEntries([...inside.values()].map((file) => [file, folder])) };
}

interface Said {
  says: Partial<Settings>;
  confined: Record<string, string>;
}

const refusals: Record<Refused['why'], string> = {
  kind: 'expected a file with settings, got a folder or a device.',
  size: `has more than ${mostBytes / 1024} KB, which no settings need.`,
  link: 'links are not followed. Put in what it leads to.',
};

/** Maximum nesting of lists and objects; settings have three levels. */
const deepest = 10;

/** Prevents a stack overflow in code that recurses into values. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const [mark] of text.replace(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[\]{}]/g)) {
    depth += mark === '[' || mark === '{' ? 1 : -1;
    if (depth > deepest) return true;
  }
  return false;
}

async function readText(path: string, inbox: string): Promise<string | undefined> {
  // By the inbox's real path, since the photo's path may contain links.
  const within = await realpath(inbox).catch(() => inbox);
  try {
    return (await readWhole(path, { maxBytes: mostBytes, within })).toString('utf8');
  } catch (error) {
    if (error instanceof Refused) throw new UserError(`${path}: ${refusals[error.why]}`);
    const { code } = error as NodeJS.ErrnoException;
    // A photo's name may be too long to append .json.
    if (code === 'ENOENT' || code === 'ENAMETOOLONG') return undefined;
    throw unreadable(path, error as NodeJS.ErrnoException, ' Check its permissions.');
  }
}

/** Maximum edit distance at which a key counts as a mistyped setting. */
const typos = 2;

/** JSON files that photo services export have the same name as sidecars, but none of our keys, not even mistyped. */
function isForeign(said: object): boolean {
  const ours = ['preset', ...settingNames];
  const keys = Object.keys(said);
  const isOurs = (key: string) => ours.some((name) => leven(key, name, { maxDistance: typos + 1 }) <= typos);
  return keys.length > 0 && !keys.some(isOurs);
}

function pathsIn(settings: Partial<Settings>): Set<string> {
  const paths = new Set<string>();
  mapPaths(settings, (path) => {
    paths.add(path);
    return path;
  });
  return paths;
}

/**
 * The real path of a file named by a sidecar.
 * @throws UserError if it is not below the sidecar's folder, or does not exist
 */
async function placeOf(file: string, sidecar: string): Promise<string> {
  const folder = dirname(sidecar);
  const named = resolve(folder, file);
  // Checked first, so that messages do not reveal whether files elsewhere exist.
  if (isBelow(named, folder)) {
    const real = await realpath(named).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT'
        ? new UserError(`${sidecar}: ${file}: there is no such file.`)
        : unreadable(`${sidecar}: ${file}`, error);
    });
    if (isBelow(real, await realpath(folder))) return real;
  }
  throw new UserError(
    `${sidecar}: ${file}: lies outside the sidecar's folder. A sidecar names files in its own folder or below only.`,
  );
}

/** Styles by the name of a bundled painting or a preset, which are not the sidecar's files. */
const stylesNamed = (settings: Partial<Settings>, sidecar: string) =>
  namedStyles(settings, dirname(sidecar)).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(`${sidecar}: ${error.message}`) : error;
  });

/** Presets by name only, since a path could lead anywhere. */
async function presetsNamed(preset: unknown, sidecar: string): Promise<Partial<Settings>[]> {
  const known = (await presetFiles()).map(({ name }) => name);
  const settings: Partial<Settings>[] = [];
  for (const name of [preset].flat()) {
    if (typeof name !== 'string' || !known.includes(name))
      throw new UserError(
        `${sidecar}: preset ${JSON.stringify(name)}: there are ${known.join(', ')}.${didYouMean(String(name), known)}`,
      );
    settings.push((await loadPreset(name)).settings);
  }
  return settings;
}
