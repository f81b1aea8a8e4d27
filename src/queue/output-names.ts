/** Chooses names for paintings that are not in use by a file or another job. */
import { lstatSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { nthName } from '../util/atomic-write.js';
import type { Sql } from './sql.js';

/** The first free name for a photo's painting: beach.jpg, beach-2.jpg, … neither on disk nor reserved for a job. */
export function freeOutput(sql: Sql, folder: string, source: string, extension: string): string {
  const first = join(folder, `${basename(source, extname(source))}${extension}`);
  for (let n = 1; ; n++) {
    const output = nthName(first, n);
    const promised = sql.get(`SELECT 1 FROM jobs WHERE output = ? AND status IN ('running', 'done')`, output);
    // A link that leads nowhere takes a name too.
    if (!promised && !lstatSync(output, { throwIfNoEntry: false })) return output;
  }
}
