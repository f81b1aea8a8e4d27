/** Paints one job, from its input files to the output: decode, iterate, encode, write. Runs in the child process. */
import type { Engine } from '../engine/engine.js';
import { tiledEngine } from '../engine/tiled.js';
import { sizeWithin } from '../image/decode.js';
import { hashOf, readPictureFile } from '../image/file.js';
import { formatOf } from '../image/formats.js';
import { readPhotoMetadata } from '../image/photo-metadata.js';
import type { Network } from '../network/weights.js';
import { printName } from '../settings/print-size.js';
import type { RecordedChange } from '../settings/provenance.js';
import { adamOptions, type Settings, termWeights } from '../settings/settings.js';
import { styleMeasures } from '../transfer/losses.js';
import { endOf, planScales } from '../transfer/scales.js';
import type { StatisticsCache } from '../transfer/statistics.js';
import { type Iterate, stylize, type Transfer, type TransferChange } from '../transfer/stylize.js';
import { Checkpointer } from './checkpointer.js';
import type { Controls } from './controls.js';
import type { EvaluationTime } from './evaluation-time.js';
import { fitToMemory } from './fit.js';
import { laterIterations, type TakenOver, takeOver } from './former.js';
import { contentBounds, type Inputs, readInputs } from './inputs.js';
import type { Ended, Outcome, Progress, RenderJob } from './messages.js';
import { OutputWriter } from './output-writer.js';
import type { Prefetch } from './prefetch.js';
import { Previewer } from './previewer.js';
import { partialName, periodicSnapshotName, snapshotName } from './snapshot.js';
import { Stopwatch } from './stopwatch.js';
import { leastSteps, stepsWithin } from './time-budget.js';

/** State shared by consecutive paintings with the same engine. */
export interface Shared {
  statistics: StatisticsCache;
  prefetch: Prefetch;
  times: EvaluationTime;
}

/**
 * Paints a picture and writes it atomically.
 * @throws UserError if an input cannot be used or the output cannot be written
 */
export async function paint(
  job: RenderJob,
  controls: Controls,
  engine: Engine,
  mean: Network['mean'],
  send: (message: Progress) => void,
  shared: Shared,
): Promise<Outcome> {
  const { settings, layers, replay } = job;
  const { name: engineName, device } = engine;
  const warn = (text: string) => send({ type: 'warning', text });
  formatOf(job.output);
  const photo = await readPictureFile(job.source);
  if (hashOf(photo) !== job.sourceHash) return { type: 'replaced' };
  const asked = await sizeWithin(photo, contentBounds(settings));
  const { size, tile } = await fitToMemory(job, asked, engineName, warn);
  const inputs = (await shared.prefetch.take(job, size)) ?? (await readInputs(photo, job, size, mean));
  const { content, alpha } = inputs;
  if (inputs.flaw) warn(inputs.flaw);
  const note = (text: string) => send({ type: 'note', text });
  for (const text of inputs.notes) note(text);
  const taken = job.former && (await takeOver({ ...job, former: job.former }, inputs, note));
  const transfer = {
    ...transferOf(job, inputs, mean, shared.statistics),
    ...(taken && laterFrame(taken, settings)),
  };
  const { weights, iterations } = transfer;
  const scales = planScales(content.width, content.height, transfer.scales, iterations).length;
  const { printSize } = settings;
  const print = printSize === undefined ? undefined : printName(printSize, size);
  send({ event: 'started', ...size, print, scales, iterations, layers, weights, engine: engineName, device });

  const checkpointer = new Checkpointer(
    taken ? { ...job, hash: `${job.hash} ${Object.values(taken.files).join(' ')}` } : job,
    content,
    warn,
  );
  const saved = await checkpointer.read();
  if (saved) send({ event: 'resumed', iteration: saved.state.iteration });
  const clock = new Stopwatch(shared.times, saved?.seconds);
  const history: RecordedChange[] = saved?.history ?? [];
  const painted = size.width === asked.width && size.height === asked.height ? undefined : size;
  const metadata = await readPhotoMetadata(photo, job.stripLocation ?? false);
  for (const text of metadata.losses) warn(text);
  const materials = { content, alpha, photo: metadata, engine: engineName, device, painted, history, taken };
  const writer = new OutputWriter(job, materials, controls.dropped.signal, send);
  const previewer = new Previewer(job, content, send);
  const iterates = stylize(tile ? inTiles(engine, job, tile, clock, send) : engine, transfer, saved?.state);
  const replayed = new Map(replay?.history.map(({ iteration, ...change }) => [iteration, change]));
  const plannedFor = timePlanner(job, controls, shared.times, send);
  let latest: Iterate | undefined;
  while (controls.ending === undefined) {
    const byHand = latest && controls.takeChange();
    // From then on, the user says how long it takes.
    if (byHand?.iterations) controls.deadline = undefined;
    const change = latest && (byHand ?? replayed.get(latest.iteration) ?? plannedFor(latest));
    if (latest && change) history.push({ iteration: latest.iteration, ...change });
    const { value, done } = await iterates.next(change);
    if (done) break;
    latest = value;
    const { iteration, plan, scale } = value;
    const time = clock.lap(plan, scale, iteration);
    const { width, height } = plan.scales[scale - 1];
    const bleed = Math.round((settings.bleed * width) / content.width);
    const inside = { width: width - 2 * bleed, height: height - 2 * bleed };
    send({ event: 'iteration', ...progressOf(value), ...inside, ...time, change: controls.lastChange });
    await previewer.show(value, bleed, inside);
    if (checkpointer.isDue(value)) await checkpointer.keep(value, history, time.seconds);
    await handleControls(value, job, { controls, clock, writer, send });
    if (iteration === replay?.iterations) break;
  }
  clock.stop();
  await previewer.done();
  let { output } = job;
  if (latest && !controls.dropped.signal.aborted) {
    if (job.snapshots) await savePeriodic(latest, job, writer);
    const measured = tile ? undefined : shared.prefetch.measure(content.width * content.height);
    try {
      output = await writer.save(latest, output, job.overwrite);
    } finally {
      await measured;
    }
  }
  // Checked last, since the picture may have been abandoned while waiting for disk space.
  if (controls.ending === 'stop') {
    if (latest) await checkpointer.keep(latest, history, clock.seconds);
    if (job.keepsPartial && latest && latest.iteration > 0) {
      // Not with the signal of an abandoned picture, which would skip writing.
      const partial = new OutputWriter(job, materials, new AbortController().signal, send);
      await partial.snapshot(latest, partialName(job.output));
    }
    return { type: 'stopped' };
  }
  if (controls.ending === 'skip' || !latest) return { type: 'skipped' };
  return {
    type: 'done',
    output,
    seconds: clock.seconds,
    iterations: latest.iteration,
    ended: whyEnded(latest),
    losses: latest.bestLosses,
  };
}

/** The transfer of a recipe and its pictures, which were read by readInputs(). */
export function transferOf(
  job: Pick<RenderJob, 'settings' | 'layers' | 'snapshots' | 'replay'>,
  { content, styles, masks, initial, detail, targets }: Inputs,
  mean: Network['mean'],
  statistics: StatisticsCache | undefined,
): Transfer {
  const { settings, layers } = job;
  return {
    ...{ content, styles, masks, initial, detail, targets },
    weights: { ...termWeights(settings), blend: settings.blend! },
    layers,
    styleLoss: styleMeasures[settings.styleLoss],
    optimizer: settings.optimizer,
    adam: adamOptions(settings),
    iterations: settings.iterations,
    until: settings.until,
    scales: settings.scales,
    statistics,
    mean,
    stepsUnseen: stepsUnseen(job),
  };
}

/** Steps until a snapshot is due, or until what is replayed changes or ends. */
function stepsUnseen({ snapshots, replay }: Pick<RenderJob, 'snapshots' | 'replay'>) {
  const changes = replay ? [...replay.history.map(({ iteration }) => iteration), replay.iterations] : [];
  return (iteration: number): number => {
    const toSnapshot = snapshots ? snapshots.every - (iteration % snapshots.every) : Infinity;
    return Math.min(toSnapshot, ...changes.map((at) => at - iteration).filter((steps) => steps > 0));
  };
}

/** A frame that begins with the painting of the one before has less to do. */
const laterFrame = ({ former }: TakenOver, { iterations }: Settings): Partial<Transfer> => ({
  former,
  iterations: laterIterations(iterations),
});

/** Reports each tile, since an evaluation takes longer than the watchdog's patience. */
function inTiles(
  { parts, ...rest }: Engine,
  { settings, layers }: RenderJob,
  pixels: number,
  clock: Stopwatch,
  send: (message: Progress) => void,
): Engine {
  if (!parts) throw new Error(`${rest.name} cannot paint in tiles`);
  return tiledEngine(
    { ...rest, parts },
    {
      contentLayers: Object.keys(layers.content),
      styleLayers: Object.keys(layers.style),
      masks: settings.masks?.length,
      pixels,
      done: (share) => send({ event: 'working', share, seconds: clock.seconds }),
    },
  );
}

/** Seconds that it takes to encode and write a painting, per pixel. */
const secondsToFinish = 0.5e-6;

/** Returns a function that is called between two evaluations, and changes the plan if it does not fit the time allowed. */
function timePlanner(
  { settings }: RenderJob,
  controls: Controls,
  times: EvaluationTime,
  send: (message: Progress) => void,
) {
  const least = Math.min(leastSteps, settings.iterations);
  return (iterate: Iterate): TransferChange | undefined => {
    const { plan, iteration, stoppedEarly } = iterate;
    // Any change would keep a scale from ending early.
    if (controls.deadline === undefined || stoppedEarly) return undefined;
    const { width, height } = plan.scales.at(-1)!;
    const now = performance.now();
    const seconds = (controls.deadline - now) / 1000 - secondsToFinish * width * height;
    const iterations = stepsWithin(seconds, iterate, times, least);
    if (iterations === undefined) return undefined;
    if (iterations === plan.begun + least && iterations > iteration)
      send({ type: 'note', text: `There is too little time for ${least} evaluations: it takes longer.` });
    return { iterations };
  };
}

const progressOf = ({ iteration, iterations, plan, scale, scales, losses, weights }: Iterate) => ({
  iteration,
  iterations,
  scale,
  scales,
  scaleEnds: plan.scales.slice(0, -1).map((_, i) => endOf(plan, i)),
  losses,
  weights,
});

interface Loop {
  controls: Controls;
  clock: Stopwatch;
  writer: OutputWriter;
  send(message: Progress): void;
}

/** Saves snapshots and handles requests between two iterations; returns when the next one may start. */
async function handleControls(iterate: Iterate, job: RenderJob, { controls, clock, writer, send }: Loop) {
  const { iteration, iterations } = iterate;
  const { snapshots } = job;
  const wasPaused = controls.paused;
  if (wasPaused) send({ event: 'paused', iteration });
  clock.stop();
  const stopped = performance.now();
  if (snapshots && iteration % snapshots.every === 0 && iteration < iterations)
    await savePeriodic(iterate, job, writer);
  while (true) {
    if (controls.snapshot) {
      controls.snapshot = false;
      await writer.snapshot(iterate, snapshotName(job.output, iteration));
    }
    if (!controls.paused || controls.ending) break;
    await controls.next();
  }
  clock.start();
  if (wasPaused && controls.deadline !== undefined) controls.deadline += performance.now() - stopped;
  if (wasPaused && !controls.ending) send({ event: 'resumed', iteration });
}

const savePeriodic = (iterate: Iterate, { snapshots }: RenderJob, writer: OutputWriter) =>
  writer.snapshot(iterate, periodicSnapshotName(snapshots!.output, iterate.iteration));

/** If iterations remain and the loss still fell, the user accepted the picture. */
function whyEnded({ iteration, iterations, scale, scales, stoppedEarly }: Iterate): Ended {
  if (stoppedEarly && scale === scales) return 'until';
  return iteration === iterations ? 'iterations' : 'accepted';
}
