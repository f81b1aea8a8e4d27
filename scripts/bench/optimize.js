/** The program's own way down in a process of its own, and how the loss fell at the final size. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makeRecipe } from '#dist/app/recipe.js';
import { createEngine } from '#dist/engine/create.js';
import { sizeWithin } from '#dist/image/decode.js';
import { readPictureFile } from '#dist/image/file.js';
import { loadNetwork } from '#dist/network/weights.js';
import { readInputs } from '#dist/render/inputs.js';
import { adamOptions, settingsSchema, termWeights } from '#dist/settings/settings.js';
import { styleMeasures } from '#dist/transfer/losses.js';
import { stylize } from '#dist/transfer/stylize.js';
import { answer, apart } from './apart.js';

const script = fileURLToPath(import.meta.url);

/**
 * @param {object} job
 * @param {object} job.settings without styles; no bleed is painted, and the style's frame stays
 * @param {string} job.photo a picture at the size that is painted
 * @param {string} job.painting at the size of the style
 * @param {number} job.longest side of the photo
 * @param {number} job.threads
 * @param {string} [job.network] the bundled one when left out
 * @param {number} [job.evaluations] at the final size, instead of what the settings give it
 * @param {number} [job.enough] the loss to stop at
 * @param {string} [job.best] where the best picture goes, as planes of floats
 * @returns {Promise<[seconds: number, total: number][]>} of each evaluation at the final size, since the process started
 */
export const optimize = ({ threads, ...job }) =>
  apart(script, { ...job, placement: { engine: 'onnx', device: 'cpu', threads }, began: Date.now() });

/** The first entry that is as good as `enough`: how many evaluations that took, and how many seconds. */
export function reached(trace, enough) {
  const index = trace.findIndex(([, total]) => total <= enough);
  return index < 0 ? undefined : { evaluations: index + 1, seconds: trace[index][0] };
}

/** Seconds that all of it took. */
export const durationOf = (trace) => trace[trace.length - 1][0];

export const bestOf = (trace) => Math.min(...trace.map(([, total]) => total));

async function descend({ settings: given, photo, painting, placement, began, ...job }) {
  const pictures = { styles: [painting], bleed: 0, keepFrame: true };
  const recipe = await makeRecipe(settingsSchema.parse({ ...given, ...pictures }));
  const { settings, layers } = recipe;
  const network = await loadNetwork(job.network);
  const styleLoss = styleMeasures[settings.styleLoss];
  const engine = await createEngine(placement, {
    network,
    contentLayers: Object.keys(layers.content),
    styleLayers: Object.keys(layers.style),
    styleLoss,
    pooling: settings.pooling,
  });
  const file = await readPictureFile(photo);
  const inputs = await readInputs(file, recipe, await sizeWithin(file, {}), network.mean);
  const iterates = stylize(engine, {
    ...inputs,
    weights: { ...termWeights(settings), blend: [1] },
    layers,
    styleLoss,
    optimizer: settings.optimizer,
    adam: adamOptions(settings),
    iterations: settings.iterations,
    scales: settings.scales,
    mean: network.mean,
  });
  const trace = [];
  let change;
  while (true) {
    const { value, done } = await iterates.next(change);
    if (done) break;
    const { iteration, scale, scales, losses, best } = value;
    change = undefined;
    if (scale < scales) continue;
    if (trace.length === 0 && job.evaluations) change = { iterations: iteration + job.evaluations - 1 };
    trace.push([(Date.now() - began) / 1000, losses.total]);
    const ends = losses.total <= job.enough || trace.length === job.evaluations;
    if (ends && job.best) await writeFile(job.best, best().data);
    if (ends) break;
  }
  await engine.dispose();
  return trace;
}

await answer(script, descend);
