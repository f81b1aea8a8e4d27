/** The names of paintings: patterns such as {date:yyyy}/{name}-{style}.jpg. */
import { statSync } from 'node:fs';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { formatOf } from '../image/formats.js';
import type { Settings } from '../settings/settings.js';
import { fittingName, nthName } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';
import { closest } from '../util/suggest.js';
import { localTime } from '../util/time.js';

/** What {name}, {style} and so on stand for. */
export interface NameParts {
  /** The photo's, without its extension. */
  name: string;
  /** The styles, without folders and extensions. */
  style: string;
  /** The presets; of `run` only, since sidecars may name others. */
  preset?: string;
  /** See sizeName(). */
  size: string;
  /** When the photo was taken, in local time: 2024-07-14T18:33:02. */
  date: string;
  /** The number of the photo among those of `run`. */
  n?: string;
}

type Placeholder = keyof NameParts;

const ofRun: Placeholder[] = ['name', 'style', 'preset', 'size', 'date', 'n'];
const ofWatch: Placeholder[] = ['name', 'style', 'size', 'date'];

export const usualPattern = '{name}-{style}.jpg';

/** {name}, or {date:yyyy-MM} with a format. */
const placeholder = /\{([a-z]+)(?::([^{}]*))?\}/gi;

/** yyyy and the like in the format of a date; they stand for these characters of 2024-07-14T18:33:02. */
const dateParts: Record<string, [from: number, to: number]> = {
  yyyy: [0, 4],
  MM: [5, 7],
  dd: [8, 10],
  HH: [11, 13],
  mm: [14, 16],
  ss: [17, 19],
};
const datePart = /yyyy|MM|dd|HH|mm|ss/g;

/** Whether a name is a pattern, so that several paintings can have names from it. */
export const isPattern = (output: string) => output.search(placeholder) >= 0;

/**
 * The pattern for the names of paintings: what --output says; the usual one in a folder that it names.
 * @throws UserError for a placeholder that does not exist, or one name for several paintings
 */
export function patternOf(output: string | undefined, count: number): string {
  if (output === undefined) return usualPattern;
  const isFolder = /[\\/]$/.test(output) || statSync(output, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder) return join(output, usualPattern);
  checkPlaceholders('--output', output, ofRun);
  if (count > 1 && !isPattern(output))
    throw new UserError(
      `--output ${output}: one name for ${count} paintings. Name a folder (${output.replace(/\.\w+$/, '')}/) or a pattern ('${usualPattern}').`,
    );
  return output;
}

/**
 * The pattern for the names of a watched folder's paintings, relative to the outbox: what --name says. Without an extension,
 * each painting has its photo's; a pattern that ends in a slash is a folder for them.
 * @throws UserError for a pattern that does not exist, cannot be written, leads out of the outbox or makes hidden files
 */
export function watchPattern(name: string): string {
  checkPlaceholders('--name', name, ofWatch);
  const parts = name.replace(/[\\/]$/, '').split(/[\\/]/);
  if (isAbsolute(name) || /^[a-z]:/i.test(name) || parts.some((part) => ['', '.', '..'].includes(part)))
    throw new UserError(
      `--name ${name}: expected a name in the folder of the paintings, such as '{date:yyyy}/{name}-{style}'.`,
    );
  if (parts.some((part) => part.startsWith('.')))
    throw new UserError(
      `--name ${name}: names that begin with a dot are hidden. Begin it with something else.`,
    );
  if (/[\\/]$/.test(name)) return `${name}{name}`;
  if (patternExtension(name)) formatOf(name);
  return name;
}

/** The extension that a pattern says; empty if the photo's is kept. */
export const patternExtension = (pattern: string) => extname(pattern.replace(placeholder, 'x'));

/** Whether a pattern says in which folders paintings go. */
export const hasFolder = (pattern: string) => /[\\/]/.test(pattern);

function checkPlaceholders(flag: string, pattern: string, known: readonly Placeholder[]): void {
  for (const [whole, name, format] of pattern.matchAll(placeholder)) {
    if (!known.some((each) => each === name)) {
      const near = closest(name, known);
      const all = known.map((each) => `{${each}}`).join(', ');
      throw new UserError(
        `${flag} ${pattern}: there is no {${name}}.${near ? ` Did you mean {${near}}?` : ''} There are ${all}.`,
      );
    }
    if (format !== undefined && name !== 'date')
      throw new UserError(`${flag} ${pattern}: ${whole}: only {date} has a format. Write {${name}}.`);
    if (format !== undefined && (!format.match(datePart) || /[a-z\\/]/i.test(format.replace(datePart, ''))))
      throw new UserError(
        `${flag} ${pattern}: ${whole}: the format of a date has yyyy, MM, dd, HH, mm and ss, such as {date:yyyy-MM}.`,
      );
  }
}

/**
 * The path that a pattern makes for a painting. What its placeholders stand for leads into no other folder, and hides no
 * file. No name is too long for a file system.
 * @param pattern with an extension
 */
export function nameFrom(pattern: string, parts: NameParts): string {
  const stands = (name: Placeholder, format = 'yyyy-MM-dd') =>
    name === 'date'
      ? format.replace(datePart, (part) => parts.date.slice(...dateParts[part]))
      : (parts[name] ?? '').replaceAll(/[\\/\p{Cc}]/gu, '-');
  const fill = (part: string) => {
    const filled = part.replace(placeholder, (_, name: Placeholder, format?: string) => stands(name, format));
    return part.startsWith('.') || !filled.startsWith('.') ? filled : filled.replace(/^\.+/, '_');
  };
  const folders = pattern.split(/[\\/]/);
  const file = fill(folders.pop()!);
  const extension = extname(file);
  return [
    ...folders.map((folder) => fittingName(fill(folder), '')),
    fittingName(basename(file, extension), extension),
  ].join('/');
}

/** The absolute path of nameFrom(), from the current folder. */
export const pathFrom = (pattern: string, parts: NameParts): string => resolve(nameFrom(pattern, parts));

/** The first of beach.jpg, beach-2.jpg, … that is free. */
export function freeName(path: string, isTaken: (path: string) => boolean): string {
  for (let n = 1; ; n++) if (!isTaken(nthName(path, n))) return nthName(path, n);
}

/** The size of a print, or the width or longest side in pixels, that was asked for. */
export const sizeName = ({ size, width, printSize }: Settings) => printSize ?? String(width ?? size);

/**
 * When a photo was taken, in local time; the time of its file if it does not say.
 * @param taken what its EXIF says
 */
export const photoDate = (path: string, taken: string | undefined): string =>
  taken || localTime(statSync(path, { throwIfNoEntry: false })?.mtime ?? new Date());
