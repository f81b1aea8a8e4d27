/**
 * A folder of paintings and its job store. If the store is missing or damaged, a new one is built from the recipes in the
 * paintings, so that none is painted twice.
 */
import { renameSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { examine } from '../examine/examiner.js';
import { isPictureName } from '../image/formats.js';
import { DamagedJobStore, isThere } from '../queue/database.js';
import type { FollowUpPlan } from '../queue/follow-ups.js';
import type { PastJob } from '../queue/job.js';
import type { Lease } from '../queue/lease.js';
import type { IsPainting } from '../queue/sqlite-queue.js';
import { JobStore } from '../queue/store.js';
import { isSnapshotName } from '../render/snapshot.js';
import type { Provenance } from '../settings/provenance.js';
import { removeLeftovers } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';
import { hashFile } from '../util/hash.js';
import { isGone } from '../util/read-file.js';
import { warn } from '../util/say.js';
import { isReadTrouble, retryUntilAvailable } from '../util/transient.js';
import { filesBelow } from '../util/walk.js';
import { recipeHash } from './recipe.js';

/** Path of an outbox's job store. */
export const jobStorePath = (outbox: string) => join(outbox, '.stylize-tui.sqlite');

/**
 * Runs `work` while holding the lease on a folder, after removing the temporary files of a crash. Warns if a damaged store
 * was replaced or a lease was taken over.
 * @param plan what follows each picture, also one that is found to be painted already after a crash
 * @throws UserError if another process has the lease, or the folder cannot be written
 */
export async function inOutbox<T>(
  folder: string,
  work: (store: JobStore, lease: Lease) => Promise<T>,
  plan?: FollowUpPlan,
): Promise<T> {
  const store = await openJobStore(folder, warn);
  if (plan) store.followUps.plan = plan;
  const lease = await store.claim(isPainting, warn);
  if (lease.note) warn(lease.note);
  for (const { source, what, reason, job } of store.interrupted)
    warn(
      `${basename(source)}: ${what}: ${reason}. It is not run again, unless you say so: stylize-tui jobs rerun ${job}.`,
    );
  const unplanned = store.followUps.unplanned();
  if (unplanned.length > 0)
    warn(
      `Not done, since this start does not have them as flags: ${unplanned.join('; ')}. They wait for one that has.`,
    );
  await removeLeftovers(folder);
  try {
    return await work(store, lease);
  } finally {
    lease.release();
    store.close();
  }
}

/**
 * Opens the job store of an outbox. A damaged one is set aside.
 * @param say prints a message for the user
 * @throws UserError if the store was written by a newer program, or cannot be written
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
  const { past, withoutRecipe } = await pastJobs(outbox);
  const store = new JobStore(path, past);
  if (damage || past.length > 0) {
    const rest = withoutRecipe > 0 ? ` ${withoutRecipe} without a recipe would be painted again.` : '';
    const lost = damage ? ' Failed and skipped pictures are no longer listed.' : '';
    say(
      `${damage}The new list of finished pictures contains the ${past.length} whose recipe was found.${rest}${lost}`,
    );
  }
  return store;
}

/** Renames a job store and SQLite's other files. The store itself comes last, so that a crash in between is noticed. */
function setAside(path: string): string {
  const time = new Date().toISOString().replaceAll(':', '-');
  const aside = `${path}.damaged-${time}`;
  for (const ending of ['-journal', '-wal', '-shm', '']) {
    try {
      renameSync(path + ending, aside + ending);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && ending) continue;
      throw new UserError(`${path}: is damaged and cannot be renamed (${code}). Move it elsewhere.`);
    }
  }
  return aside;
}

/** Number of pictures to read at the same time. */
const maxConcurrent = 8;

/** The jobs of the paintings in a folder, oldest first, and the number of pictures without a readable recipe. */
async function pastJobs(outbox: string): Promise<{ past: PastJob[]; withoutRecipe: number }> {
  // With --recursive, paintings are in subfolders.
  const outputs: string[] = [];
  for await (const path of filesBelow(outbox))
    if (isPictureName(path) && !basename(path).startsWith('.')) outputs.push(path);
  const past: PastJob[] = [];
  let withoutRecipe = 0;
  const read = async (output: string) => {
    try {
      const provenance = await provenanceOf(output);
      // A snapshot does not mean that the painting was finished.
      if (isSnapshotName(output, provenance.iterations)) return;
      past.push(await pastJob(output, provenance));
    } catch {
      // Not a painting, or its metadata was stripped.
      withoutRecipe++;
    }
  };
  for (let at = 0; at < outputs.length; at += maxConcurrent)
    await Promise.all(outputs.slice(at, at + maxConcurrent).map(read));
  past.sort((a, b) => a.finishedAt.localeCompare(b.finishedAt) || a.output.localeCompare(b.output));
  return { past, withoutRecipe };
}

const provenanceOf = (output: string) =>
  retryUntilAvailable(() => examine('provenance', { path: output }), {
    when: isReadTrouble,
    report: ({ message }) => warn(`${message} Waiting until it can be.`),
  });

/**
 * The photo of a painting: at the path in its recipe, or where --move-done has put it.
 * @param painting its absolute path
 */
export async function photoOf(painting: string, { content, files }: Provenance): Promise<string> {
  if (!isGone(content)) return content;
  // With --recursive, paintings are in subfolders.
  let outbox = dirname(painting);
  while (!isThere(jobStorePath(outbox)) && outbox !== dirname(outbox)) outbox = dirname(outbox);
  if (!isThere(jobStorePath(outbox))) return content;
  const jobs = new JobStore(jobStorePath(outbox));
  const moved = jobs.history.sourceOf(painting);
  jobs.close();
  const isSame = moved !== undefined && !isGone(moved) && (await hashFile(moved)) === files[content];
  return isSame ? moved : content;
}

/** Whether a file is a job's painting, by its recipe: another program may have created a file of that name. */
export async function isPainting({
  output,
  sourceHash,
  settingsHash,
}: Parameters<IsPainting>[0]): Promise<boolean> {
  try {
    const { sourceHash: photo, settingsHash: settings } = await pastJob(output, await provenanceOf(output));
    return photo === sourceHash && settings === settingsHash;
  } catch {
    return false;
  }
}

async function pastJob(output: string, provenance: Provenance): Promise<PastJob> {
  const { content, files, losses } = provenance;
  if (!files[content]) throw new UserError(`${output}: its recipe does not name the photo.`);
  const finishedAt = (await stat(output)).mtime.toISOString();
  const settingsHash = recipeHash(provenance);
  return { source: content, sourceHash: files[content], settingsHash, output, finishedAt, losses };
}
