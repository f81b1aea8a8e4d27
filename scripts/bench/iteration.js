/** What the program does besides evaluating, in its own painting loop; and how long it takes to come to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { makeRecipe } from '#dist/app/recipe.js';
import { createEngine } from '#dist/engine/create.js';
import { loadNetwork } from '#dist/network/weights.js';
import { Controls } from '#dist/render/controls.js';
import { EvaluationTime } from '#dist/render/evaluation-time.js';
import { paint } from '#dist/render/paint.js';
import { Prefetch } from '#dist/render/prefetch.js';
import { settingsSchema, termWeights } from '#dist/settings/settings.js';
import { evaluate, objectiveFor, styleMeasures } from '#dist/transfer/losses.js';
import { StatisticsCache } from '#dist/transfer/statistics.js';
import { hashFile } from '#dist/util/hash.js';
import { answer, apart } from './apart.js';
import { painting, photo } from './pictures.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const longest = 512;

const optionsFor = (network, { layers, settings }) => ({
  network,
  contentLayers: Object.keys(layers.content),
  styleLayers: Object.keys(layers.style),
  styleLoss: styleMeasures[settings.styleLoss],
  pooling: settings.pooling,
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
  apart(here('iteration.js'), { part, longest, placement: { engine: 'onnx', device: 'cpu', threads } });

async function shareOutsideEvaluations(placement) {
  const settings = settingsSchema.parse({ styles: [painting], width: longest, iterations: 25, scales: 1 });
  const recipe = await makeRecipe(settings);
  const network = await loadNetwork();
  const engine = await createEngine(placement, optionsFor(network, recipe));
  let evaluating = 0;
  const timed = {
    ...engine,
    async evaluate(image, targets, weights) {
      const start = performance.now();
      const evaluation = await engine.evaluate(image, targets, weights);
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
  const iterations = [];
  const send = (message) => {
    serialize(message);
    if (message.event === 'iteration') iterations.push({ at: performance.now(), evaluating });
  };
  const times = new EvaluationTime(placement.threads);
  const shared = { statistics: new StatisticsCache(), prefetch: new Prefetch(), times };
  await paint(job, new Controls(), timed, network.mean, send, shared);
  await engine.dispose();
  await rm(folder, { recursive: true });
  const [begun, ended] = [iterations[0], iterations[iterations.length - 1]];
  return 1 - (ended.evaluating - begun.evaluating) / (ended.at - begun.at);
}

async function secondsToStart(placement) {
  const begun = performance.now();
  const network = await loadNetwork();
  const read = performance.now();
  const recipe = await makeRecipe(settingsSchema.parse({ styles: [painting] }));
  const built = performance.now();
  const engine = await createEngine(placement, optionsFor(network, recipe));
  const opened = performance.now();
  const image = { data: new Float32Array(3 * 64 * 64).map((_, i) => (i * 37) % 200), width: 64, height: 64 };
  const { content, style } = await engine.features(image);
  const weights = { ...termWeights(recipe.settings), blend: [1] };
  const styleLoss = styleMeasures[recipe.settings.styleLoss];
  const goal = objectiveFor({ content, styles: [style] }, weights, recipe.layers, styleLoss);
  const laps = [];
  for (let i = 0; i < 3; i++) {
    const lap = performance.now();
    await evaluate(engine, image, goal);
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
