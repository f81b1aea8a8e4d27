/** Chooses names for paintings that are not in use by a file or another job. */
import { lstatSync } from 'node:fs';
import { nthName } from '../util/atomic-write.js';
import type { Sql } from './sql.js';

/** The first free name for a painting: beach.jpg, beach-2.jpg, … neither on disk nor reserved for a job. */
export function freeOutput(sql: Sql, first: string): string {
  for (let n = 1; ; n++) {
    const output = nthName(first, n);
    const promised = sql.get(`SELECT 1 FROM jobs WHERE output = ? AND status IN ('running', 'done')`, output);
    // A link that leads nowhere takes a name too.
    if (!promised && !lstatSync(output, { throwIfNoEntry: false })) return output;
  }
}
