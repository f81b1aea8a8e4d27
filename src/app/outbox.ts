/**
 * A folder of paintings and the job store in it. Where the store is missing or damaged, a new one is made from the
 * paintings: they carry their recipes, so that none is painted twice.
 */
import { renameSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { examine } from '../examine/examiner.js';
import { isPictureName } from '../image/formats.js';
import { DamagedJobStore, isThere } from '../queue/database.js';
import type { PastJob } from '../queue/job.js';
import type { Lease } from '../queue/lease.js';
import { JobStore } from '../queue/store.js';
import { isSnapshotName } from '../render/snapshot.js';
import type { Provenance } from '../settings/provenance.js';
import { removeLeftovers } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';
import { warn } from '../util/say.js';
import { isReadTrouble, retryUntilAvailable } from '../util/transient.js';
import { filesBelow } from '../util/walk.js';
import { recipeHash } from './recipe.js';

/** Where an outbox has its job store. */
export const jobStorePath = (outbox: string) => join(outbox, '.stylize-tui.sqlite');

/**
 * Holds the lease on a folder while the work goes on, and says what was recovered or taken over. What a crash left half
 * written is removed first.
 * @throws UserError if another process has the lease, or the folder cannot be written
 */
export async function inOutbox<T>(
  folder: string,
  work: (store: JobStore, lease: Lease) => Promise<T>,
): Promise<T> {
  const store = await openJobStore(folder, warn);
  const lease = await store.claim(warn);
  if (lease.note) warn(lease.note);
  await removeLeftovers(folder);
  try {
    return await work(store, lease);
  } finally {
    lease.release();
    store.close();
  }
}

/**
 * Opens the job store of an outbox. One that is damaged is set aside.
 * @param say is told what a person should know about it
 * @throws UserError if the store is of a newer program, or cannot be written
 */
export async function openJobStore(outbox: string, say: (line: string) => void): Promise<JobStore> {
  const path = jobStorePath(outbox);
  let damage = '';
  try {
    if (isThere(path)) return new JobStore(path);
  } catch (error) {
    if (!(error instanceof DamagedJobStore)) throw error;
    damage = `${path} ${error.what}: set aside as ${basename(setAside(path))}. `;
  }
  const { past, silent } = await pastOf(outbox);
  const store = new JobStore(path, past);
  if (damage || past.length > 0) {
    const rest = silent > 0 ? ` ${silent} without one would be painted again.` : '';
    const lost = damage ? ' What failed or was skipped is forgotten.' : '';
    say(
      `${damage}The new list of finished pictures has the ${past.length} whose recipe was found.${rest}${lost}`,
    );
  }
  return store;
}

/** Renames a job store and what SQLite keeps beside it. The store comes last: until then the next start finds it. */
function setAside(path: string): string {
  const time = new Date().toISOString().replaceAll(':', '-');
  const aside = `${path}.damaged-${time}`;
  for (const ending of ['-journal', '-wal', '-shm', '']) {
    try {
      renameSync(path + ending, aside + ending);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && ending) continue;
      throw new UserError(`${path}: is damaged and cannot be set aside (${code}). Move it away.`);
    }
  }
  return aside;
}

/** How many pictures are examined at a time. */
const maxConcurrent = 8;

/** What the paintings in a folder tell, oldest first, and how many pictures carry no recipe that can be read. */
async function pastOf(outbox: string): Promise<{ past: PastJob[]; silent: number }> {
  // With --recursive they lie in folders like those of their photos.
  const outputs: string[] = [];
  for await (const path of filesBelow(outbox))
    if (isPictureName(path) && !basename(path).startsWith('.')) outputs.push(path);
  const past: PastJob[] = [];
  let silent = 0;
  const look = async (output: string) => {
    try {
      const provenance = await retryUntilAvailable(() => examine('provenance', { path: output }), {
        when: isReadTrouble,
        report: ({ message }) => warn(`${message} Waiting until it can be.`),
      });
      // Saved on the way: that its photo was painted to the end is not said.
      if (isSnapshotName(output, provenance.iterations)) return;
      past.push(await pastJob(output, provenance));
    } catch {
      // Somebody's own picture, or one whose metadata was taken off.
      silent++;
    }
  };
  for (let at = 0; at < outputs.length; at += maxConcurrent)
    await Promise.all(outputs.slice(at, at + maxConcurrent).map(look));
  past.sort((a, b) => a.finishedAt.localeCompare(b.finishedAt) || a.output.localeCompare(b.output));
  return { past, silent };
}

async function pastJob(output: string, provenance: Provenance): Promise<PastJob> {
  const { content, files, losses } = provenance;
  if (!files[content]) throw new UserError(`${output}: its recipe does not say of which photo it is.`);
  const finishedAt = (await stat(output)).mtime.toISOString();
  const settingsHash = recipeHash(provenance);
  return { source: content, sourceHash: files[content], settingsHash, output, finishedAt, losses };
}
