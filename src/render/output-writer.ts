/** Writes paintings: whole or not at all, with the recipe in them, and as soon as their disk lets it. */
import { trimmed } from '../image/bleed.js';
import { preserveColors } from '../image/color.js';
import { encode, type exifCarrier } from '../image/encode.js';
import { formatOf } from '../image/formats.js';
import type { Picture, Size } from '../image/picture.js';
import { resize } from '../image/resize.js';
import { toXmp } from '../image/xmp.js';
import type { RecordedChange } from '../settings/provenance.js';
import type { Iterate } from '../transfer/stylize.js';
import { writeWhole } from '../util/atomic-write.js';
import { program } from '../util/program.js';
import { isTransient, retryUntilAvailable } from '../util/transient.js';
import type { Progress, RenderJob } from './messages.js';

/** What a painting is made of besides its iterate. */
export interface Materials {
  /** The photo with its bleed, at the size that is painted. */
  content: Picture;
  /** The photo's, without bleed. */
  alpha: Picture['alpha'];
  exif: Awaited<ReturnType<typeof exifCarrier>>;
  engine: string;
  device: string;
  /** The size that is painted, where it is not the one that was asked for. */
  painted?: Size;
  /** What a person has changed so far. */
  history: readonly RecordedChange[];
}

export class OutputWriter {
  /**
   * @param dropped aborted when the picture is not to be finished, which ends the waiting for the disk
   * @param send tells of waiting and of snapshots
   */
  constructor(
    private readonly job: RenderJob,
    private readonly materials: Materials,
    private readonly dropped: AbortSignal,
    private readonly send: (message: Progress) => void,
  ) {}

  /** Saves the best picture so far beside the output, in place of what has its name. */
  async snapshot(iterate: Iterate, output: string): Promise<void> {
    await this.save(iterate, output, true);
    this.send({ event: 'snapshot', iteration: iterate.iteration, output });
  }

  async save({ best, iteration, bestLosses }: Iterate, path: string, overwrite: boolean): Promise<void> {
    const { job, send } = this;
    const { content, alpha, exif, engine, device, painted, history } = this.materials;
    const xmp = toXmp({
      program: `${program.name} ${program.version}`,
      engine,
      device,
      content: job.source,
      settings: job.settings,
      files: { ...job.files, [job.source]: job.sourceHash },
      network: job.network,
      iterations: iteration,
      history: [...history],
      losses: bestLosses,
      painted,
    });
    if (!xmp) {
      const text = 'too many changes by hand to write them all into the picture: it carries no recipe.';
      send({ type: 'warning', text });
    }
    // A snapshot may be at a coarser scale; a picture that is kept has the size that was asked for.
    const full = await colored(await resize(best(), content.width, content.height), job, content);
    const whole = { ...trimmed(full, job.settings.bleed), alpha };
    await this.write(path, await encode(whole, { format: formatOf(path), exif, xmp }), overwrite, iteration);
  }

  private async write(path: string, bytes: Uint8Array, overwrite: boolean, iteration: number): Promise<void> {
    const { dropped: signal, send } = this;
    let hasWaited = false;
    const report = ({ message }: Error) => {
      hasWaited = true;
      send({ event: 'waiting', reason: message });
    };
    const put = () => writeWhole(path, bytes, { overwrite, within: this.job.outbox });
    await retryUntilAvailable(put, { when: isTransient, report, signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (hasWaited && !signal.aborted) send({ event: 'resumed', iteration });
  }
}

/** A picture in the colors that will be seen; on the way the photo must be brought to the picture's size for that. */
export async function colored(
  picture: Picture,
  { settings }: Pick<RenderJob, 'settings'>,
  content: Picture,
): Promise<Picture> {
  if (!settings.preserveColors) return picture;
  return preserveColors(picture, await resize(content, picture.width, picture.height));
}
