/** The names of paintings: patterns such as {name}-{style}.jpg. */
import { statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fittingName, nthName } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';
import { closest } from '../util/suggest.js';

/** What {name}, {style} and so on stand for. */
export interface NameParts {
  /** The photo's, without its extension. */
  name: string;
  /** The styles, without folders and extensions. */
  style: string;
  /** The presets. */
  preset: string;
  /** The width or longest side that was asked for, in pixels. */
  size: string;
  /** YYYY-MM-DD */
  date: string;
  /** The number of the photo among those of this run. */
  n: string;
}

const placeholders = ['name', 'style', 'preset', 'size', 'date', 'n'] as const satisfies (keyof NameParts)[];

export const usualPattern = '{name}-{style}.jpg';

const placeholder = /\{([a-z]+)\}/gi;

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
  for (const [whole, name] of output.matchAll(placeholder)) {
    if (placeholders.some((known) => known === name)) continue;
    const near = closest(name, placeholders);
    throw new UserError(
      `--output ${output}: there is no ${whole}.${near ? ` Did you mean {${near}}?` : ''} There are ${placeholders.map((known) => `{${known}}`).join(', ')}.`,
    );
  }
  if (count > 1 && !isPattern(output))
    throw new UserError(
      `--output ${output}: one name for ${count} paintings. Name a folder (${output.replace(/\.\w+$/, '')}/) or a pattern ('${usualPattern}').`,
    );
  return output;
}

/** The absolute path that a pattern makes for a painting. */
export function nameFrom(pattern: string, parts: NameParts): string {
  const fill = (text: string) =>
    // Names are of files: none leads into another folder.
    text.replace(placeholder, (_, name: keyof NameParts) => parts[name].replaceAll(/[\\/]/g, '-'));
  const path = resolve(fill(pattern));
  const extension = extname(path);
  return join(dirname(path), fittingName(basename(path, extension), extension));
}

/** The first of beach.jpg, beach-2.jpg, … that is free. */
export function freeName(path: string, isTaken: (path: string) => boolean): string {
  for (let n = 1; ; n++) if (!isTaken(nthName(path, n))) return nthName(path, n);
}
