/** File names of snapshots. */
import { basename, dirname, extname, join } from 'node:path';
import { fittingName } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';

/** {}, {:05}, {0:05d} as in Python's format(); %d, %05d, %i, %s as in its % operator. */
const placeholder = /\{\d?(?::(0?)(\d*)d?)?\}|%(0?)(\d*)[dis]/g;

/** @throws UserError if the pattern has no placeholder for the iteration */
export function requirePlaceholder(pattern: string): void {
  if (pattern.search(placeholder) >= 0) return;
  throw new UserError(
    `--checkpoint-output ${pattern}: needs a placeholder for the iteration, such as foo_{}.jpg, foo_{:05}.jpg or foo_%04d.jpg.`,
  );
}

/** foo_{:05}.jpg and 40 → foo_00040.jpg */
export function periodicSnapshotName(pattern: string, iteration: number): string {
  return pattern.replace(placeholder, (_, zero1, width1, zero2, width2) => {
    const fill = zero1 || zero2 ? '0' : ' ';
    return String(iteration).padStart(Number(width1 || width2 || 0), fill);
  });
}

/** beach.jpg and 40 → beach.at-40.jpg */
export function snapshotName(output: string, iteration: number): string {
  const extension = extname(output);
  const name = fittingName(basename(output, extension), `.at-${iteration}${extension}`);
  return join(dirname(output), name);
}

/** beach.jpg → beach.partial.jpg, for what is kept of a painting that was stopped. */
export function partialName(output: string): string {
  const extension = extname(output);
  return join(dirname(output), fittingName(basename(output, extension), `.partial${extension}`));
}

/** Whether a picture that was saved after this iteration has the name of a snapshot, or of a stopped painting. */
export function isSnapshotName(path: string, iteration: number): boolean {
  const name = basename(path, extname(path));
  return name.endsWith(`.at-${iteration}`) || name.endsWith('.partial');
}
