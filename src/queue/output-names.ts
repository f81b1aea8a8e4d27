/** Chooses names for paintings that are not in use by a file or another job. */
import { existsSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fittingName } from '../util/atomic-write.js';
import type { Sql } from './sql.js';

/** The first free name for a photo's painting: beach.jpg, beach-2.jpg, … neither on disk nor reserved for a job. */
export function freeOutput(sql: Sql, folder: string, source: string, extension: string): string {
  const name = basename(source, extname(source));
  for (let n = 1; ; n++) {
    const output = join(folder, fittingName(name, `${n === 1 ? '' : `-${n}`}${extension}`));
    const promised = sql.get(`SELECT 1 FROM jobs WHERE output = ? AND status IN ('running', 'done')`, output);
    if (!promised && !existsSync(output)) return output;
  }
}
