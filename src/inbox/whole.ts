/**
 * When is a file whole? Copies grow, stall and are renamed into place, and the file system tells little. A file is
 * taken for whole once its size and time have stood still for a while and it decodes from end to end.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from '../image/decode.js';
import { UserError } from '../settings/errors.js';

export interface Patience {
  /** Milliseconds for which size and time must stand still. */
  settle: number;
  /** Milliseconds for which a file that stands still but does not decode may yet be completed. */
  forgive: number;
}

export const usualPatience: Patience = { settle: 1000, forgive: 5000 };

/** A file untouched for this long is not being written any more. */
const old = 10_000;

export type Verdict = { whole: true } | { whole: false; reason: string } | { gone: true };

/** Waits until a file is whole, is gone, or stands still and is no picture. Rejects when the signal aborts. */
export async function untilWhole(path: string, patience: Patience, signal: AbortSignal): Promise<Verdict> {
  const { settle, forgive } = patience;
  let seen = await look(path);
  let still = seen && Date.now() - seen.mtime > old ? settle + forgive : 0;
  for (let checkedAt = Date.now(); seen; ) {
    if (still >= settle) {
      const fault = await faultOf(path);
      const again = await look(path);
      if (again && same(again, seen)) {
        if (!fault) return { whole: true };
        if (still >= settle + forgive) return { whole: false, reason: fault };
      }
    }
    await sleep(Math.max(20, settle / 4), undefined, { signal });
    const now = await look(path);
    const elapsed = Date.now() - checkedAt;
    checkedAt = Date.now();
    still = now && same(now, seen) ? still + elapsed : 0;
    seen = now;
  }
  return { gone: true };
}

interface Look {
  size: number;
  mtime: number;
  inode: number;
}

const look = (path: string): Promise<Look | undefined> =>
  stat(path).then(
    ({ size, mtimeMs, ino }) => ({ size, mtime: mtimeMs, inode: ino }),
    () => undefined,
  );

const same = (a: Look, b: Look) => a.size === b.size && a.mtime === b.mtime && a.inode === b.inode;

/** Why a file cannot be painted; undefined if it can. */
async function faultOf(path: string): Promise<string | undefined> {
  try {
    await decode(path, { longest: 512 });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
