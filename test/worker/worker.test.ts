/** The worker loop with a real queue and real painting processes, on small pictures. */
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Persistence } from '#dist/queue/persistence.js';
import { JobStore } from '#dist/queue/store.js';
import { Renderer } from '#dist/render/renderer.js';
import { Worker, type WorkerOptions } from '#dist/worker/worker.js';
import { makeRecipe } from '../../src/app/recipe.js';
import type { PaintEvent } from '../../src/render/events.js';
import type { Recipe } from '../../src/settings/recipe.js';
import { parseSettings } from '../../src/settings/settings.js';
import { hashFile } from '../../src/util/hash.js';
import { cat, wave } from '../e2e/program.js';

let folder: string;
let store: JobStore;
let events: PaintEvent[];
let messages: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-'));
  store = new JobStore(':memory:');
  events = [];
  messages = [];
  store.queue.subscribe({ event: (event) => void events.push(event), preview: () => {} });
});
afterEach(() => {
  vi.restoreAllMocks();
  store.close();
});

const settings = { size: 64, scales: 1, iterations: 4, styles: [wave] };
const recipe = await makeRecipe(parseSettings(settings, 'test'));
/** Takes longer than a test needs to say something meanwhile. */
const long = () => makeRecipe(parseSettings({ ...settings, iterations: 5000 }, 'test'));
const slot = { engine: 'onnx', device: 'cpu', threads: 1 } as const;

/** Photos that differ, in the queue. */
const add = (...names: string[]) => addWith(recipe, ...names);

async function addWith(recipe: Recipe, ...names: string[]): Promise<void> {
  for (const [i, name] of names.entries()) {
    const source = join(folder, name);
    await writeFile(
      source,
      await sharp(cat)
        .resize(64)
        .modulate({ hue: 20 * i })
        .png()
        .toBuffer(),
    );
    await store.queue.add({ source, sourceHash: await hashFile(source), recipe });
  }
}

function open(options: Partial<WorkerOptions> = {}): Worker {
  const stopped = new AbortController();
  const note = (text: string) => void messages.push(text);
  return new Worker({
    queue: store.queue,
    persistence: new Persistence({ tell: note, stopped: stopped.signal }),
    messages: { message: note, note },
    stopped,
    outputFor: ({ source }) =>
      store.freeOutput(join(folder, basename(source).replace('.png', '-painted.png'))),
    strictSize: false,
    previews: false,
    placements: [slot],
    ...options,
  });
}

const of = (wanted: PaintEvent['event']) => events.filter(({ event }) => event === wanted);

it('paints what is there and ends, or waits for more and says that it rests', async () => {
  await add('a.png');
  const once = open();
  once.finish();
  await once.run();
  expect(of('done')).toMatchObject([{ source: join(folder, 'a.png') }]);
  expect(await readdir(folder)).toContain('a-painted.png');
  expect(of('idle')).toEqual([]);

  const lasting = open({ longRunning: true });
  const running = lasting.run();
  await vi.waitFor(() => expect(of('idle')).toHaveLength(1), 5000);
  expect(lasting.isIdle).toBe(true);
  await add('b.png');
  store.queue.publish({ event: 'queued', time: '', job: 2, source: 'b' });
  await vi.waitFor(() => expect(of('done')).toHaveLength(2), 60_000);
  await lasting.stop();
  await running;
});

it('fails a job whose rendering throws, instead of putting it back for ever', async () => {
  await add('a.png');
  vi.spyOn(Renderer.prototype, 'render').mockRejectedValue(new Error('could not be cloned'));
  const worker = open();
  worker.finish();
  await worker.run();
  expect(of('failed')).toMatchObject([{ reason: 'could not be cloned' }]);
  expect(await store.queue.list()).toEqual([]);
});

it('has each slot read another of the next jobs', async () => {
  await add('a.png', 'b.png', 'c.png', 'd.png');
  const prefetch = vi.spyOn(Renderer.prototype, 'prefetch');
  const worker = open({ placements: [slot, slot] });
  worker.finish();
  await worker.run();
  expect(of('done')).toHaveLength(4);
  const first = prefetch.mock.calls.slice(0, 2).map(([job]) => job.source);
  expect(new Set(first).size).toBe(2);
});

it('puts back what is under way when it is stopped, where it was', async () => {
  await addWith(await long(), 'a.png', 'b.png');
  const worker = open();
  const running = worker.run();
  await vi.waitFor(() => expect(of('started')).toHaveLength(1), 60_000);
  await worker.stop();
  await running;
  expect((await store.queue.peek(2)).map(({ source }) => source.slice(-5))).toEqual(['a.png', 'b.png']);
});

it('begins a picture anew with another recipe, at once', async () => {
  const slow = await long();
  await addWith(slow, 'a.png');
  await add('b.png');
  const worker = open();
  worker.finish();
  const running = worker.run();
  await vi.waitFor(() => expect(of('started')).toHaveLength(1), 60_000);
  const other = await makeRecipe(parseSettings({ ...settings, iterations: 2 }, 'test'));
  worker.repaint(1, { ...other, asked: slow.hash });
  await running;
  expect(of('done')).toMatchObject([
    { job: 1, iterations: 2 },
    { job: 2, iterations: 4 },
  ]);
});
