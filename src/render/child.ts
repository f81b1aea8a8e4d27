/**
 * The child process: paints jobs one after the other and keeps its engine between them. It exits with its parent, which
 * alone handles signals from the terminal.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createEngine } from '../engine/create.js';
import type { Engine } from '../engine/engine.js';
import type { Placement } from '../engine/placement.js';
import { plainReason } from '../engine/reason.js';
import { loadNetwork, type Network } from '../network/weights.js';
import { styleMeasures } from '../transfer/losses.js';
import { StatisticsCache } from '../transfer/statistics.js';
import { UserError } from '../util/errors.js';
import { isReadTrouble, retryUntilAvailable } from '../util/transient.js';
import { Controls } from './controls.js';
import { EvaluationTime } from './evaluation-time.js';
import { isAboutMemory } from './exit-reason.js';
import { InputUnavailable } from './inputs.js';
import type { FromChild, Outcome, RenderJob, ToChild, Upcoming } from './messages.js';
import { paint } from './paint.js';
import { Prefetch } from './prefetch.js';

let controls = new Controls();
const prefetch = new Prefetch();
interface Kept {
  engine: Engine;
  mean: Network['mean'];
  statistics: StatisticsCache;
  times: EvaluationTime;
  /** SHA-256 of the network's weight file. */
  hash: string;
  key: string;
}

let kept: Kept | undefined;

process.on('message', (message: ToChild) => {
  if (message.type === 'render') void render(message);
  else if (message.type === 'prefetch') startPrefetch(message.job);
  else controls.apply(message);
});
process.on('disconnect', () => process.exit());
// If the machine runs out of memory, the kernel should kill this process, since the parent can start another.
writeFile('/proc/self/oom_score_adj', '500').catch(() => {});
// Ctrl-C reaches every process of the terminal; the parent handles it.
process.on('SIGINT', () => {});

interface Task {
  job: RenderJob;
  placement: Placement;
}

async function render(task: Task): Promise<void> {
  controls = new Controls();
  const { within } = task.job;
  if (within !== undefined) controls.apply({ type: 'within', seconds: within });
  send(await outcome(task));
}

async function outcome({ job, placement }: Task): Promise<Outcome> {
  try {
    return await whenReadable(async () => {
      const { engine, mean, statistics, times } = await engineFor(job, placement);
      return paint(job, controls, engine, mean, send, { statistics, prefetch, times });
    });
  } catch (error) {
    if (controls.dropped.signal.aborted) return { type: controls.ending === 'stop' ? 'stopped' : 'skipped' };
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

/** A share that is unavailable is not the fault of the photo, or of the files it is painted with. */
async function whenReadable(work: () => Promise<Outcome>): Promise<Outcome> {
  return retryUntilAvailable(work, {
    when: isReadTrouble,
    report: ({ message }) => send({ event: 'waiting', reason: message }),
    signal: controls.dropped.signal,
  });
}

/** Only if the job uses the loaded network, since reading the inputs needs its mean. */
function startPrefetch(job: Upcoming): void {
  if (kept?.hash === job.network) prefetch.start(job, kept.mean, kept.key === keyOf(job) ? kept : undefined);
}

/** The engine for this job: the previous one if it is compatible, else a new one. */
async function engineFor(job: RenderJob, placement: Placement): Promise<Kept> {
  const { settings, network: hash } = job;
  const key = keyOf(job);
  if (kept?.key === key) return kept;
  await kept?.engine.dispose();
  kept = undefined;
  const network = await loadNetwork(settings.network, hash);
  const styleLoss = styleMeasures[job.settings.styleLoss];
  const engine = await createEngine(placement, { ...optionsFor(job), styleLoss, network });
  const { device, threads = availableParallelism() } = placement;
  const times = new EvaluationTime(device === 'cpu' ? threads : undefined);
  kept = { engine, mean: network.mean, statistics: new StatisticsCache(), times, hash, key };
  return kept;
}

/** Jobs with the same key can share an engine. */
const keyOf = (job: Upcoming) =>
  JSON.stringify({ ...optionsFor(job), styleLoss: job.settings.styleLoss, hash: job.network });

const optionsFor = ({ settings, layers }: Upcoming) => ({
  contentLayers: Object.keys(layers.content),
  styleLayers: Object.keys(layers.style),
  pooling: settings.pooling,
  masks: settings.masks?.length,
});

function send(message: FromChild): void {
  process.send?.(message);
}
