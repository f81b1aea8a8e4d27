/** The next picture's inputs are read while another one is painted. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPictureFile } from '../../src/image/file.js';
import { makeRecipe } from '../../src/jobs/recipe.js';
import { Ahead } from '../../src/render/ahead.js';
import { readInputs } from '../../src/render/inputs.js';
import type { RenderJob, Upcoming } from '../../src/render/messages.js';
import { Renderer } from '../../src/render/renderer.js';
import { hashFile } from '../../src/settings/hash.js';
import { parseSettings } from '../../src/settings/settings.js';

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url));
const child = fileURLToPath(new URL('../../dist/render/child.js', import.meta.url));
const mean = [120, 110, 100];
const size = { width: 64, height: 43 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ahead-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function jobOf(source: string, style: string): Promise<Upcoming> {
  const values = { size: 64, scales: 1, iterations: 10, styles: [style], start: 'noise' };
  const recipe = await makeRecipe(parseSettings(values, 'test'));
  return { ...recipe, source, sourceHash: await hashFile(source) };
}

it('are the same that would be read in their turn, and there once', async () => {
  const job = await jobOf(sample('rocket'), sample('coffee'));
  const ahead = new Ahead();
  expect(await ahead.take(job, size)).toBeUndefined();
  ahead.prepare(job, mean);
  const inputs = await ahead.take(job, size);
  expect(inputs).toEqual(await readInputs(await readPictureFile(job.source), job, size, mean));
  expect(await ahead.take(job, size)).toBeUndefined();
});

it('are of no use to another job, at another size, or when the photo was replaced meanwhile', async () => {
  const photo = join(folder, 'photo.jpg');
  await copyFile(sample('rocket'), photo);
  const job = await jobOf(photo, sample('coffee'));
  const ahead = new Ahead();
  ahead.prepare(job, mean);
  const settings = { ...job.settings, size: 65 };
  expect(await ahead.take({ ...job, settings }, { width: 65, height: 43 })).toBeUndefined();
  ahead.prepare(job, mean);
  expect(await ahead.take(job, { width: 48, height: 32 })).toBeUndefined();
  await copyFile(sample('cat'), photo);
  ahead.prepare(job, mean);
  expect(await ahead.take(job, size)).toBeUndefined();
  await rm(photo);
  ahead.prepare(job, mean);
  expect(await ahead.take(job, size)).toBeUndefined();
});

it('are what the next job of the same process paints with', async () => {
  const style = join(folder, 'style.jpg');
  await copyFile(sample('coffee'), style);
  const [first, next] = await Promise.all(['cat', 'rocket'].map((name) => jobOf(sample(name), style)));
  const rest = { overwrite: true, previews: false, memory: { strict: false } };
  const job = (upcoming: Upcoming, name: string): RenderJob => ({
    ...upcoming,
    ...rest,
    hash: name,
    output: join(folder, name),
    layers: (upcoming as RenderJob).layers,
  });
  const renderer = new Renderer({ engine: 'onnx', device: 'cpu', threads: 1 }, { child });
  try {
    const outcome = await renderer.render(job(first, 'a.png'), ({ type }) => {
      if (type === 'iteration') renderer.prepare(next);
    });
    expect(outcome.type).toBe('done');
    // Whoever reads it now finds that it is not what the recipe says.
    await writeFile(style, 'no picture');
    const outcomes = [];
    for (const name of ['b.png', 'c.png']) outcomes.push(await renderer.render(job(next, name), () => {}));
    expect(outcomes).toMatchObject([{ type: 'done' }, { type: 'failed' }]);
    expect((outcomes[1] as { reason: string }).reason).toMatch(/style\.jpg: has changed since/);
  } finally {
    await renderer.close();
  }
});
