/** npm packages that were installed with this program. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Its own package.json need not be exported, so its folder is found from its main file.
 * @throws Error if the package is not there
 */
export function packageFolder(name: string): string {
  const main = require.resolve(name);
  return main.slice(0, main.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length);
}

/** @throws Error if the package is not there */
export async function versionOf(name: string): Promise<string> {
  return JSON.parse(await readFile(join(packageFolder(name), 'package.json'), 'utf8')).version;
}
