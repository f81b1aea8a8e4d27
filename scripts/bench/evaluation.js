/**
 * One evaluation, losses and gradient, with each style loss, on every engine and device that works here, beside PyTorch:
 * time and memory, how time grows with the pixels, and on the processor how the convolutions fare beside what its cores
 * can do.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { candidates } from '#dist/engine/candidates.js';
import { createEngine } from '#dist/engine/create.js';
import { placementName } from '#dist/engine/placement.js';
import { tiledEngine } from '#dist/engine/tiled.js';
import { trialsOf } from '#dist/engine/trials.js';
import { defaultStyleLoss, styleLossNames } from '#dist/losses/table.js';
import { loadNetwork } from '#dist/network/weights.js';
import { settingsSchema, termWeights } from '#dist/settings/settings.js';
import { layerWeights } from '#dist/transfer/layers.js';
import { evaluate, objectiveFor, styleMeasures } from '#dist/transfer/losses.js';
import { subtractMean } from '#dist/transfer/mean.js';
import { answer, apart } from './apart.js';
import { convolutionOperations, peak } from './peak.js';
import { otherPhoto, painting, photo, readPixels, writePixels } from './pictures.js';
import { pytorch } from './pytorch.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const repeats = 5;

/** What settings are unless said, with the style loss. */
const settingsWith = (styleLoss) => settingsSchema.parse({ styleLoss });
const layers = layerWeights(settingsWith(defaultStyleLoss));

/** How far losses and gradients may be apart and still be the same. */
const tolerance = 1e-3;

export async function evaluations(sizes, threads, python, say) {
  const there = (await candidates()).filter(({ missing }) => missing === undefined);
  const places = (await trialsOf(there)).filter(({ reason }) => reason === undefined);
  const results = [];
  const most = await peak(threads);
  say(`a plain convolution reaches ${(most / 1e9).toFixed(0)} GFLOP/s on ${threads} threads`);
  for (const size of sizes) {
    say(`${size}×${size}, ${threads} threads`);
    const pictures = await writePictures(size);
    const work = convolutionOperations(Object.values(layers).flatMap(Object.keys), size, size);
    const peers = await eachStyleLoss((styleLoss) => torch(pictures, styleLoss, threads, python, say));
    const torchVersion = `PyTorch ${peers.gram?.torch}`;
    for (const { engine, device } of places) {
      const place = placementName({ engine, device });
      const losses = await eachStyleLoss(async (styleLoss) => {
        const peer = peers[styleLoss];
        const mine = await inChild(pictures, { engine, device, threads }, styleLoss);
        const ratios = peer && compare(mine, peer);
        const perPixel = (1e6 * mine.seconds) / size ** 2;
        const ofPeak = device === 'cpu' ? work / mine.seconds / most : undefined;
        const named = (name) => `${name}, ${styleLoss}`;
        report(named(place), mine, peer && [named(torchVersion), peer], ratios, say);
        say(`  ${perPixel.toFixed(2)} µs a pixel${ofPeak === undefined ? '' : asPlain(ofPeak)}`);
        return { ours: mine, torch: peer, ratios, perPixel, ofPeak };
      });
      const besideGram = beside(losses.wasserstein.ours, losses.gram.ours);
      sayBesideGram(place, besideGram, say);
      results.push({ size, place, losses, besideGram });
    }
    await rm(pictures.folder, { recursive: true });
    if (peers.gram && peers.wasserstein)
      sayBesideGram(torchVersion, beside(peers.wasserstein, peers.gram), say);
  }
  return results;
}

/** One after the other, so that each has the cores to itself. */
async function eachStyleLoss(measure) {
  const results = {};
  for (const styleLoss of styleLossNames) results[styleLoss] = await measure(styleLoss);
  return results;
}

const beside = (mine, other) => ({
  time: mine.seconds / other.seconds,
  memory: mine.megabytes / other.megabytes,
});

const sayBesideGram = (name, { time, memory }, say) =>
  say(`  ${name}: wasserstein takes ${time.toFixed(2)} of gram's time, ${memory.toFixed(2)} of its memory`);

const asPlain = (share) =>
  `; plain convolutions would need ${share.toFixed(2)} of the cores' peak to be done in that time`;

/** A picture in tiles beside the same in one piece; the tiles are as small as the program ever makes them. */
export async function tiles(threads, say) {
  const size = 640;
  const placement = { engine: 'onnx', device: 'cpu', threads };
  const pictures = await writePictures(size);
  const whole = await inChild(pictures, placement, defaultStyleLoss);
  const inTiles = await inChild(pictures, placement, defaultStyleLoss, 512 * 512);
  await rm(pictures.folder, { recursive: true });
  const ratios = compare(inTiles, whole);
  say(`${size}×${size} in tiles of 512×512 at most, beside the same in one piece`);
  report('in tiles', inTiles, ['in one piece', whole], ratios, say);
  return { size, whole, inTiles, ratios };
}

/** A process of its own for each, so that its peak of memory is its own. */
const inChild = (pictures, placement, styleLoss, tile) =>
  apart(here('evaluation.js'), { pictures, placement, styleLoss, tile, longest: pictures.image.width });

async function ours({ pictures, placement, styleLoss: name, tile }) {
  const network = await loadNetwork();
  const settings = settingsWith(name);
  const { pooling } = settings;
  const styleLoss = styleMeasures[settings.styleLoss];
  const [contentLayers, styleLayers] = [layers.content, layers.style].map(Object.keys);
  const options = { network, contentLayers, styleLayers, styleLoss, pooling };
  const whole = await createEngine(placement, options);
  const engine =
    tile && whole.parts
      ? tiledEngine({ ...whole, parts: whole.parts }, { contentLayers, styleLayers, pixels: tile })
      : whole;
  const read = async (picture) => subtractMean(await readPixels(picture), network.mean);
  const targets = {
    styles: [(await engine.features(await read(pictures.painting))).style],
    content: (await engine.features(await read(pictures.photo))).content,
  };
  const goal = objectiveFor(targets, { ...termWeights(settings), blend: [1] }, layers, styleLoss);
  const image = await read(pictures.image);
  let evaluation = await evaluate(engine, image, goal);
  const times = [];
  // In tiles no session is warmer the second time.
  for (let i = 0; i < (tile ? 1 : repeats); i++) {
    const start = performance.now();
    evaluation = await evaluate(engine, image, goal);
    times.push((performance.now() - start) / 1000);
  }
  return {
    seconds: median(times),
    megabytes: process.resourceUsage().maxRSS / 1024,
    total: evaluation.losses.total,
    gradient: Math.sqrt(evaluation.gradient.reduce((sum, value) => sum + value * value, 0)),
  };
}

function torch({ photo, painting, image }, styleLoss, threads, python, say) {
  const settings = settingsWith(styleLoss);
  const { pooling } = settings;
  const weights = termWeights(settings);
  const pictures = { photo, painting, image };
  const argument = { part: 'evaluation', ...pictures, styleLoss, pooling, weights, repeats, threads };
  const found = pytorch(python, argument, say);
  return found && { ...found, seconds: median(found.seconds) };
}

/** Undefined where the two did not compute the same. */
function compare(mine, peer) {
  const off = (name) => Math.abs(mine[name] / peer[name] - 1);
  return Math.max(off('total'), off('gradient')) > tolerance ? undefined : beside(mine, peer);
}

function report(name, mine, other, ratios, say) {
  const line = ({ seconds, megabytes }) => `${seconds.toFixed(3)} s, ${megabytes.toFixed(0)} MB at its peak`;
  say(`  ${name.padEnd(32)} ${line(mine)}`);
  if (!other) return;
  const [itsName, peer] = other;
  say(`  ${itsName.padEnd(32)} ${line(peer)}`);
  if (!ratios) {
    say(
      `  not compared: loss ${mine.total} and ${peer.total}, gradient ${mine.gradient} and ${peer.gradient}`,
    );
    process.exitCode = 1;
    return;
  }
  say(`  ratio ${ratios.time.toFixed(2)} of its time, ${ratios.memory.toFixed(2)} of its memory`);
}

/** Squares; what is evaluated is a third picture, so that no loss is 0. */
async function writePictures(side) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const write = (source, name) => writePixels(source, { width: side, height: side }, folder, name);
  return {
    folder,
    photo: await write(photo, 'photo'),
    painting: await write(painting, 'painting'),
    image: await write(otherPhoto, 'image'),
  };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

await answer(here('evaluation.js'), ours);
