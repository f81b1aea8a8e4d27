/**
 * One evaluation, losses and gradient, on every engine and device that works here, beside PyTorch: time and memory, how
 * time grows with the pixels, and on the processor how the convolutions fare beside what its cores can do.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { candidates } from '../../dist/engine/candidates.js';
import { createEngine } from '../../dist/engine/create.js';
import { placementName } from '../../dist/engine/placement.js';
import { tiledEngine } from '../../dist/engine/tiled.js';
import { trialsOf } from '../../dist/engine/trials.js';
import { loadNetwork } from '../../dist/network/weights.js';
import { layerWeights } from '../../dist/transfer/layers.js';
import { regions, termWeights, weigh } from '../../dist/transfer/losses.js';
import { answer, apart } from './apart.js';
import { convolutionOperations, peak } from './peak.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const repeats = 5;
const weights = { content: 5, style: 500, tv: 100, blend: [1] };
const layers = layerWeights({ contentWeightBlend: 1, styleLayerWeightExp: 1 });

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
    const peer = torch(size, threads, python, say);
    const work = convolutionOperations(Object.values(layers).flatMap(Object.keys), size, size);
    for (const { engine, device } of places) {
      const placement = { engine, device, threads };
      const mine = await inChild(size, placement);
      const ratios = peer && compare(mine, peer);
      const perPixel = (1e6 * mine.seconds) / size ** 2;
      const ofPeak = device === 'cpu' ? work / mine.seconds / most : undefined;
      const beside = peer && [`PyTorch ${peer.torch}`, peer];
      report(placementName(placement), mine, beside, ratios, say);
      say(`  ${perPixel.toFixed(2)} µs a pixel${ofPeak === undefined ? '' : asPlain(ofPeak)}`);
      results.push({
        size,
        place: placementName(placement),
        ours: mine,
        torch: peer,
        ratios,
        perPixel,
        ofPeak,
      });
    }
  }
  return results;
}

const asPlain = (share) =>
  `; plain convolutions would need ${share.toFixed(2)} of the cores' peak to be done in that time`;

/** A picture in tiles beside the same in one piece; the tiles are as small as the program ever makes them. */
export async function tiles(threads, say) {
  const size = 640;
  const placement = { engine: 'onnx', device: 'cpu', threads };
  const whole = await inChild(size, placement);
  const inTiles = await inChild(size, placement, 512 * 512);
  const ratios = compare(inTiles, whole);
  say(`${size}×${size} in tiles of 512×512 at most, beside the same in one piece`);
  report('in tiles', inTiles, ['in one piece', whole], ratios, say);
  return { size, whole, inTiles, ratios };
}

/** A process of its own for each, so that its peak of memory is its own. */
const inChild = (size, placement, tile) => apart(here('evaluation.js'), { size, placement, tile });

async function ours(size, placement, tile) {
  const network = await loadNetwork();
  const [contentLayers, styleLayers] = [layers.content, layers.style].map(Object.keys);
  const whole = await createEngine(placement, { network, contentLayers, styleLayers, pooling: 'max' });
  const engine = tile ? tiledEngine(whole, { contentLayers, styleLayers, pixels: tile }) : whole;
  const measured = (numbers) => engine.features(picture(size, numbers, network.mean));
  const targets = {
    styles: [(await measured([11, 5, 41])).grams],
    content: (await measured([5, 3, 17])).content,
  };
  const image = picture(size, [7, 13, 29], network.mean);
  const target = { content: targets.content, regions: regions(targets, weights, layers) };
  const terms = termWeights(targets, weights, layers);
  const times = [];
  let evaluation;
  // In tiles no session is warmer the second time.
  for (let i = 0; i <= (tile ? 1 : repeats); i++) {
    const start = performance.now();
    evaluation = await engine.evaluate(image, target, terms);
    if (i > 0) times.push((performance.now() - start) / 1000);
  }
  return {
    seconds: median(times),
    megabytes: process.resourceUsage().maxRSS / 1024,
    total: weigh(evaluation, targets, weights, layers).total,
    gradient: Math.sqrt(evaluation.gradient.reduce((sum, value) => sum + value * value, 0)),
  };
}

/** Undefined, with a word, where there is no Python with torch. */
function torch(size, threads, python, say) {
  const network = here('../../models/vgg19-8bit.safetensors');
  const flags = { weights: network, size, repeats, threads };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  try {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const { seconds, ...rest } = JSON.parse(execFileSync(python, [here('pytorch.py'), ...args], { stdio }));
    return { ...rest, seconds: median(seconds) };
  } catch (error) {
    const why = String(error.stderr ?? error.message);
    say(`  PyTorch is left out (${why.trim().split('\n').at(-1)}): --torch names a Python that has torch`);
    return undefined;
  }
}

/** Undefined where the two did not compute the same. */
function compare(mine, peer) {
  const off = (name) => Math.abs(mine[name] / peer[name] - 1);
  if (Math.max(off('total'), off('gradient')) > tolerance) return undefined;
  return { time: mine.seconds / peer.seconds, memory: mine.megabytes / peer.megabytes };
}

function report(name, mine, beside, ratios, say) {
  const line = ({ seconds, megabytes }) => `${seconds.toFixed(3)} s, ${megabytes.toFixed(0)} MB at its peak`;
  say(`  ${name.padEnd(24)} ${line(mine)}`);
  if (!beside) return;
  const [other, peer] = beside;
  say(`  ${other.padEnd(24)} ${line(peer)}`);
  if (!ratios) {
    say(
      `  not compared: loss ${mine.total} and ${peer.total}, gradient ${mine.gradient} and ${peer.gradient}`,
    );
    process.exitCode = 1;
    return;
  }
  say(`  ratio ${ratios.time.toFixed(2)} of its time, ${ratios.memory.toFixed(2)} of its memory`);
}

/** A formula that pytorch.py knows too, mean-subtracted. */
function picture(size, [ax, ay, ac], mean) {
  const data = new Float32Array(3 * size * size).map((_, i) => {
    const [c, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    return ((x * ax + y * ay + c * ac) % 256) - mean[c];
  });
  return { data, width: size, height: size };
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

await answer(here('evaluation.js'), ({ size, placement, tile }) => ours(size, placement, tile));
