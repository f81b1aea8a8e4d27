/** The next picture's inputs are read while another one is painted, and its targets measured. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeRecipe } from '../../src/app/recipe.js';
import { createEngine } from '../../src/engine/create.js';
import type { Engine } from '../../src/engine/engine.js';
import { readPictureFile } from '../../src/image/file.js';
import { loadNetwork } from '../../src/network/weights.js';
import { Controls } from '../../src/render/controls.js';
import { EvaluationTime } from '../../src/render/evaluation-time.js';
import { readInputs } from '../../src/render/inputs.js';
import type { RenderJob, Upcoming } from '../../src/render/messages.js';
import { paint } from '../../src/render/paint.js';
import { Prefetch } from '../../src/render/prefetch.js';
import { Renderer } from '../../src/render/renderer.js';
import { parseSettings } from '../../src/settings/settings.js';
import { styleMeasures } from '../../src/transfer/losses.js';
import { StatisticsCache } from '../../src/transfer/statistics.js';
import { hashFile } from '../../src/util/hash.js';

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url));
const child = fileURLToPath(new URL('../../dist/render/child.js', import.meta.url));
const mean = [120, 110, 100] as const;
const placement = { engine: 'onnx', device: 'cpu', threads: 1 } as const;
const size = { width: 64, height: 43 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ahead-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function jobOf(source: string, style: string, more = {}): Promise<Upcoming> {
  const values = { size: 64, scales: 1, iterations: 10, styles: [style], start: 'noise', ...more };
  const recipe = await makeRecipe(parseSettings(values, 'test'));
  return { ...recipe, source, sourceHash: await hashFile(source) };
}

const rendering = (upcoming: Upcoming, name: string): RenderJob => ({
  ...upcoming,
  hash: name,
  output: join(folder, name),
  overwrite: true,
  previews: false,
  memory: { strict: false },
});

it('are the same that would be read in their turn, and there once', async () => {
  const job = await jobOf(sample('rocket'), sample('coffee'));
  const prefetch = new Prefetch();
  expect(await prefetch.take(job, size)).toBeUndefined();
  prefetch.start(job, mean);
  const inputs = await prefetch.take(job, size);
  expect(inputs).toEqual(await readInputs(await readPictureFile(job.source), job, size, mean));
  expect(await prefetch.take(job, size)).toBeUndefined();
});

it('are of no use to another job, at another size, or when the photo was replaced meanwhile', async () => {
  const photo = join(folder, 'photo.jpg');
  await copyFile(sample('rocket'), photo);
  const job = await jobOf(photo, sample('coffee'));
  const prefetch = new Prefetch();
  prefetch.start(job, mean);
  const settings = { ...job.settings, size: 65 };
  expect(await prefetch.take({ ...job, settings }, { width: 65, height: 43 })).toBeUndefined();
  prefetch.start(job, mean);
  expect(await prefetch.take(job, { width: 48, height: 32 })).toBeUndefined();
  await copyFile(sample('cat'), photo);
  prefetch.start(job, mean);
  expect(await prefetch.take(job, size)).toBeUndefined();
  await rm(photo);
  prefetch.start(job, mean);
  expect(await prefetch.take(job, size)).toBeUndefined();
});

it('are what the next job of the same process paints with', async () => {
  const style = join(folder, 'style.jpg');
  await copyFile(sample('coffee'), style);
  const [first, next] = await Promise.all(['cat', 'rocket'].map((name) => jobOf(sample(name), style)));
  const renderer = new Renderer(placement, { child });
  try {
    const outcome = await renderer.render(rendering(first, 'a.png'), (progress) => {
      if ('event' in progress && progress.event === 'iteration') renderer.prefetch(next);
    });
    expect(outcome.type).toBe('done');
    // Whoever reads it now finds that it is not what the recipe says.
    await writeFile(style, 'no picture');
    const outcomes = [];
    for (const name of ['b.png', 'c.png'])
      outcomes.push(await renderer.render(rendering(next, name), () => {}));
    expect(outcomes).toMatchObject([{ type: 'done' }, { type: 'failed' }]);
    expect((outcomes[1] as { reason: string }).reason).toMatch(/style\.jpg: has changed since/);
  } finally {
    await renderer.close();
  }
});

it('are measured once they are read, unless that could take more memory than the picture before', async () => {
  const job = await jobOf(sample('rocket'), sample('coffee'), {
    size: 150,
    scales: 2,
    iterations: 4,
    bleed: 0,
  });
  const network = await loadNetwork();
  const [contentLayers, styleLayers] = [job.layers.content, job.layers.style].map(Object.keys);
  const { pooling, styleLoss: name } = job.settings;
  const styleLoss = styleMeasures[name];
  const whole = await createEngine(placement, { network, contentLayers, styleLayers, styleLoss, pooling });
  let asked = 0;
  const engine: Engine = {
    ...whole,
    features(image) {
      if (asked++ === 0) throw new Error('not this time');
      return whole.features(image);
    },
  };
  const statistics = new StatisticsCache();
  const prefetch = new Prefetch();
  const painted = async (name: string) => {
    const times = new EvaluationTime(1);
    const shared = { statistics: new StatisticsCache(), prefetch, times };
    const controls = new Controls();
    const outcome = await paint(rendering(job, name), controls, engine, network.mean, () => {}, shared);
    expect(outcome.type).toBe('done');
    return readFile(join(folder, name));
  };
  prefetch.start(job, network.mean, { engine, statistics });
  // What goes wrong is tried again in its turn, and is no other picture's concern.
  await vi.waitFor(async () => {
    await prefetch.measure(150 * 150);
    expect(asked).toBe(1);
  });
  await prefetch.measure(50 * 50);
  expect(asked).toBe(1);
  await prefetch.measure(150 * 150);
  // Photo and style, at two scales.
  expect(asked).toBe(5);
  const first = await painted('measured.png');
  expect(asked).toBe(5);
  expect((await painted('in-its-turn.png')).equals(first)).toBe(true);
  expect(asked).toBe(9);
  await whole.dispose();
});

it('are measured by the engine that will paint', async () => {
  const photo = sample('cat');
  const [first, next] = await Promise.all(
    [
      { pooling: 'avg', iterations: 25 },
      { pooling: 'max', iterations: 2 },
    ].map((more) => jobOf(photo, sample('coffee'), more)),
  );
  const renderer = new Renderer(placement, { child });
  const painted = async (job: Upcoming, upcoming = job) => {
    const outcome = await renderer.render(rendering(job, 'out.png'), (progress) => {
      if ('event' in progress && progress.event === 'iteration' && upcoming !== job)
        renderer.prefetch(upcoming);
    });
    expect(outcome.type).toBe('done');
    return readFile(join(folder, 'out.png'));
  };
  try {
    const alone = await painted(next);
    await painted(first, next);
    expect((await painted(next)).equals(alone)).toBe(true);
  } finally {
    await renderer.close();
  }
});
