/**
 * Prefetches the inputs of the next job while another one is painted. Pictures are decoded in other threads, so that
 * neither a card nor the idle cores during the optimizer's single-threaded part wait for them later. Targets are measured
 * while the finished picture is encoded and written, when the engine is idle.
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

/** Pixels of the largest picture to prefetch; its inputs are small compared with the memory of painting. */
const maxPixels = 1024 * 1024;

/** The features of this many pixels take no more memory than the evaluation of one: see src/engine/memory.ts. */
const pixelsPerEvaluated = 1.5;

/** The engine that measures the targets, and the cache of style statistics. */
interface Measuring {
  engine: Engine;
  statistics: StatisticsCache;
}

interface Prepared {
  job: Upcoming;
  mean: Transfer['mean'];
  measuring?: Measuring;
  inputs: Promise<Inputs | undefined>;
  /** The inputs, once they are read. */
  read?: Inputs;
  targets?: Targets;
}

export class Prefetch {
  private prepared: Prepared | undefined;

  /**
   * Starts reading the inputs at the requested size, and discards those of another job.
   * @param measuring the engine of the job, if it is the current one
   */
  start(job: Upcoming, mean: Transfer['mean'], measuring?: Measuring): void {
    if (this.prepared && keyOf(this.prepared.job) === keyOf(job)) return;
    // If reading fails, the job itself reads again and reports the error.
    const inputs = read(job, mean).catch(() => undefined);
    const prepared: Prepared = { job, mean, measuring, inputs };
    this.prepared = prepared;
    void inputs.then((read) => {
      prepared.read = read;
    });
  }

  /**
   * Measures the targets of the prefetched job if its inputs are already read.
   * @param evaluated pixels of the painted picture; its evaluation bounds the memory that may be used
   */
  async measure(evaluated: number): Promise<void> {
    const { prepared } = this;
    if (!prepared?.measuring || !prepared.read) return;
    const { job, mean, measuring, read } = prepared;
    const { content, styles } = read;
    const largest = Math.max(...[content, ...styles].map(({ width, height }) => width * height));
    if (largest > pixelsPerEvaluated * evaluated) return;
    const { engine, statistics } = measuring;
    const targets = new Targets(engine, { ...read, layers: job.layers, mean, statistics });
    const { scales, iterations } = job.settings;
    try {
      await targets.measure(planScales(content.width, content.height, scales, iterations));
      prepared.targets = targets;
    } catch {
      // The job itself measures again and reports the error.
    }
  }

  /** Returns the inputs of a prefetched job, once; undefined if it was not prefetched, or at another size. */
  async take(job: Upcoming, { width, height }: Size): Promise<Inputs | undefined> {
    const { prepared } = this;
    this.prepared = undefined;
    if (!prepared || keyOf(prepared.job) !== keyOf(job)) return undefined;
    const inputs = await prepared.inputs;
    const { bleed } = job.settings;
    const hasSize =
      inputs?.content.width === width + 2 * bleed && inputs.content.height === height + 2 * bleed;
    return hasSize ? { ...inputs, targets: prepared.targets } : undefined;
  }
}

const keyOf = ({ source, sourceHash, settings, files, network }: Upcoming) =>
  JSON.stringify({ source, sourceHash, settings, files, network });

async function read(job: Upcoming, mean: Transfer['mean']): Promise<Inputs | undefined> {
  const photo = await readPictureFile(job.source);
  if (hashOf(photo) !== job.sourceHash) return undefined;
  const size = await sizeWithin(photo, contentBounds(job.settings));
  return size.width * size.height <= maxPixels ? readInputs(photo, job, size, mean) : undefined;
}
