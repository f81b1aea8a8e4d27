/** Writes paintings atomically, with their recipe; waits while the disk is full or unavailable. */
import { accessSync, constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { trimmed } from '../image/bleed.js';
import { preserveColors } from '../image/color.js';
import { encode } from '../image/encode.js';
import { formatOf } from '../image/formats.js';
import type { PhotoMetadata } from '../image/photo-metadata.js';
import type { Picture, Size } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { toXmp } from '../image/xmp.js';
import { printDensity } from '../settings/print-size.js';
import type { RecordedChange } from '../settings/provenance.js';
import { mapPaths } from '../settings/settings.js';
import type { Iterate } from '../transfer/stylize.js';
import { isTaken, nthName, writeWhole } from '../util/atomic-write.js';
import { program } from '../util/program.js';
import { isTransient, retryUntilAvailable } from '../util/transient.js';
import type { TakenOver } from './former.js';
import type { Progress, RenderJob } from './messages.js';

/** Everything besides the iterate that is needed to write a painting. */
export interface Materials {
  /** The photo with its bleed, at the painted size. */
  content: Picture;
  /** The photo's, without bleed. */
  alpha: Picture['alpha'];
  photo: PhotoMetadata;
  engine: string;
  device: string;
  /** The painted size, if it is not the requested one. */
  painted?: Size;
  /** What it begins with, of the frame before. */
  taken?: TakenOver;
  /** The user's changes so far. */
  history: readonly RecordedChange[];
}

export class OutputWriter {
  /**
   * @param dropped aborted when the picture is abandoned, which ends waiting for the disk
   * @param send reports waiting and snapshots
   */
  constructor(
    private readonly job: RenderJob,
    private readonly materials: Materials,
    private readonly dropped: AbortSignal,
    private readonly send: (message: Progress) => void,
  ) {}

  /** Saves the best picture so far, replacing an existing file. */
  async snapshot(iterate: Iterate, output: string): Promise<void> {
    await this.save(iterate, output, true);
    this.send({ event: 'snapshot', iteration: iterate.iteration, output });
  }

  /**
   * @returns the path of the file, which differs from `path` if that was taken meanwhile and must not be replaced, or if its
   * folder is not writable
   */
  async save({ best, iteration, bestLosses }: Iterate, path: string, overwrite: boolean): Promise<string> {
    const { job, send } = this;
    const { content, alpha, photo, engine, device, painted, history, taken } = this.materials;
    const nameOf = (path: string) => job.names?.[path] ?? path;
    const files = { ...job.files, ...taken?.files, [job.source]: job.sourceHash };
    const provenance = {
      program: `${program.name} ${program.version}`,
      engine,
      device,
      machine: job.machine,
      content: nameOf(job.source),
      settings: mapPaths(job.settings, nameOf),
      files: Object.fromEntries(Object.entries(files).map(([path, hash]) => [nameOf(path), hash])),
      network: job.network,
      iterations: iteration,
      history: [...history],
      losses: bestLosses,
      former: taken && job.former,
      painted,
    };
    const xmp = toXmp(provenance, photo.descriptions);
    if (!xmp) {
      const text = 'the recipe is larger than the 65 KB that fit in a picture: it has no recipe.';
      send({ type: 'warning', text });
    } else if (photo.descriptions && !xmp.includes(photo.descriptions)) {
      send({ type: 'warning', text: 'its XMP is too large to be carried along beside the recipe.' });
    }
    // A snapshot may be from a coarser scale; it is saved at the final size.
    const full = await colored(await resize(best(), content.width, content.height), job, content);
    const final = { ...trimmed(full, job.settings.bleed), alpha };
    const { printSize } = job.settings;
    const density = printSize === undefined ? undefined : printDensity(printSize, final);
    const bytes = await encode(final, { format: formatOf(path), carrier: photo.carrier, density, xmp });
    let first = path;
    let why = '';
    for (let n = 1; ; n++) {
      const output = nthName(first, n);
      try {
        await this.write(output, bytes, overwrite, iteration);
        if (output !== path) send({ type: 'warning', text: `${why}: it is ${output}.` });
        return output;
      } catch (error) {
        if (this.isFoldersOwn(error, output)) {
          first = join(job.outbox!, basename(path));
          n = 0;
          why = `${dirname(path)} cannot be written`;
        } else if (isTaken(error)) why ||= 'its name was taken meanwhile';
        else throw error;
      }
    }
  }

  /** Only the painting's own folder cannot be written, so that waiting would hold up all other paintings. */
  private isFoldersOwn(error: unknown, path: string): boolean {
    const { outbox } = this.job;
    const { code = '' } = (error as { cause?: NodeJS.ErrnoException }).cause ?? {};
    if (outbox === undefined || dirname(path) === outbox) return false;
    if (isTaken(error) || !/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/.test(code)) return false;
    try {
      accessSync(outbox, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  private async write(path: string, bytes: Uint8Array, overwrite: boolean, iteration: number): Promise<void> {
    const { dropped: signal, send } = this;
    let hasWaited = false;
    const report = ({ message }: Error) => {
      hasWaited = true;
      send({ event: 'waiting', reason: message });
    };
    const when = (error: unknown) => isTransient(error) && !this.isFoldersOwn(error, path);
    const put = () => writeWhole(path, bytes, { overwrite, within: this.job.outbox });
    await retryUntilAvailable(put, { when, report, signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (hasWaited && !signal.aborted) send({ event: 'resumed', iteration });
  }
}

/** Applies --preserve-colors, after resizing the photo to the picture's size. */
export async function colored(
  picture: Picture,
  { settings }: Pick<RenderJob, 'settings'>,
  content: Picture,
): Promise<Picture> {
  if (!settings.preserveColors) return picture;
  return preserveColors(picture, await resize(content, picture.width, picture.height));
}
