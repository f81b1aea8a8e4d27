/** One job from files to file: decode, iterate, encode, write. It runs in the child process. */
import type { Engine } from '../engine/engine.js';
import { tiledEngine } from '../engine/tiled.js';
import { trimmed } from '../image/bleed.js';
import { preserveColors } from '../image/color.js';
import { sizeWithin } from '../image/decode.js';
import { encode, exifCarrier } from '../image/encode.js';
import { hashOf, readPictureFile } from '../image/file.js';
import { formatOf } from '../image/formats.js';
import type { Picture, Size } from '../image/picture.js';
import { previewPng } from '../image/preview.js';
import { resize } from '../image/resize.js';
import { toXmp } from '../image/xmp.js';
import type { Network } from '../network/weights.js';
import type { RecordedChange } from '../settings/provenance.js';
import { termWeights } from '../settings/settings.js';
import { type Losses, styleMeasures } from '../transfer/losses.js';
import { endOf, planScales } from '../transfer/scales.js';
import type { StatisticsCache } from '../transfer/statistics.js';
import { type Iterate, stylize } from '../transfer/stylize.js';
import { writeWhole } from '../util/atomic-write.js';
import { program } from '../util/program.js';
import { isTransient, retryUntilAvailable } from '../util/transient.js';
import { Checkpointer } from './checkpointer.js';
import type { Controls } from './controls.js';
import { fitToMemory } from './fit.js';
import { contentBounds, readInputs } from './inputs.js';
import type { Ended, Outcome, Progress, RenderJob } from './messages.js';
import type { Prefetch } from './prefetch.js';
import { periodicSnapshotName, snapshotName } from './snapshot.js';
import { Stopwatch } from './stopwatch.js';

/** A preview costs a few milliseconds, and the eye wants no more. */
const previewEvery = 1500;

/** What one painting leaves to the next, with the same engine. */
export interface Between {
  statistics: StatisticsCache;
  ahead: Prefetch;
}

/**
 * Paints a picture and writes it whole or not at all.
 * @throws UserError where an input cannot be used or the output not be written
 */
export async function paint(
  job: RenderJob,
  controls: Controls,
  engine: Engine,
  mean: Network['mean'],
  send: (message: Progress) => void,
  between?: Between,
): Promise<Outcome> {
  const { settings, layers, replay, snapshots } = job;
  formatOf(job.output);
  const photo = await readPictureFile(job.source);
  if (hashOf(photo) !== job.sourceHash) return { type: 'replaced' };
  const warn = (text: string) => send({ type: 'warning', text });
  const asked = await sizeWithin(photo, contentBounds(settings));
  const { size, tile } = await fitToMemory(job, asked, engine.name, warn);
  const inputs = (await between?.ahead.take(job, size)) ?? (await readInputs(photo, job, size, mean));
  const exif = await exifCarrier(photo);
  const { content, alpha, notes, ...others } = inputs;
  for (const text of notes) send({ type: 'note', text });
  const { width, height } = size;
  const weights = { ...termWeights(settings), blend: settings.blend! };
  const { iterations } = settings;
  const scales = planScales(content.width, content.height, settings.scales, iterations).length;
  const { name: engineName, device } = engine;
  send({ type: 'started', width, height, scales, iterations, layers, weights, engine: engineName, device });

  const keeper = new Checkpointer(job, content, warn);
  const saved = await keeper.read();
  if (saved) send({ type: 'resumed', iteration: saved.state.iteration });
  const transfer = {
    ...others,
    content,
    weights,
    layers,
    styleLoss: styleMeasures[settings.styleLoss],
    optimizer: settings.optimizer,
    adam: settings,
    iterations,
    until: settings.until,
    scales: settings.scales,
    statistics: between?.statistics,
    mean,
  };
  const iterates = stylize(tile ? inTiles(engine, tile) : engine, transfer, saved?.state);
  const clock = new Stopwatch(saved?.seconds);
  const history: RecordedChange[] = saved?.history ?? [];
  const replayed = new Map(replay?.history.map(({ iteration, ...change }) => [iteration, change]));
  let latest: Iterate | undefined;
  let shown: Losses | undefined;
  let nextPreview = 0;
  let preview = Promise.resolve();
  while (controls.ending === undefined) {
    const change = latest && (controls.takeChange() ?? replayed.get(latest.iteration));
    if (latest && change) history.push({ iteration: latest.iteration, ...change });
    const { value, done } = await iterates.next(change);
    if (done) break;
    latest = value;
    const { iteration, iterations, plan, scale, scales, losses, weights } = value;
    const time = clock.lap(plan, scale, iteration);
    const painted = plan.scales[scale - 1];
    const cut = bleedAt(painted.width);
    const size = { width: painted.width - 2 * cut, height: painted.height - 2 * cut };
    const scaleEnds = plan.scales.slice(0, -1).map((_, i) => endOf(plan, i));
    send({
      type: 'iteration',
      iteration,
      iterations,
      scale,
      scales,
      scaleEnds,
      ...size,
      ...time,
      losses,
      weights,
    });
    if (job.previews && shown !== value.bestLosses && performance.now() >= nextPreview) {
      await preview;
      shown = value.bestLosses;
      nextPreview = performance.now() + previewEvery;
      preview = sendPreview(value, cut, size);
    }
    if (keeper.isDue(value)) await keeper.keep(value, history, time.seconds);
    await attend(value);
    if (iteration === replay?.iterations) break;
  }
  clock.stop();
  await preview;
  if (latest && !controls.dropped.signal.aborted) {
    if (snapshots) await saveSnapshot(latest);
    const measured = tile ? undefined : between?.ahead.measure(content.width * content.height);
    try {
      await save(latest, job.output, job.overwrite);
    } finally {
      await measured;
    }
  }
  // Asked last: it may have been dropped while it waited for room on the disk.
  if (controls.ending === 'stop') {
    if (latest) await keeper.keep(latest, history, clock.seconds);
    return { type: 'stopped' };
  }
  if (controls.ending === 'skip' || !latest) return { type: 'skipped' };
  const { iteration, bestLosses } = latest;
  return {
    type: 'done',
    output: job.output,
    seconds: clock.seconds,
    iterations: iteration,
    ended: whyEnded(latest),
    losses: bestLosses,
  };

  /** Each tile is told, since a whole picture of them takes longer than anybody is silent. */
  function inTiles({ parts, ...rest }: Engine, pixels: number): Engine {
    if (!parts) throw new Error(`${rest.name} has no parts that pictures can be put together from`);
    return tiledEngine(
      { ...rest, parts },
      {
        contentLayers: Object.keys(layers.content),
        styleLayers: Object.keys(layers.style),
        masks: settings.masks?.length,
        pixels,
        done: (share) => send({ type: 'working', share, seconds: clock.seconds }),
      },
    );
  }

  /** Drawn by other threads, while this one goes on with the next iteration. */
  async function sendPreview({ best }: Iterate, cut: number, size: Size): Promise<void> {
    try {
      send({ type: 'preview', png: await previewPng(await colored(best()), cut), ...size });
    } catch (error) {
      warn(`what there is so far cannot be shown (${(error as Error).message}).`);
    }
  }

  /** Does what is due or was asked between two iterations; returns when the next one may start. */
  async function attend(iterate: Iterate): Promise<void> {
    const { iteration, iterations } = iterate;
    const wasPaused = controls.paused;
    if (wasPaused) send({ type: 'paused', iteration });
    clock.stop();
    if (snapshots && iteration % snapshots.every === 0 && iteration < iterations) await saveSnapshot(iterate);
    while (true) {
      if (controls.snapshot) {
        controls.snapshot = false;
        await saveOnTheWay(iterate, snapshotName(job.output, iteration));
      }
      if (!controls.paused || controls.ending) break;
      await controls.next();
    }
    clock.start();
    if (wasPaused && !controls.ending) send({ type: 'resumed', iteration });
  }

  function saveSnapshot(iterate: Iterate): Promise<void> {
    return saveOnTheWay(iterate, periodicSnapshotName(snapshots!.output, iterate.iteration));
  }

  async function saveOnTheWay(iterate: Iterate, output: string): Promise<void> {
    await save(iterate, output, true);
    send({ type: 'snapshot', iteration: iterate.iteration, output });
  }

  async function save({ best, iteration, bestLosses }: Iterate, path: string, overwrite: boolean) {
    const xmp = toXmp({
      program: `${program.name} ${program.version}`,
      engine: engineName,
      device,
      content: job.source,
      settings,
      files: { ...job.files, [job.source]: job.sourceHash },
      network: job.network,
      iterations: iteration,
      history,
      losses: bestLosses,
      painted: width === asked.width && height === asked.height ? undefined : size,
    });
    if (!xmp) warn('too many changes by hand to write them all into the picture: it carries no recipe.');
    // On the way it may still be at a coarser scale; a picture that is kept has the size that was asked for.
    const painted = await colored(await resize(best(), content.width, content.height));
    const whole = { ...trimmed(painted, settings.bleed), alpha };
    const bytes = await encode(whole, { format: formatOf(path), exif, xmp });
    await write(path, bytes, overwrite, iteration);
  }

  /** Writes a file as soon as that is possible, or not at all where the picture is dropped before. */
  async function write(path: string, bytes: Uint8Array, overwrite: boolean, iteration: number) {
    const { signal } = controls.dropped;
    let waited = false;
    const tell = ({ message }: Error) => {
      waited = true;
      send({ type: 'waiting', reason: message });
    };
    const put = () => writeWhole(path, bytes, { overwrite, within: job.outbox });
    await retryUntilAvailable(put, { when: isTransient, tell, signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (waited && !signal.aborted) send({ type: 'resumed', iteration });
  }

  /** What must be cut off each side of a picture of this width. */
  function bleedAt(paintedWidth: number): number {
    return Math.round((settings.bleed * paintedWidth) / content.width);
  }

  /** The picture in the colors that will be seen: on the way it is the photo that must be brought to the picture's size. */
  async function colored(picture: Picture): Promise<Picture> {
    if (!settings.preserveColors) return picture;
    return preserveColors(picture, await resize(content, picture.width, picture.height));
  }
}

/** A painting that could have gone on was taken as it was. */
function whyEnded({ iteration, iterations, scale, scales, stoppedEarly }: Iterate): Ended {
  if (stoppedEarly && scale === scales) return 'until';
  return iteration === iterations ? 'iterations' : 'accepted';
}
