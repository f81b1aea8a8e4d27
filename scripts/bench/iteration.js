/** What the program does besides evaluating, in its own painting loop; and how long it takes to come to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { createEngine } from '../../dist/engine/create.js';
import { makeRecipe } from '../../dist/jobs/recipe.js';
import { loadNetwork } from '../../dist/network/weights.js';
import { Controls } from '../../dist/render/controls.js';
import { paint } from '../../dist/render/paint.js';
import { hashFile } from '../../dist/settings/hash.js';
import { settingsSchema } from '../../dist/settings/settings.js';
import { answer, apart } from './apart.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const photo = here('../../samples/coffee.jpg');
export const painting = here('../../presets/styles/starry-night.jpg');

const optionsFor = (network, layers) => ({
  network,
  contentLayers: Object.keys(layers.content),
  styleLayers: Object.keys(layers.style),
  pooling: 'max',
});

/** A picture of 512 pixels in one scale, with previews, messages and states: the share that is not evaluation. */
export async function iteration(threads, say) {
  const share = await measured('iteration', threads);
  say(`an iteration at 512 pixels: ${(100 * share).toFixed(1)} % of it outside the evaluation`);
  return { share };
}

/** Reading the network and building the engine; and what the first evaluation takes longer than the second. */
export async function start(threads, say) {
  const seconds = await measured('start', threads);
  const total = seconds.network + seconds.targets + seconds.evaluation;
  say(
    `start ${total.toFixed(2)} s: network ${seconds.network.toFixed(2)}, engine ${seconds.targets.toFixed(2)} for targets and ${seconds.evaluation.toFixed(2)} for painting`,
  );
  return { seconds, total };
}

const measured = (part, threads) =>
  apart(here('iteration.js'), { part, placement: { engine: 'onnx', device: 'cpu', threads } });

async function shareOutsideEvaluations(placement) {
  const settings = settingsSchema.parse({ styles: [painting], width: 512, iterations: 25, scales: 1 });
  const recipe = await makeRecipe(settings);
  const network = await loadNetwork();
  const engine = await createEngine(placement, optionsFor(network, recipe.layers));
  let evaluating = 0;
  const timed = {
    ...engine,
    async evaluate(...args) {
      const start = performance.now();
      const evaluation = await engine.evaluate(...args);
      evaluating += performance.now() - start;
      return evaluation;
    },
  };
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const job = {
    ...recipe,
    source: photo,
    sourceHash: await hashFile(photo),
    output: join(folder, 'out.jpg'),
    state: join(folder, 'out.state'),
    overwrite: true,
    previews: true,
    memory: { strict: true },
  };
  // From the first iteration on, so that the history is full for most; what is done once is not an iteration's.
  let begun;
  let ended;
  const send = (message) => {
    serialize(message);
    if (message.type !== 'iteration') return;
    if (begun === undefined) evaluating = 0;
    begun ??= performance.now();
    ended = { at: performance.now(), evaluating };
  };
  await paint(job, new Controls(), timed, network.mean, send);
  await engine.dispose();
  await rm(folder, { recursive: true });
  return 1 - ended.evaluating / (ended.at - begun);
}

async function secondsToStart(placement) {
  const begun = performance.now();
  const network = await loadNetwork();
  const read = performance.now();
  const recipe = await makeRecipe(settingsSchema.parse({ styles: [painting] }));
  const built = performance.now();
  const engine = await createEngine(placement, optionsFor(network, recipe.layers));
  const opened = performance.now();
  const image = { data: new Float32Array(3 * 64 * 64).map((_, i) => (i * 37) % 200), width: 64, height: 64 };
  const { content, grams } = await engine.features(image);
  const style = [Object.fromEntries(Object.keys(grams).map((layer) => [layer, 1]))];
  const weights = {
    content: Object.fromEntries(Object.keys(content).map((layer) => [layer, 1])),
    style,
    tv: 1,
  };
  const laps = [];
  for (let i = 0; i < 3; i++) {
    const lap = performance.now();
    await engine.evaluate(image, { content, regions: [{ grams }] }, weights);
    laps.push(performance.now() - lap);
  }
  await engine.dispose();
  return {
    network: (read - begun) / 1000,
    targets: (opened - built) / 1000,
    evaluation: (laps[0] - Math.min(laps[1], laps[2])) / 1000,
  };
}

await answer(here('iteration.js'), ({ part, placement }) =>
  part === 'start' ? secondsToStart(placement) : shareOutsideEvaluations(placement),
);
