/** The photos to paint, from the files, folders and patterns on the command line. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isPictureName } from '../image/formats.js';
import { presetFiles } from '../settings/presets.js';
import { UserError } from '../util/errors.js';
import { naturalOrder } from '../util/natural-order.js';
import { didYouMean } from '../util/suggest.js';

export interface Photo {
  /** Absolute. */
  path: string;
  /** Named itself, not through its folder or a pattern: then it is painted even if it is a painting of this program. */
  isNamed: boolean;
}

/**
 * Each photo once, in order; those of a folder by name, without subfolders.
 * @returns the photos, and what is wrong with words that name none: they cost no other photo
 * @throws UserError if there is no photo, or for a word that does not look like a file
 */
export async function findPhotos(words: readonly string[]): Promise<{ photos: Photo[]; problems: string[] }> {
  const found = new Map<string, Photo>();
  const problems: string[] = [];
  for (const word of words) {
    const photos = await photosOf(word).catch((error: unknown) => {
      // A bare word was meant for a flag, so the others would be painted with the wrong settings.
      if (!(error instanceof UserError) || /^[\w-]+$/.test(word)) throw error;
      problems.push(error.message);
      return [];
    });
    for (const photo of photos) {
      const real = existsSync(photo.path) ? realpathSync(photo.path) : photo.path;
      if (!found.has(real)) found.set(real, photo);
    }
  }
  if (found.size === 0 && problems.length > 0) throw new UserError(problems.join('\n'));
  return { photos: [...found.values()], problems };
}

async function photosOf(word: string): Promise<Photo[]> {
  const path = resolve(word);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return inFolder(path, word);
  if (found) return [{ path, isNamed: true }];
  if (isDynamicPattern(word)) return matching(word);
  const beside = await readdir(join(path, '..')).catch(() => []);
  const isPreset = (await presetFiles()).some(({ name }) => name === word);
  const hint = isPreset
    ? ` For the preset: --preset ${word}, or separated by comma.`
    : didYouMean(basename(path), beside.filter(isPictureName));
  throw new UserError(`${word}: there is no such file.${hint}`);
}

async function inFolder(path: string, word: string): Promise<Photo[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${word}: the folder cannot be read (${error.code}).`);
  });
  const names = entries.filter((entry) => entry.isFile() && isPhotoName(entry.name)).map(({ name }) => name);
  if (names.length === 0) throw new UserError(`${word}: there are no photos in this folder.`);
  return names.sort(naturalOrder).map((name) => ({ path: join(path, name), isNamed: false }));
}

async function matching(pattern: string): Promise<Photo[]> {
  const paths = await glob(pattern.replaceAll('\\', '/'), { absolute: true, expandDirectories: false });
  const photos = paths.filter(isPhotoName);
  if (photos.length === 0) throw new UserError(`${pattern}: no photo matches.`);
  return photos.sort(naturalOrder).map((path) => ({ path: resolve(path), isNamed: false }));
}

const isPhotoName = (path: string) => isPictureName(path) && !/(^|[\\/])\.[^\\/]*$/.test(path);
