/**
 * The pictures that the next job needs, read while another one is painted: a card, and the cores while the optimiser's
 * single thread is at work, would otherwise wait for them.
 */
import { sizeWithin } from '../image/decode.js';
import { hashOf, readPictureFile } from '../image/file.js';
import type { Size } from '../image/picture.js';
import { contentBounds, type Inputs, readInputs } from './inputs.js';
import type { Upcoming } from './messages.js';

/** Pixels of a picture whose inputs are hardly anything beside what painting holds. */
const most = 1024 * 1024;

interface Prepared {
  key: string;
  inputs: Promise<Inputs | undefined>;
}

export class Ahead {
  private prepared: Prepared | undefined;

  /** Begins to read the inputs at the size that is asked for, in place of what was prepared before. */
  prepare(job: Upcoming, mean: readonly number[]): void {
    const key = keyOf(job);
    if (this.prepared?.key === key) return;
    // What cannot be read is read again when its turn comes, and then says why.
    this.prepared = { key, inputs: read(job, mean).catch(() => undefined) };
  }

  /** The inputs of a job that was prepared, once: undefined if it was not, or not at this size. */
  async take(job: Upcoming, { width, height }: Size): Promise<Inputs | undefined> {
    const { prepared } = this;
    this.prepared = undefined;
    if (prepared?.key !== keyOf(job)) return undefined;
    const inputs = await prepared.inputs;
    const { bleed } = job.settings;
    const isAsked =
      inputs?.content.width === width + 2 * bleed && inputs.content.height === height + 2 * bleed;
    return isAsked ? inputs : undefined;
  }
}

const keyOf = ({ source, sourceHash, settings, files, network }: Upcoming) =>
  JSON.stringify({ source, sourceHash, settings, files, network });

async function read(job: Upcoming, mean: readonly number[]): Promise<Inputs | undefined> {
  const photo = await readPictureFile(job.source);
  if (hashOf(photo) !== job.sourceHash) return undefined;
  const size = await sizeWithin(photo, contentBounds(job.settings));
  return size.width * size.height <= most ? readInputs(photo, job, size, mean) : undefined;
}
