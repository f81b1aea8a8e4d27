/** --health FILE: a file whose modification time shows a supervisor that the program is alive. */
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../util/errors.js';

/** Milliseconds between two updates while nothing is painted. */
const idleInterval = 10_000;

export interface Health {
  /** Records that a painting made progress. */
  beat(): void;
  close(): void;
}

/**
 * The file is written at each iteration, or tile of one, and every ten seconds while idle. If a painting hangs, it becomes
 * stale.
 * @param isIdle whether nothing is being painted
 * @throws UserError if the file cannot be written
 */
export function openHealth(path: string, isIdle: () => boolean): Health {
  const touch = () => writeFileSync(path, `${new Date().toISOString()}\n`);
  if (!isOurs(path))
    throw new UserError(
      `--health ${path}: this file exists and is not a health file; it would be overwritten. Choose another name.`,
    );
  try {
    touch();
  } catch (error) {
    throw new UserError(`--health ${path}: cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  const beat = () => {
    try {
      touch();
    } catch {
      // The stale file is the signal; nothing else to do.
    }
  };
  const timer = setInterval(() => isIdle() && beat(), idleInterval);
  return { beat, close: () => clearInterval(timer) };
}

/** Whether the path is free, an empty file, or the health file of an earlier run. */
function isOurs(path: string): boolean {
  try {
    const found = lstatSync(path);
    return (
      found.isFile() && found.size < 100 && /^$|^\d{4}-\d\d-\d\dT[\d:.]+Z\n$/.test(readFileSync(path, 'utf8'))
    );
  } catch (error) {
    // Other problems are reported when the file is written.
    return (error as NodeJS.ErrnoException).code !== undefined;
  }
}
