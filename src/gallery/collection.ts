/** The paintings of an outbox, prepared for browsers in a gallery's folder, which keeps them for the next start. */
import { lstat, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import { isPictureName } from '../image/formats.js';
import { makeFolder } from '../util/atomic-write.js';
import { UserError } from '../util/errors.js';
import { filesBelow, galleryMark } from '../util/walk.js';
import { idOf, makePainting, type Origin, type Painting, readPainting, Unwritable } from './painting.js';

export interface CollectionOptions {
  outbox: string;
  /** The gallery's folder. */
  folder: string;
  /** What the job store knows of the painting at a path. */
  originOf(path: string): Origin | undefined;
  /** Prints what is wrong with a painting. */
  say(text: string): void;
}

/** Number of paintings prepared at the same time; each is decoded in a process of its own. */
const maxParallel = 2;

/** Milliseconds after which what another process was writing counts as left over from a crash. */
const leftoverAge = 600_000;

/** The folder of an outbox's gallery. */
export const galleryFolder = (outbox: string) => join(outbox, 'gallery');

type Outcome = 'made' | 'known' | 'failed' | 'others';

export class Collection {
  private readonly byId = new Map<string, { painting: Painting; path: string }>();
  private readonly underWay = new Map<string, Promise<Outcome>>();
  private sorted: Painting[] | undefined;
  /** Raised by every change. */
  version = 0;

  constructor(private readonly options: CollectionOptions) {}

  /**
   * Creates the folder.
   * @throws UserError if it holds something else, or cannot be written
   */
  async open(): Promise<void> {
    const { folder } = this.options;
    await makeFolder(folder);
    const names = await readdir(folder);
    if (names.length > 0 && !names.includes(galleryMark))
      throw new UserError(
        `${folder}: is not empty, and no gallery: its files could be overwritten. Choose another folder with --output, or rename it.`,
      );
    if (!names.includes(galleryMark)) await writeFile(join(folder, galleryMark), '');
    await makeFolder(this.pictures);
  }

  /** Newest first. */
  get paintings(): readonly Painting[] {
    this.sorted ??= [...this.byId.values()].map(({ painting }) => painting).sort(newestFirst);
    return this.sorted;
  }

  find(id: string): Painting | undefined {
    return this.byId.get(id)?.painting;
  }

  /** The path of one of a painting's files. */
  fileOf(id: string, name: string): string {
    return join(this.pictures, id, name);
  }

  /**
   * Takes in all paintings in the outbox that are not there yet, and removes those that are gone.
   * @returns how many were made anew, and how many pictures failed or are no paintings
   * @throws Unwritable
   */
  async refresh(
    signal?: AbortSignal,
    onProgress: (done: number) => void = () => {},
  ): Promise<{ made: number; known: number; failed: number; others: number }> {
    const { outbox } = this.options;
    const before = new Set(await readdir(this.pictures));
    const counts = { made: 0, known: 0, failed: 0, others: 0 };
    const limit = pLimit(maxParallel);
    const under = new Set<Promise<void>>();
    let done = 0;
    for await (const path of filesBelow(outbox)) {
      if (signal?.aborted) break;
      if (!isPictureName(path) || basename(path).startsWith('.')) continue;
      const id = await idOf(path, outbox);
      if (id === undefined) continue;
      before.delete(id);
      const work = limit(async () => {
        if (signal?.aborted) return;
        counts[await this.take(path, id)]++;
        onProgress(++done);
      });
      under.add(work);
      const forget = () => void under.delete(work);
      work.then(forget, forget);
      // So that a million paintings are no million promises.
      if (under.size >= 4 * maxParallel) await Promise.race(under);
    }
    await Promise.all(under);
    if (!signal?.aborted) for (const name of before) await this.discard(name);
    return counts;
  }

  /** Takes in a painting; undefined if it cannot be shown, which was said. */
  async add(path: string): Promise<Painting | undefined> {
    const id = await idOf(path, this.options.outbox);
    if (id === undefined) return undefined;
    await this.take(path, id);
    return this.find(id);
  }

  /** Leaves out those of these paintings whose files have been removed from the outbox. */
  async removeGone(paintings: readonly Painting[]): Promise<void> {
    await Promise.all(
      paintings.map(async ({ id }) => {
        const path = this.byId.get(id)?.path;
        if (path === undefined || (await idOf(path, this.options.outbox)) === id) return;
        // A disk that is away is no reason to throw away what is prepared.
        if (!(await stat(this.options.outbox).catch(() => undefined))) return;
        this.byId.delete(id);
        this.changed();
        await this.discard(id);
      }),
    );
  }

  /** A new painting may be found by refresh() and told to add() at the same time. */
  private take(path: string, id: string): Promise<Outcome> {
    const known = this.underWay.get(id);
    if (known) return known;
    const taken = this.takeOnce(path, id).finally(() => this.underWay.delete(id));
    this.underWay.set(id, taken);
    return taken;
  }

  private async takeOnce(path: string, id: string): Promise<Outcome> {
    const { originOf, say } = this.options;
    if (this.byId.has(id)) return 'known';
    const folder = join(this.pictures, id);
    try {
      const known = await readPainting(folder);
      const painting = known ?? (await makePainting(path, folder, originOf(path)));
      if (!painting) return 'others';
      this.byId.set(id, { painting, path });
      this.changed();
      return known ? 'known' : 'made';
    } catch (error) {
      if (!(error instanceof UserError) || error instanceof Unwritable) throw error;
      say(
        `${error.message.startsWith(path) ? '' : `${path}: `}${error.message} It is left out of the gallery.`,
      );
      return 'failed';
    }
  }

  /** Removes a folder of a painting that is gone, or what a crash left. */
  private async discard(name: string): Promise<void> {
    const path = join(this.pictures, name);
    if (name.endsWith('.tmp')) {
      const found = await lstat(path).catch(() => undefined);
      if (found && Date.now() - found.mtimeMs < leftoverAge) return;
    }
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }

  private changed(): void {
    this.sorted = undefined;
    this.version++;
  }

  private get pictures(): string {
    return join(this.options.folder, 'pictures');
  }
}

/** Of the same time, by id, so that the order is always the same. */
const newestFirst = (a: Painting, b: Painting) =>
  b.finished.localeCompare(a.finished) || a.id.localeCompare(b.id);
