/** Presets: settings with a name, one JSON file each in presets/. */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from './errors.js';

const folder = new URL('../../presets/', import.meta.url);

/** Pictures to paint in the style of, shipped with the program. */
export const shippedStyle = (name: string) => fileURLToPath(new URL(`styles/${name}`, folder));

/** The settings that a shipped preset holds; flags win over them. Throws UserError for an unknown name. */
export async function loadPreset(name: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'));
  if (!names.includes(name)) {
    throw new UserError(`--preset ${name}: there is no such preset. There are ${names.sort().join(', ')}.`);
  }
  return JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8'));
}
