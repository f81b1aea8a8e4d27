/** Checks the files that `run` will write before it starts painting. */
import { realpathSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Snapshots } from '../../render/messages.js';
import { periodicSnapshotName } from '../../render/snapshot.js';
import { makeFolder } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';

export interface Outputs {
  output: string;
  /** What is kept of the painting if it is stopped; replaces an existing file. */
  partial?: string;
  /** Files of --progress-write and --progress-plot. */
  progress: readonly string[];
  /** All snapshots; they replace existing files. */
  snapshots: readonly string[];
}

/** The names of all snapshots of a painting. */
export function snapshotNames(iterations: number, snapshots: Snapshots | undefined): string[] {
  if (!snapshots) return [];
  const { output, every } = snapshots;
  const saved = Array.from({ length: Math.floor(iterations / every) + 1 }, (_, i) => i * every);
  return [...new Set([...saved, iterations])].map((iteration) => periodicSnapshotName(output, iteration));
}

/** Creates the folders of the files. @throws UserError if one cannot be written */
export async function makeFolders({ output, snapshots }: Outputs): Promise<void> {
  for (const folder of new Set([output, ...snapshots].map((path) => dirname(path)))) await makeFolder(folder);
}

/**
 * Checks the files.
 * @param originals the input files, which must never be replaced
 * @throws UserError for the first file that cannot or must not be written
 */
export async function checkOutputs(
  { output, partial, progress, snapshots }: Outputs,
  originals: readonly string[],
  overwrite: boolean,
): Promise<void> {
  const kept = new Map(originals.flatMap((path) => places(path).map((place) => [place, path])));
  const check = async (flag: string, path: string, mayReplace: boolean) => {
    const original = kept.get(placeOf(path));
    if (original !== undefined)
      throw new UserError(`${flag} ${path}: would replace ${original}. Originals are never changed.`);
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new UserError(`${flag} ${path}: cannot be written (${error.code}). Choose another name.`);
    });
    if (found?.isDirectory())
      throw new UserError(`${flag} ${path}: is a folder. Choose another name for the file.`);
    if (found && !mayReplace)
      throw new UserError(`${path}: the file already exists. Choose another name, or pass --overwrite.`);
  };
  await check('--output', output, overwrite);
  if (partial !== undefined) await check('--output', partial, true);
  for (const path of progress) await check('--progress-write, --progress-plot', path, overwrite);
  for (const path of snapshots) await check('--checkpoint-output', path, true);
  const twice = snapshots.find((path) => placeOf(path) === placeOf(output));
  if (twice)
    throw new UserError(`--checkpoint-output: ${twice} is the file of --output. Choose another name.`);
}

/** The real path of a file, without and with following it as a link. */
const places = (path: string) => [placeOf(path), realpathSync(path)];

/** A path with the links in its folders resolved, so that two names of the same file compare equal. */
function placeOf(path: string): string {
  const folder = dirname(path);
  if (folder === path) return path;
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return join(placeOf(folder), basename(path));
  }
}
