/** The files of a program that paints from a shared queue: fetches what a job needs, and hands in what it made. */
import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, parse } from 'node:path';
import { outputExtension } from '../image/formats.js';
import { bundled } from '../network/weights.js';
import { stateFile } from '../queue/job.js';
import type { Claim, Painted, QueuedJob } from '../queue/queue.js';
import type { RenderJob } from '../render/messages.js';
import { mapPaths, wantedSide } from '../settings/settings.js';
import { UserError } from '../util/errors.js';
import { folders } from '../util/folders.js';
import { hashFile } from '../util/hash.js';
import { type FileStore, fetchFile, keys, maxFileBytes } from './file-store.js';
import { keyOf, plainName, type Result } from './job-data.js';

/** Days after which a style or network that no job used is removed from this machine. */
const keptDays = 14;

/** Pixels times evaluations of the largest job: some hours on a laptop. Anyone with the queue's password can ask for more. */
const maxWork = 1e10;

/** What goes into a painting besides its recipe. */
type Origin = Pick<RenderJob, 'names' | 'machine'>;

export class WorkerFiles {
  /** When a job's checkpoint that the store has was written, by its path. */
  private readonly saved = new Map<string, number>();
  private readonly saving = new Map<string, Promise<void>>();

  private constructor(
    private readonly store: FileStore,
    /** Photos and paintings in work; removed at the end. */
    private readonly scratch: string,
    /** Styles, masks and networks by their hashes. */
    private readonly cache: string,
    private readonly worker: string,
  ) {}

  static async open(store: FileStore, worker: string): Promise<WorkerFiles> {
    const cache = join(folders.cache, 'shared');
    await mkdir(cache, { recursive: true });
    await removeUnused(cache);
    return new WorkerFiles(store, await mkdtemp(join(tmpdir(), 'stylize-tui-')), cache, worker);
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }

  outputFor(job: QueuedJob): string {
    const { name } = parse(plainName(job.source));
    return join(this.folderOf(job), 'painting', `${name}${outputExtension(job.source)}`);
  }

  stateFor(job: Pick<QueuedJob, 'source' | 'sourceHash' | 'settingsHash'>): string {
    return stateFile(this.scratch, job);
  }

  /**
   * Makes a job's files available, and puts their paths into the job.
   * @throws UserError if the store does not have them, or the job asks for too much
   */
  async prepare({ job }: Claim): Promise<Origin> {
    // The owner of an outbox has the files of the jobs that it has added itself.
    const isHere = [job.source, ...Object.keys(job.recipe.files)].every(isAbsolute);
    const origin = isHere ? {} : await this.fetchInputs(job);
    const state = this.stateFor(job);
    await this.store.get(keys.checkpoint(keyOf(job.id)), state, maxFileBytes);
    return { ...origin, machine: hostname() };
  }

  /** @returns names for the paths of this machine, which do not belong into a painting for another one */
  private async fetchInputs(job: QueuedJob): Promise<Origin> {
    checkWork(job);
    const name = plainName(job.source);
    const photo = join(this.folderOf(job), 'photo', name);
    await mkdir(dirname(photo), { recursive: true });
    await fetchFile(this.store, job.sourceHash, photo);
    const { settings, files } = job.recipe;
    const paths = new Map<string, string>();
    for (const [name, hash] of Object.entries(files)) paths.set(name, await this.cached(hash));
    const recipe = {
      ...job.recipe,
      settings: mapPaths(settings, (name) => paths.get(name) ?? name),
      files: Object.fromEntries([...paths].map(([name, path]) => [path, files[name]])),
    };
    Object.assign(job, { source: photo, recipe });
    return { names: Object.fromEntries([[photo, name], ...[...paths].map(([name, path]) => [path, name])]) };
  }

  private async cached(hash: string): Promise<string> {
    if (hash === bundled.hash) return bundled.path;
    const path = join(this.cache, hash);
    const isThere = await utimes(path, new Date(), new Date()).then(
      () => true,
      () => false,
    );
    if (!isThere) await fetchFile(this.store, hash, path);
    return path;
  }

  /** Stores a finished painting. */
  async handIn(
    { job, token }: Claim,
    { output, seconds, losses, iterations = 0, ended = 'iterations' }: Painted,
  ): Promise<Result> {
    const key = keys.result(keyOf(job.id), token);
    const hash = await hashFile(output);
    await this.store.put(key, output);
    return {
      key,
      hash,
      extension: outputExtension(output),
      seconds,
      iterations,
      ended,
      losses,
      worker: this.worker,
    };
  }

  /** Stores a snapshot, which then need not be kept here. */
  async handInSnapshot(job: number, iteration: number, path: string): Promise<void> {
    await this.store.put(keys.snapshot(keyOf(job), iteration), path);
    await rm(path, { force: true });
  }

  /** Removes a painting that was handed in too late. */
  async withdraw({ job, token }: Claim): Promise<void> {
    await this.store.remove(keys.result(keyOf(job.id), token));
  }

  /** Stores the latest checkpoint of a job, if it changed since the last call. */
  async saveProgress({ job }: Claim): Promise<void> {
    const path = this.stateFor(job);
    await this.saving.get(path);
    const written = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (written === undefined || written === this.saved.get(path)) return;
    const saving = this.store.put(keys.checkpoint(keyOf(job.id)), path);
    this.saving.set(
      path,
      saving.catch(() => {}),
    );
    await saving.finally(() => this.saving.delete(path));
    this.saved.set(path, written);
  }

  /** Removes a job's files from this machine. */
  async forget(job: QueuedJob): Promise<void> {
    const state = this.stateFor(job);
    this.saved.delete(state);
    await rm(state, { force: true });
    await rm(this.folderOf(job), { recursive: true, force: true });
  }

  private folderOf({ id }: QueuedJob): string {
    return join(this.scratch, String(id));
  }
}

function checkWork({ source, recipe }: QueuedJob): void {
  if (wantedSide(recipe.settings) ** 2 * recipe.settings.iterations <= maxWork) return;
  throw new UserError(
    `${source}: asks for more work than a shared queue allows (size × size × iterations, at most ${maxWork}).`,
  );
}

async function removeUnused(cache: string): Promise<void> {
  const oldest = Date.now() - keptDays * 24 * 3600 * 1000;
  for (const name of await readdir(cache).catch(() => []))
    await stat(join(cache, name))
      .then(({ mtimeMs }) => (mtimeMs < oldest ? rm(join(cache, name), { force: true }) : undefined))
      .catch(() => {});
}
