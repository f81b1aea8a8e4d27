/** One evaluation, losses and gradient, on every engine and device that works here, beside PyTorch. */
import { execFileSync, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { candidates } from '../../dist/engine/candidates.js';
import { createEngine } from '../../dist/engine/create.js';
import { environmentFor } from '../../dist/engine/environment.js';
import { placementName } from '../../dist/engine/placement.js';
import { trialsOf } from '../../dist/engine/trials.js';
import { loadNetwork } from '../../dist/network/weights.js';
import { layerWeights } from '../../dist/transfer/layers.js';
import { regions, termWeights, weigh } from '../../dist/transfer/losses.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const repeats = 5;
const weights = { content: 5, style: 500, tv: 100, blend: [1] };

/** How far losses and gradients may be apart and still be the same. */
const tolerance = 1e-3;

export async function evaluations(sizes, threads, python, say) {
  const there = (await candidates()).filter(({ missing }) => missing === undefined);
  const places = (await trialsOf(there)).filter(({ reason }) => reason === undefined);
  const results = [];
  for (const size of sizes) {
    say(`${size}×${size}, ${threads} threads`);
    const peer = torch(size, threads, python, say);
    for (const { engine, device } of places) {
      const placement = { engine, device, threads };
      const mine = await inChild(size, placement);
      const ratios = peer && compare(mine, peer);
      report(placement, mine, peer, ratios, say);
      results.push({ size, place: placementName(placement), ours: mine, torch: peer, ratios });
    }
  }
  return results;
}

/** A process of its own for each, so that its peak of memory is its own. */
function inChild(size, placement) {
  const child = fork(here('evaluation.js'), [JSON.stringify({ size, placement })], {
    env: environmentFor(placement),
  });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${placementName(placement)}: ended with code ${code}`)));
  });
}

async function ours(size, placement) {
  const network = await loadNetwork();
  const layers = layerWeights({ contentWeightBlend: 1, styleLayerWeightExp: 1 });
  const engine = await createEngine(placement, {
    network,
    contentLayers: Object.keys(layers.content),
    styleLayers: Object.keys(layers.style),
    pooling: 'max',
  });
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
  for (let i = 0; i <= repeats; i++) {
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
  const apart = (name) => Math.abs(mine[name] / peer[name] - 1);
  if (Math.max(apart('total'), apart('gradient')) > tolerance) return undefined;
  return { time: mine.seconds / peer.seconds, memory: mine.megabytes / peer.megabytes };
}

function report(placement, mine, peer, ratios, say) {
  const line = ({ seconds, megabytes }) => `${seconds.toFixed(3)} s, ${megabytes.toFixed(0)} MB at its peak`;
  say(`  ${placementName(placement).padEnd(24)} ${line(mine)}`);
  if (!peer) return;
  say(`  ${`PyTorch ${peer.torch}`.padEnd(24)} ${line(peer)}`);
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

// This file is its own child.
if (process.argv[1] === here('evaluation.js')) {
  const { size, placement } = JSON.parse(process.argv[2]);
  process.send(await ours(size, placement), () => process.exit());
}
