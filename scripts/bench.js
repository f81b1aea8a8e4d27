/**
 * npm run bench: one evaluation (losses and gradient) at 256², 512² and 1024² on every engine and device that works
 * here, beside PyTorch doing the same in the same run, and what an iteration costs besides. Ratios below 1 mean that we
 * are faster. Set PYTHON to a Python with torch.
 */
import { execFileSync, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { candidates } from '../dist/engine/candidates.js';
import { createEngine } from '../dist/engine/create.js';
import { environmentFor } from '../dist/engine/environment.js';
import { placementName } from '../dist/engine/placement.js';
import { trialsOf } from '../dist/engine/trials.js';
import { loadNetwork } from '../dist/network/weights.js';
import { adam } from '../dist/transfer/adam.js';
import { layerWeights } from '../dist/transfer/layers.js';
import { lbfgs } from '../dist/transfer/lbfgs.js';
import { regions, termWeights, weigh } from '../dist/transfer/losses.js';

process.env.ORT_DISABLE_TELEMETRY = '1';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const threads = availableParallelism();
const repeats = 5;
const layers = layerWeights({ contentWeightBlend: 1, styleLayerWeightExp: 1 });
const contentLayers = Object.keys(layers.content);
const styleLayers = Object.keys(layers.style);

if (process.send) {
  const { size, placement } = JSON.parse(process.argv[2]);
  process.send(await ours(size, placement), () => process.exit());
} else {
  const there = (await candidates()).filter(({ missing }) => missing === undefined);
  const places = (await trialsOf(there)).filter(({ reason }) => reason === undefined);
  for (const size of [256, 512, 1024]) {
    console.log(`${size}×${size}, ${threads} threads`);
    const peer = torch(size);
    for (const { engine, device } of places) {
      const placement = { engine, device, threads };
      report(placement, await inChild(size, placement), peer);
    }
  }
}

/** A process of its own for each, so that its peak of memory is its own. */
function inChild(size, placement) {
  const child = fork(here('bench.js'), [JSON.stringify({ size, placement })], {
    env: environmentFor(placement),
  });
  return new Promise((resolve) => child.once('message', resolve));
}

async function ours(size, placement) {
  const network = await loadNetwork();
  const engine = await createEngine(placement, { network, contentLayers, styleLayers, pooling: 'max' });
  const image = picture(size, [7, 13, 29], network.mean);
  const styles = [(await engine.features(picture(size, [11, 5, 41], network.mean))).grams];
  const targets = {
    content: (await engine.features(picture(size, [5, 3, 17], network.mean))).content,
    styles,
  };
  const weights = { content: 5, style: 500, tv: 100, blend: [1] };
  const terms = termWeights(targets, weights, layers);
  const target = { content: targets.content, regions: regions(targets, weights, layers) };
  const seconds = [];
  let evaluation;
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now();
    evaluation = await engine.evaluate(image, target, terms);
    if (i > 0) seconds.push((performance.now() - start) / 1000);
  }
  const { total } = weigh(evaluation, targets, weights, layers);
  // What else an iteration does: exact losses and an optimiser's step, L-BFGS with its history full.
  const besides = {};
  for (const [name, optimiser] of Object.entries({ adam: adam({ learningRate: 1 }), lbfgs: lbfgs() })) {
    let at = image.data;
    const times = [];
    for (let i = 0; i < 26; i++) {
      const start = performance.now();
      weigh(evaluation, targets, weights, layers);
      // A bowl's gradient, so that L-BFGS keeps every pair.
      at = optimiser.step(
        at,
        at.map((value, k) => value * (1 + (k % 7))),
      );
      times.push((performance.now() - start) / 1000);
    }
    besides[name] = median(times.slice(-5));
  }
  const megabytes = process.resourceUsage().maxRSS / 1024;
  return {
    seconds,
    total,
    gradient: Math.sqrt(evaluation.gradient.reduce((sum, value) => sum + value * value, 0)),
    megabytes,
    besides,
  };
}

/** Undefined, with a word, where there is no Python with torch. */
function torch(size) {
  const args = [
    '--weights',
    here('../models/vgg19-8bit.safetensors'),
    '--size',
    size,
    '--repeats',
    repeats,
    '--threads',
    threads,
  ];
  try {
    const output = execFileSync(
      process.env.PYTHON ?? 'python3',
      [here('bench-torch.py'), ...args.map(String)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return JSON.parse(output.toString());
  } catch (error) {
    const why = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .at(-1);
    console.log(`PyTorch is left out (${why}). Set PYTHON to a Python that has torch.`);
    return undefined;
  }
}

function report(placement, mine, peer) {
  const seconds = median(mine.seconds);
  console.log(`  ${placementName(placement)}`);
  console.log(`    evaluate      ${seconds.toFixed(3)} s   peak memory ${mine.megabytes.toFixed(0)} MB`);
  for (const [name, time] of Object.entries(mine.besides)) {
    console.log(
      `    besides, ${name.padEnd(5)}${time.toFixed(4)} s   ${((100 * time) / seconds).toFixed(1)} % of evaluate`,
    );
  }
  if (!peer) return;
  const differ = Math.max(Math.abs(mine.total / peer.total - 1), Math.abs(mine.gradient / peer.gradient - 1));
  if (differ > 1e-3) {
    console.log(`    losses differ by ${differ.toExponential(1)} from PyTorch's: nothing is compared`);
    process.exitCode = 1;
    return;
  }
  const theirs = median(peer.seconds);
  console.log(
    `    PyTorch ${peer.torch}  ${theirs.toFixed(3)} s   peak memory ${peer.megabytes.toFixed(0)} MB`,
  );
  console.log(
    `    ratio         ${(seconds / theirs).toFixed(2)} of PyTorch's time, ${(mine.megabytes / peer.megabytes).toFixed(2)} of its memory`,
  );
}

/** A formula that bench-torch.py knows too, mean-subtracted. */
function picture(size, [ax, ay, ac], mean) {
  const data = new Float32Array(3 * size * size).map((_, i) => {
    const [c, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    return ((x * ax + y * ay + c * ac) % 256) - mean[c];
  });
  return { data, width: size, height: size };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
