/** The npm packages that this program depends on. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The folder of a package, found from its main file, since package.json may not be exported.
 * @throws Error if the package is not installed
 */
export function packageFolder(name: string): string {
  const main = require.resolve(name);
  return main.slice(0, main.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length);
}

/** @throws Error if the package is not installed */
export async function versionOf(name: string): Promise<string> {
  return JSON.parse(await readFile(join(packageFolder(name), 'package.json'), 'utf8')).version;
}
