/** Name, version and folder of this program. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../package.json', import.meta.url));
const { name, version, engines } = JSON.parse(readFileSync(path, 'utf8'));

export interface Program {
  name: string;
  version: string;
  /** The package's folder. */
  folder: string;
  /** The oldest supported version of Node. */
  oldestNode: string;
}

export const program: Program = {
  name,
  version,
  folder: dirname(path),
  oldestNode: engines.node.replace('>=', ''),
};
