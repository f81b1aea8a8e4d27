/** One job from files to file: decode, iterate, encode, write. It runs in the child process. */
import { basename, dirname, extname, join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import { decode } from '../image/decode.js';
import { encode } from '../image/encode.js';
import { formatOf } from '../image/formats.js';
import type { Picture } from '../image/picture.js';
import { previewPng } from '../image/preview.js';
import { writeWhole } from '../image/write.js';
import type { Pooling } from '../network/vgg19.js';
import type { Network } from '../network/weights.js';
import type { Settings } from '../settings/settings.js';
import { normaliseBlend } from '../transfer/blend.js';
import { equalShares } from '../transfer/losses.js';
import { noise } from '../transfer/noise.js';
import { planScales } from '../transfer/scales.js';
import { type Iterate, stylize } from '../transfer/stylize.js';
import type { Controls } from './controls.js';
import type { Outcome, Progress, RenderJob } from './messages.js';
import { Stopwatch } from './stopwatch.js';

/** Where content and style are measured: Gatys et al. 2015, and the ancestor. */
export const contentLayers = ['relu4_2'];
export const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

/** A preview costs a few milliseconds, and the eye wants no more. */
const previewEvery = 1500;

export type MakeEngine = (pooling: Pooling, threads?: number) => Promise<Engine>;

/**
 * Paints a picture and writes it whole or not at all.
 * @throws UserError where an input cannot be used or the output not be written
 */
export async function paint(
  job: RenderJob,
  controls: Controls,
  makeEngine: MakeEngine,
  mean: Network['mean'],
  send: (message: Progress) => void,
): Promise<Outcome> {
  const { settings } = job;
  const format = formatOf(job.output);
  const content = await decode(job.source, { longest: settings.size });
  const styles = await decodeStyles(job.styles, settings, content.width);
  const { width, height } = content;
  const plan = planScales(width, height, settings.scales, settings.iterations);
  const weights = {
    content: settings.contentWeight,
    style: settings.styleWeight,
    tv: settings.tvWeight,
    blend: normaliseBlend(settings.blend, styles.length),
  };
  const engine = await makeEngine(settings.pooling, job.threads);
  const { iterations } = settings;
  const scales = plan.length;
  send({
    type: 'started',
    width,
    height,
    scales,
    iterations,
    weights,
    engine: engine.name,
    device: engine.device,
  });

  const iterates = stylize(engine, {
    content,
    styles,
    initial: settings.start === 'noise' ? noise(width, height, mean, settings.seed) : undefined,
    weights,
    layers: { content: equalShares(contentLayers), style: equalShares(styleLayers) },
    optimizer: settings.optimizer,
    learningRate: settings.learningRate,
    iterations,
    scales: settings.scales,
    mean,
  });
  const save = async (picture: Picture, path: string, overwrite: boolean) => {
    const whole = { ...picture, alpha: content.alpha };
    await writeWhole(path, await encode(whole, { format, metadataFrom: job.source }), { overwrite });
  };

  const clock = new Stopwatch(plan);
  let latest: Iterate | undefined;
  let shown: Picture | undefined;
  let nextPreview = 0;
  while (controls.ending === undefined) {
    const { value, done } = await iterates.next(controls.takeWeights());
    if (done) break;
    latest = value;
    const { iteration, scale, losses } = value;
    const { seconds, secondsLeft } = clock.lap(scale, iteration);
    const size = { width: plan[scale - 1].width, height: plan[scale - 1].height };
    const { weights } = value;
    send({
      type: 'iteration',
      iteration,
      iterations,
      scale,
      scales,
      ...size,
      seconds,
      secondsLeft,
      losses,
      weights,
    });
    if (job.previews && shown !== value.best && performance.now() >= nextPreview) {
      shown = value.best;
      nextPreview = performance.now() + previewEvery;
      send({ type: 'preview', png: await previewPng(value.best), ...size });
    }
    await attend(value);
  }
  if (controls.ending === 'skip' || !latest) return { type: 'skipped' };
  await save(latest.best, job.output, job.overwrite);
  const { iteration, bestLosses } = latest;
  return {
    type: 'done',
    output: job.output,
    seconds: clock.seconds,
    iterations: iteration,
    losses: bestLosses,
  };

  /** Does what was asked between two iterations; returns when the next one may start. */
  async function attend({ iteration, best }: Iterate): Promise<void> {
    const wasPaused = controls.paused;
    if (wasPaused) send({ type: 'paused', iteration });
    clock.stop();
    while (true) {
      if (controls.snapshot) {
        controls.snapshot = false;
        const output = snapshotPath(job.output, iteration);
        await save(best, output, true);
        send({ type: 'checkpoint', iteration, output });
      }
      if (!controls.paused || controls.ending) break;
      await controls.change();
    }
    clock.start();
    if (wasPaused && !controls.ending) send({ type: 'resumed', iteration });
  }
}

/** Style pictures keep their aspect ratio and are as wide as the content times their scale. */
async function decodeStyles(files: readonly string[], settings: Settings, width: number): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const [i, file] of files.entries()) {
    const scale = settings.styleScales[i] ?? settings.styleScales[0];
    pictures.push(await decode(file, { width: Math.max(32, Math.round(width * scale)) }));
  }
  return pictures;
}

/** beach.jpg → beach.at-40.jpg: beside the output, and named for its iteration. */
function snapshotPath(output: string, iteration: number): string {
  const extension = extname(output);
  return join(dirname(output), `${basename(output, extension)}.at-${iteration}${extension}`);
}
