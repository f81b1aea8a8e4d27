/**
 * Sidecars: files beside photos that say how these are to be painted. `inbox.json` speaks for the photos of its folder
 * and of those below, `photo.jpg.json` for one; the nearest wins. Whoever may drop photos may write them, so they reach
 * no file outside their folder.
 */
import { constants, lstat, open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { layered, loadPreset, presetFiles } from '../settings/presets.js';
import { mapPaths, parseObject, parseSaid, type Settings } from '../settings/settings.js';
import { UserError } from '../util/errors.js';

/** What the sidecars of a photo say together. */
export interface Overrides {
  /** Paths are absolute and without links. */
  settings: Partial<Settings>;
  /** The nearest of the files that say it, for messages; undefined where there is none. */
  from?: string;
}

/** The name of the one for a whole folder. */
export const folderSidecar = 'inbox.json';

/** The one for a single photo. */
export const ownSidecar = (photo: string) => `${photo}.json`;

/** No settings take more bytes than this. */
const mostBytes = 64 * 1024;

/** Where sidecars of a photo would lie, the nearest last: in each folder from the inbox down to its own, and beside it. */
export function sidecarsOf(photo: string, inbox: string): string[] {
  const folders = [dirname(photo)];
  while (isBelow(folders[0], inbox)) folders.unshift(dirname(folders[0]));
  return [...folders.map((folder) => join(folder, folderSidecar)), ownSidecar(photo)];
}

/**
 * Reads those sidecars of a photo that are there.
 * @throws UserError that names the sidecar and says what is wrong with it
 */
export async function readSidecars(photo: string, inbox: string): Promise<Overrides> {
  const overrides: Overrides = { settings: {} };
  for (const path of sidecarsOf(photo, inbox)) {
    const settings = await readSidecar(path).catch((error: unknown) => {
      throw error instanceof UserError ? new UserError(tame(error.message)) : error;
    });
    if (!settings) continue;
    overrides.settings = layered(overrides.settings, settings);
    overrides.from = path;
  }
  return overrides;
}

/** Whoever wrote a sidecar chose what a message about it quotes: it must not move a terminal's cursor, nor fill it. */
const longestMessage = 1000;

const tame = (message: string) => message.replace(/\p{Cc}+/gu, '?').slice(0, longestMessage);

/** What one says; undefined if it is not there. */
async function readSidecar(path: string): Promise<Partial<Settings> | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const { preset, ...values } = parseObject(text, path) as { preset?: unknown };
  const settings = parseSaid(values, path);
  const inside = new Map<string, string>();
  for (const file of pathsIn(settings)) inside.set(file, await confined(file, path));
  const own = mapPaths(settings, (file) => inside.get(file)!);
  return preset === undefined ? own : layered(...(await presetsNamed(preset, path)), own);
}

async function readText(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return undefined;
  if (found.isSymbolicLink())
    throw new UserError(`${path}: links are not followed. Put in what it leads to.`);
  if (!found.isFile())
    throw new UserError(`${path}: expected a file with settings, got a folder or a device.`);
  if (found.size > mostBytes)
    throw new UserError(`${path}: has more than ${mostBytes / 1024} KB, which no settings need.`);
  // What takes its place in this very moment is no link either, and no pipe that is waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    ({ code }: NodeJS.ErrnoException) => {
      throw new UserError(`${path}: cannot be read (${code}). Check its permissions.`);
    },
  );
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
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
 * Where a file that a sidecar names lies, links followed.
 * @throws UserError if that is not below the sidecar's folder, or there is no such file
 */
async function confined(file: string, sidecar: string): Promise<string> {
  const folder = dirname(sidecar);
  const named = resolve(folder, file);
  // Asked first: whether a file elsewhere is there is not told.
  if (isBelow(named, folder)) {
    const real = await realpath(named).catch(({ code }: NodeJS.ErrnoException) => {
      const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
      throw new UserError(`${sidecar}: ${file}: ${why}.`);
    });
    if (isBelow(real, await realpath(folder))) return real;
  }
  throw new UserError(
    `${sidecar}: ${file}: lies outside the sidecar's folder. A sidecar names files in its own folder or below only.`,
  );
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Presets by name only: a path could lead anywhere. */
async function presetsNamed(preset: unknown, sidecar: string): Promise<Partial<Settings>[]> {
  const known = (await presetFiles()).map(({ name }) => name);
  const settings: Partial<Settings>[] = [];
  for (const name of [preset].flat()) {
    if (typeof name !== 'string' || !known.includes(name))
      throw new UserError(`${sidecar}: preset ${JSON.stringify(name)}: there are ${known.join(', ')}.`);
    settings.push((await loadPreset(name)).settings);
  }
  return settings;
}
