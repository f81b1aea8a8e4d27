/** Paints jobs one after the other in this process, and keeps the engine between them. */
import { availableParallelism } from 'node:os';
import { createEngine } from '../engine/create.js';
import type { Engine } from '../engine/engine.js';
import type { Placement } from '../engine/placement.js';
import { plainReason } from '../engine/reason.js';
import { loadNetwork, type Network } from '../network/weights.js';
import type { Recipe } from '../settings/recipe.js';
import { styleMeasures } from '../transfer/losses.js';
import { StatisticsCache } from '../transfer/statistics.js';
import { UserError } from '../util/errors.js';
import { isReadTrouble, retryUntilAvailable } from '../util/transient.js';
import type { Controls } from './controls.js';
import { EvaluationTime } from './evaluation-time.js';
import { isAboutMemory } from './exit-reason.js';
import { InputUnavailable } from './inputs.js';
import type { Outcome, Progress, RenderJob, Upcoming } from './messages.js';
import { paint } from './paint.js';
import { Prefetch } from './prefetch.js';

/** An engine for the network, layers and style loss of a recipe. */
export interface OpenEngine {
  engine: Engine;
  /** The network's mean of red, green and blue, 0..255. */
  mean: Network['mean'];
}

/**
 * @throws UserError if the network's weights cannot be used; Error if the engine's library cannot be loaded or the device is
 * not there
 */
export async function openEngine(
  recipe: Pick<Recipe, 'settings' | 'layers' | 'network'>,
  placement: Placement = { engine: 'onnx', device: 'cpu' },
): Promise<OpenEngine> {
  const { settings, network: hash } = recipe;
  const network = await loadNetwork(settings.network, hash);
  const styleLoss = styleMeasures[settings.styleLoss];
  const engine = await createEngine(placement, { ...optionsFor(recipe), styleLoss, network });
  return { engine, mean: network.mean };
}

interface Kept extends OpenEngine {
  statistics: StatisticsCache;
  times: EvaluationTime;
  /** SHA-256 of the network's weight file. */
  hash: string;
  key: string;
}

export class Painter {
  private readonly prefetching = new Prefetch();
  private kept: Kept | undefined;

  constructor(private readonly send: (message: Progress) => void) {}

  /** Calls must not overlap. It does not reject: whatever happens is an outcome. */
  async paint(job: RenderJob, placement: Placement, controls: Controls): Promise<Outcome> {
    try {
      return await this.whenReadable(controls, async () => {
        const { engine, mean, statistics, times } = await this.engineFor(job, placement);
        return paint(job, controls, engine, mean, this.send, {
          statistics,
          prefetch: this.prefetching,
          times,
        });
      });
    } catch (error) {
      if (controls.dropped.signal.aborted)
        return { type: controls.ending === 'stop' ? 'stopped' : 'skipped' };
      if (error instanceof InputUnavailable)
        return { type: 'failed', reason: error.message, retryable: false, unavailable: error.path };
      if (error instanceof UserError) return { type: 'failed', reason: error.message, retryable: false };
      const { message = String(error), stack = message } = error as Error;
      if (isAboutMemory(message))
        return {
          type: 'failed',
          reason: `memory ran out (${plainReason(message)})`,
          retryable: true,
          outOfMemory: true,
        };
      return { type: 'failed', reason: stack, retryable: true };
    }
  }

  /** Reads the inputs of the next job. Only if it uses the loaded network, since reading the inputs needs its mean. */
  prefetch(job: Upcoming): void {
    const { kept } = this;
    if (kept?.hash === job.network)
      this.prefetching.start(job, kept.mean, kept.key === keyOf(job) ? kept : undefined);
  }

  /** Frees the engine's native memory. */
  async dispose(): Promise<void> {
    await this.kept?.engine.dispose();
    this.kept = undefined;
  }

  /** A share that is unavailable is not the fault of the photo, or of the files it is painted with. */
  private whenReadable(controls: Controls, work: () => Promise<Outcome>): Promise<Outcome> {
    return retryUntilAvailable(work, {
      when: isReadTrouble,
      report: ({ message }) => this.send({ event: 'waiting', reason: message }),
      signal: controls.dropped.signal,
    });
  }

  /** The engine for this job: the previous one if it is compatible, else a new one. */
  private async engineFor(job: RenderJob, placement: Placement): Promise<Kept> {
    const key = keyOf(job);
    if (this.kept?.key === key) return this.kept;
    await this.dispose();
    const { device, threads = availableParallelism() } = placement;
    const times = new EvaluationTime(device === 'cpu' ? threads : undefined);
    const open = await openEngine(job, placement);
    this.kept = { ...open, statistics: new StatisticsCache(), times, hash: job.network, key };
    return this.kept;
  }
}

/** Jobs with the same key can share an engine. */
const keyOf = (job: Upcoming) =>
  JSON.stringify({ ...optionsFor(job), styleLoss: job.settings.styleLoss, hash: job.network });

const optionsFor = ({ settings, layers }: Pick<Recipe, 'settings' | 'layers'>) => ({
  contentLayers: Object.keys(layers.content),
  styleLayers: Object.keys(layers.style),
  pooling: settings.pooling,
  masks: settings.masks?.length,
});
