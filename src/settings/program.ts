/** Who this program is. */
import { readFileSync } from 'node:fs';

const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export const program: { name: string; version: string } = { name, version };
