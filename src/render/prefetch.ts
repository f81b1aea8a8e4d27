/**
 * What the next job needs, made ready while another one is painted. Its pictures are read by other threads: a card, and the
 * cores while the optimizer's single thread is at work, would otherwise wait for them. What they are measured by is
 * measured while the painted picture is encoded and written, when the engine has nothing else to do.
 */
import type { Engine } from '../engine/engine.js';
import { sizeWithin } from '../image/decode.js';
import { hashOf, readPictureFile } from '../image/file.js';
import type { Size } from '../image/picture.js';
import { planScales } from '../transfer/scales.js';
import type { StatisticsCache } from '../transfer/statistics.js';
import type { Transfer } from '../transfer/stylize.js';
import { Targets } from '../transfer/targets.js';
import { contentBounds, type Inputs, readInputs } from './inputs.js';
import type { Upcoming } from './messages.js';

/** Pixels of a picture whose inputs are hardly anything beside what painting holds. */
const largestPrefetched = 1024 * 1024;

/** Features of so many pixels take no more memory than the evaluation of one: src/engine/memory.ts. */
const pixelsPerEvaluated = 1.5;

/** What targets are measured with. */
interface Instrument {
  engine: Engine;
  statistics: StatisticsCache;
}

interface Prepared {
  job: Upcoming;
  mean: Transfer['mean'];
  instrument?: Instrument;
  inputs: Promise<Inputs | undefined>;
  /** Once they are read. */
  read?: Inputs;
  targets?: Targets;
}

export class Prefetch {
  private prepared: Prepared | undefined;

  /**
   * Begins to read the inputs at the size that is asked for, in place of what was prepared before.
   * @param instrument what the job will be painted with; left out where that is not at hand
   */
  prepare(job: Upcoming, mean: Transfer['mean'], instrument?: Instrument): void {
    if (this.prepared && keyOf(this.prepared.job) === keyOf(job)) return;
    // What cannot be read is read again when its turn comes, and then says why.
    const inputs = read(job, mean).catch(() => undefined);
    const prepared: Prepared = { job, mean, instrument, inputs };
    this.prepared = prepared;
    void inputs.then((read) => {
      prepared.read = read;
    });
  }

  /**
   * Measures the prepared job's targets, if its inputs are read by now.
   * @param evaluated pixels of the picture that was painted: more memory than that took may not be there
   */
  async measure(evaluated: number): Promise<void> {
    const { prepared } = this;
    if (!prepared?.instrument || !prepared.read) return;
    const { job, mean, instrument, read } = prepared;
    const { content, styles } = read;
    const largest = Math.max(...[content, ...styles].map(({ width, height }) => width * height));
    if (largest > pixelsPerEvaluated * evaluated) return;
    const { engine, statistics } = instrument;
    const targets = new Targets(engine, { ...read, layers: job.layers, mean, statistics });
    const { scales, iterations } = job.settings;
    try {
      await targets.measure(planScales(content.width, content.height, scales, iterations));
      prepared.targets = targets;
    } catch {
      // What cannot be measured is measured again when its turn comes, too.
    }
  }

  /** The inputs of a job that was prepared, once: undefined if it was not, or not at this size. */
  async take(job: Upcoming, { width, height }: Size): Promise<Inputs | undefined> {
    const { prepared } = this;
    this.prepared = undefined;
    if (!prepared || keyOf(prepared.job) !== keyOf(job)) return undefined;
    const inputs = await prepared.inputs;
    const { bleed } = job.settings;
    const isAsked =
      inputs?.content.width === width + 2 * bleed && inputs.content.height === height + 2 * bleed;
    return isAsked ? { ...inputs, targets: prepared.targets } : undefined;
  }
}

const keyOf = ({ source, sourceHash, settings, files, network }: Upcoming) =>
  JSON.stringify({ source, sourceHash, settings, files, network });

async function read(job: Upcoming, mean: Transfer['mean']): Promise<Inputs | undefined> {
  const photo = await readPictureFile(job.source);
  if (hashOf(photo) !== job.sourceHash) return undefined;
  const size = await sizeWithin(photo, contentBounds(job.settings));
  return size.width * size.height <= largestPrefetched ? readInputs(photo, job, size, mean) : undefined;
}
