/** Opens a shared queue with its file store, for `watch` (the owner of an outbox) and for `work`. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Address, queueAddress } from '../cluster/address.js';
import { type FileStore, keys, openStore } from '../cluster/file-store.js';
import type { LaneName } from '../cluster/lanes.js';
import { SharedQueue, type SharedQueueOptions } from '../cluster/shared-queue.js';
import { WorkerFiles } from '../cluster/worker-files.js';
import { type Placement, parseDevice } from '../engine/placement.js';
import { Persistence } from '../queue/persistence.js';
import type { NewJob } from '../queue/queue.js';
import type { JobStore } from '../queue/store.js';
import { UserError } from '../util/errors.js';
import { hashFile } from '../util/hash.js';
import { memoryForEach } from '../util/memory-budget.js';
import { Collector, type CollectorOptions } from './collector.js';
import type { SessionOptions } from './session.js';

export interface SharedFlags {
  queue?: string;
  queueName: string;
  queuePasswordFile?: string;
  store?: string;
}

/** What the commands that paint from a shared queue have in common. */
export interface Shared {
  address: Address;
  queue: SharedQueue;
  store: FileStore;
  files: WorkerFiles;
  close(): Promise<void>;
}

/** Milliseconds since a file was stored after which it is stored anew before it is used. */
const refreshAfter = 24 * 3600 * 1000;

/** Milliseconds after which files that no job needs are removed from the store: inputs, and what is left of jobs. */
const inputsKept = 7 * 24 * 3600 * 1000;
const leftoversKept = 3600 * 1000;
const sweepEvery = 3600 * 1000;

/** Bytes of free memory from which a processor paints large pictures. */
const memoryForLarge = 6 * 2 ** 30;

/** The address of the shared queue that flags or the environment name; undefined if there is none. */
export const sharedAddress = ({ queue, queuePasswordFile }: SharedFlags) =>
  queueAddress(queue, queuePasswordFile);

type Role = Pick<SharedQueueOptions, 'owner' | 'lanes' | 'slots' | 'say'>;

/** @throws UserError if packages are missing, or the store cannot be used */
export async function openShared(address: Address, flags: SharedFlags, role: Role): Promise<Shared> {
  if (flags.store === undefined)
    throw new UserError(
      '--queue needs --store: a folder that all machines see, or s3://bucket/prefix, through which photos and paintings travel.',
    );
  const store = await openStore(flags.store);
  // Also unique if containers have the same host name and process id.
  const worker = `${hostname()
    .replace(/[^\w.-]/g, '')
    .slice(0, 24)}-${process.pid}-${randomUUID().slice(0, 4)}`;
  const files = await WorkerFiles.open(store, worker);
  const queue = await SharedQueue.open({
    ...role,
    address,
    worker,
    name: flags.queueName,
    send: (job) => send(store, job),
    handIn: (claim, painted) => files.handIn(claim, painted),
    withdraw: (claim) => files.withdraw(claim),
    handInSnapshot: (...snapshot) => files.handInSnapshot(...snapshot),
    saveProgress: (claim) => files.saveProgress(claim),
  });
  return {
    ...{ address, queue, store, files },
    close: async () => {
      await queue.close();
      await files.close();
    },
  };
}

export interface OwnerOptions extends Pick<CollectorOptions, 'outbox' | 'outputFor' | 'sourceOf'> {
  jobs: JobStore;
  placements: readonly Placement[];
  /** Prints a message for the user. */
  say(text: string): void;
}

/** Opens a shared queue for an outbox, and collects its paintings from now on. */
export async function openOwned(
  address: Address,
  flags: SharedFlags,
  options: OwnerOptions,
): Promise<Shared> {
  const { jobs, placements, say } = options;
  const shared = await openShared(address, flags, {
    owner: jobs.identity(),
    lanes: lanesFor(placements),
    slots: placements.length,
    say,
  });
  const { queue, store: files } = shared;
  const stopped = new AbortController();
  const persistence = new Persistence({ tell: say, stopped: stopped.signal });
  await queue.own(new Collector({ ...options, queue, files, persistence }));
  const sweep = () => void removeUnneeded(files, queue).catch(() => {});
  const sweeping = setInterval(sweep, sweepEvery).unref();
  return {
    ...shared,
    close: () => {
      stopped.abort();
      clearInterval(sweeping);
      return shared.close();
    },
  };
}

/** What a session needs to paint from a shared queue. */
export function ofSharedQueue({ queue, files }: Shared) {
  return {
    shared: queue,
    overwrite: true,
    outputFor: (job) => files.outputFor(job),
    stateFor: (job) => files.stateFor(job),
    prepare: (claim) => files.prepare(claim),
    forget: (job) => files.forget(job),
  } satisfies Partial<SessionOptions>;
}

/** A processor with little memory leaves large pictures to others. */
export function lanesFor(placements: readonly Placement[]): LaneName[] {
  const hasCard = placements.some(({ device }) => parseDevice(device).kind !== 'cpu');
  return hasCard || memoryForEach([undefined]) >= memoryForLarge ? ['large', 'usual'] : ['usual'];
}

/** Stores the files of a job, unless they were stored a short time ago. */
async function send(store: FileStore, { source, sourceHash, recipe }: NewJob): Promise<void> {
  for (const [path, hash] of Object.entries({ ...recipe.files, [source]: sourceHash })) {
    const stored = await store.modified(keys.file(hash));
    if (stored !== undefined && stored > Date.now() - refreshAfter) continue;
    if ((await hashFile(path)) !== hash)
      throw new UserError(`${path}: was replaced before it was sent to the store.`);
    await store.put(keys.file(hash), path);
  }
}

/** Removes files from the store that no job in the queue needs. */
export async function removeUnneeded(store: FileStore, queue: SharedQueue): Promise<void> {
  const { jobs, files } = await queue.references();
  const isOld = (modified: number, kept: number) => modified < Date.now() - kept;
  for await (const { key, modified } of store.list('files'))
    if (!files.has(key.split('/')[1]) && isOld(modified, inputsKept)) await store.remove(key);
  for (const folder of ['results', 'checkpoints'])
    for await (const { key, modified } of store.list(folder))
      if (!jobs.has(key.split('/')[1]) && isOld(modified, leftoversKept)) await store.remove(key);
}
