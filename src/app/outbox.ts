/** A folder of paintings, for as long as this program works with it. */

import type { Lease } from '../queue/lease.js';
import type { JobStore } from '../queue/store.js';
import { removeLeftovers } from '../util/atomic-write.js';
import { openJobStore } from './open-job-store.js';

/**
 * Holds the folder's ledger while the work goes on, and says what was mended or taken over. What a crash left half
 * written is removed first.
 * @throws UserError if another process works with it, or it cannot be written
 */
export async function inOutbox<T>(
  folder: string,
  work: (ledger: JobStore, hold: Lease) => Promise<T>,
): Promise<T> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const ledger = await openJobStore(folder, say);
  const hold = ledger.claim();
  if (hold.note) say(hold.note);
  await removeLeftovers(folder);
  try {
    return await work(ledger, hold);
  } finally {
    hold.release();
    ledger.close();
  }
}
