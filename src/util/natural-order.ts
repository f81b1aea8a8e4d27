/** The order of file names as people count: frame2 before frame10. */
import { basename, dirname } from 'node:path';

const { compare } = new Intl.Collator('en', { numeric: true });

/** Compares two paths: by folder, then by name. Names that differ only in what does not count are in a fixed order too. */
export const naturalOrder = (a: string, b: string): number =>
  compare(dirname(a), dirname(b)) || compare(basename(a), basename(b)) || (a < b ? -1 : Number(a > b));
