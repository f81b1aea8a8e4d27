/** --health FILE: a file whose time tells a supervisor that the program is alive. */
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../util/errors.js';

/** Milliseconds between two signs of life while nothing is painted. */
const idleInterval = 10_000;

export interface Health {
  /** The painting got on. */
  beat(): void;
  close(): void;
}

/**
 * Touched at each iteration, or tile of one, and every ten seconds while there is nothing to paint: a painting that
 * hangs leaves it old.
 * @param isIdle whether nothing is being painted
 * @throws UserError if the file cannot be written
 */
export function openHealth(path: string, isIdle: () => boolean): Health {
  const touch = () => writeFileSync(path, `${new Date().toISOString()}\n`);
  if (!isOurs(path))
    throw new UserError(`--health ${path}: would replace a file of another kind. Choose another name.`);
  try {
    touch();
  } catch (error) {
    throw new UserError(`--health ${path}: cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  const beat = () => {
    try {
      touch();
    } catch {
      // An old file says what there is to say.
    }
  };
  const timer = setInterval(() => isIdle() && beat(), idleInterval);
  return { beat, close: () => clearInterval(timer) };
}

/** Nothing, an empty file, or what an earlier run left. */
function isOurs(path: string): boolean {
  try {
    const found = lstatSync(path);
    return (
      found.isFile() && found.size < 100 && /^$|^\d{4}-\d\d-\d\dT[\d:.]+Z\n$/.test(readFileSync(path, 'utf8'))
    );
  } catch (error) {
    // What else is wrong is told where it is written.
    return (error as NodeJS.ErrnoException).code !== undefined;
  }
}
