/**
 * Takes in the paintings that workers of a shared queue hand in: checks each, gives it its name, writes it into the outbox
 * and records it in the job store, as a local worker would. A crash at any point neither loses a painting nor writes it twice.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { type FileStore, keys, maxFileBytes } from '../cluster/file-store.js';
import { keyOf } from '../cluster/job-data.js';
import type { Ending, Settler, SharedQueue } from '../cluster/shared-queue.js';
import type { Persistence } from '../queue/persistence.js';
import type { Claim, QueuedJob } from '../queue/queue.js';
import type { JobStore } from '../queue/store.js';
import type { PaintEvent } from '../render/events.js';
import { snapshotName } from '../render/snapshot.js';
import { isTaken, nthName, writeWhole } from '../util/atomic-write.js';
import { hashFile } from '../util/hash.js';
import { isGone } from '../util/read-file.js';
import { isPainting } from './outbox.js';

type Done = Extract<Ending, { key: string }>;

export interface CollectorOptions {
  jobs: JobStore;
  files: FileStore;
  queue: SharedQueue;
  outbox: string;
  persistence: Persistence;
  /** Path of a job's painting; never an existing file. */
  outputFor(job: QueuedJob): string;
  /** The path of a photo of which only name and hash are known. */
  sourceOf(name: string, hash: string): string;
}

/** Milliseconds that a claim of the job store's own queue lasts: longer than any disk is away. */
const lease = 24 * 3600 * 1000;

export class Collector implements Settler {
  /** Rows of the job store, by the ids of shared jobs. */
  private readonly rows = new Map<number, number>();
  /** Claims of these rows, kept while a disk is full or away. */
  private readonly held = new Map<number, Claim>();

  constructor(private readonly options: CollectorOptions) {}

  sourceOf(name: string, hash: string): string {
    return this.options.sourceOf(name, hash);
  }

  async takeSnapshot(job: QueuedJob, iteration: number): Promise<string | undefined> {
    const { files, outbox, outputFor } = this.options;
    const { sourceHash, settingsHash } = job;
    const folder = await mkdtemp(join(tmpdir(), 'stylize-tui-'));
    try {
      const output = snapshotName(outputFor(job), iteration);
      const path = join(folder, basename(output));
      if (!(await files.get(keys.snapshot(keyOf(job.id), iteration), path, maxFileBytes))) return undefined;
      if (!(await isPainting({ output: path, sourceHash, settingsHash }))) return undefined;
      await writeWhole(output, await readFile(path), { overwrite: true, within: outbox });
      return output;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  outputFor(job: QueuedJob): string {
    return this.options.outputFor(job);
  }

  /** The id in the job store of a job that ended. */
  rowOf(job: number): number | undefined {
    return this.rows.get(job);
  }

  /** The other way around. */
  jobOf(row: number): number | undefined {
    return [...this.rows].find(([, each]) => each === row)?.[0];
  }

  /** Whether a failure is in the job store already. */
  async isRecorded({ sourceHash, askedHash }: QueuedJob): Promise<boolean> {
    return this.options.jobs.history.latest(sourceHash, askedHash)?.status === 'failed';
  }

  /** @param isQuiet whoever calls tells the user */
  async settle(job: QueuedJob, ending: Ending, isQuiet = false): Promise<void> {
    const { persistence } = this.options;
    if ('key' in ending) await persistence.until(() => this.take(job, ending));
    else {
      const reason = 'failed' in ending ? ending.failed : ending.skipped;
      const { queue } = this.options.jobs;
      await persistence.until(async () => {
        const claim = await this.claimRow(job);
        await ('failed' in ending ? queue.fail(claim, reason) : queue.skip(claim, reason));
        this.held.delete(claim.job.id);
      });
      if (!isQuiet) this.publish(job, { event: 'failed' in ending ? 'failed' : 'skipped', reason });
    }
    // A failed job can be tried again on the server, for which it needs its photo.
    if (!('failed' in ending)) await persistence.until(() => this.tidy(job));
  }

  private async take(job: QueuedJob, { key, hash, extension, ...result }: Done): Promise<void> {
    const { jobs } = this.options;
    const { seconds, losses, iterations, ended } = result;
    const folder = await mkdtemp(join(tmpdir(), 'stylize-tui-'));
    try {
      const earlier = jobs.history.latest(job.sourceHash, job.askedHash);
      // This very file is there: a crash came before the server was told.
      const isThere = earlier?.status === 'done' && earlier.output && !isGone(earlier.output);
      let output = isThere && (await hashFile(earlier.output!)) === hash ? earlier.output! : undefined;
      if (output === undefined) {
        const claim = await this.claimRow(job);
        const path = join(folder, `painting${extension}`);
        const reason = await this.checked(job, { key, hash }, path);
        if (reason !== undefined) {
          await jobs.queue.fail(claim, reason);
          this.held.delete(claim.job.id);
          return this.publish(job, { event: 'failed', reason });
        }
        output = await this.write(claim, job, await readFile(path), extension);
        await jobs.queue.complete(claim, { output, seconds, losses });
        this.held.delete(claim.job.id);
      }
      this.publish(job, { event: 'done', output, seconds, iterations, ended, losses });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Fetches a painting. @returns what is wrong with it, if anything */
  private async checked(job: QueuedJob, { key, hash }: Pick<Done, 'key' | 'hash'>, path: string) {
    const { files } = this.options;
    const { source, sourceHash, settingsHash } = job;
    // A worker's key must be in its job's folder.
    const isOwn = key.startsWith(`${keys.results(keyOf(job.id))}/`);
    if (!isOwn || !(await files.get(key, path, maxFileBytes)))
      return `${source}: its painting is missing in ${files.name}`;
    if ((await hashFile(path)) !== hash) return `${source}: its painting is damaged in ${files.name}`;
    if (!(await isPainting({ output: path, sourceHash, settingsHash })))
      return `${source}: a worker handed in something that is not its painting`;
    return undefined;
  }

  private async write(claim: Claim, job: QueuedJob, bytes: Uint8Array, extension: string): Promise<string> {
    const { jobs, outbox, outputFor } = this.options;
    const free = outputFor(job);
    const first = free.slice(0, free.length - extname(free).length) + extension;
    for (let n = 1; ; n++) {
      const output = nthName(first, n);
      await jobs.queue.begin(claim, output);
      try {
        await writeWhole(output, bytes, { overwrite: false, within: outbox });
        return output;
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
    }
  }

  /** The job's row in the job store, claimed. Nobody else uses the queue there. */
  private async claimRow(job: QueuedJob): Promise<Claim> {
    const { queue } = this.options.jobs;
    const { job: row } = await queue.add({ ...job, allowDuplicates: true });
    this.rows.set(job.id, row.id);
    const held = this.held.get(row.id);
    if (held) return held;
    const claim = await queue.claim(lease);
    if (claim?.job.id !== row.id) throw new Error(`${job.source}: its row in the job store is in use`);
    this.held.set(row.id, claim);
    return claim;
  }

  /** Removes what a job that ended has left in the store. */
  private async tidy(job: QueuedJob): Promise<void> {
    const { id, sourceHash } = job;
    const { files, queue } = this.options;
    for await (const { key } of files.list(keys.results(keyOf(id)))) await files.remove(key);
    await files.remove(keys.checkpoint(keyOf(id)));
    const others = (await queue.jobsOf(sourceHash)).filter((other) => other.id !== id);
    if (others.length === 0) await files.remove(keys.file(sourceHash));
  }

  private publish({ id, source }: QueuedJob, event: Bare<PaintEvent>): void {
    this.options.queue.tell({ ...event, time: new Date().toISOString(), job: id, source } as PaintEvent);
  }
}

type Bare<E> = E extends { job: number } ? Omit<E, 'time' | 'job' | 'source'> : never;
