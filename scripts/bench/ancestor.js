/**
 * How long until the loss that the ancestor ends with: its Adam from noise against our recipe's way down, with its
 * weights, the same network, and pictures that both read at the size they have. Ours begins with the photo in the
 * painting's colors.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../dist/engine/create.js';
import { decode } from '../../dist/image/decode.js';
import { encode } from '../../dist/image/encode.js';
import { loadNetwork } from '../../dist/network/weights.js';
import { layerWeights } from '../../dist/transfer/layers.js';
import { recolor, startPicture } from '../../dist/transfer/start.js';
import { stylize } from '../../dist/transfer/stylize.js';
import { painting, photo } from './iteration.js';

/** How far the two may be apart in the loss of the photo itself and still be compared. */
const tolerance = 0.01;

/** The ancestor is asked for its loss this often: a forward pass each, on its account. */
const every = 10;

export async function toTheAncestorsLoss({ width, iterations, folder, python, network: file }, threads, say) {
  const pictures = await mkdtemp(join(tmpdir(), 'bench-'));
  const network = await loadNetwork(file);
  const layers = layerWeights({ contentWeightBlend: 1, styleLayerWeightExp: 1 });
  try {
    const [content, style] = await Promise.all([write(photo, 'photo'), write(painting, 'painting')]);
    const transfer = {
      content: await decode(content),
      styles: [await decode(style)],
      weights: { content: 5, style: 500, tv: 100, blend: [1] },
      layers,
      adam: { learningRate: 10 },
      iterations,
      scales: 1,
      mean: network.mean,
    };
    const named = folder === undefined ? 'our Adam, standing in for the ancestor' : 'the ancestor';
    say(`to the best loss of ${named} in ${iterations} iterations, ${width} pixels wide`);
    let peer;
    if (folder === undefined) {
      const noise = () => startPicture(transfer.content, { start: 'noise', seed: 0 }, network.mean);
      peer = await ours({ ...transfer, optimizer: 'adam' }, noise, 0);
    } else {
      const run = (...more) => ancestor([folder, python, file, content, style], threads, more);
      const [theirs] = run('--initial', content, '--iterations', 1).losses;
      const mine = await ours({ ...transfer, optimizer: 'lbfgs' }, () => transfer.content, Infinity);
      if (Math.abs(mine.best / theirs - 1) > tolerance) {
        say(`  not compared: the photo's loss is ${mine.best} here and ${theirs} there`);
        process.exitCode = 1;
        return { peer: named, apart: mine.best / theirs - 1 };
      }
      const { losses, seconds } = run('--iterations', iterations);
      peer = { best: Math.min(...losses), seconds, evaluations: iterations };
    }
    say(`  loss ${peer.best.toPrecision(4)}, ${peer.seconds.toFixed(0)} s`);
    const recolored = () => recolor(transfer.content, transfer.styles, [1]);
    const mine = await ours({ ...transfer, optimizer: 'lbfgs' }, recolored, peer.best);
    const reached = mine.best <= peer.best;
    const ratio = reached ? mine.seconds / peer.seconds : undefined;
    say(
      reached
        ? `  ours after ${mine.evaluations} evaluations: ratio ${ratio.toFixed(3)} of its time (1/${(1 / ratio).toFixed(1)})`
        : `  ours did not come so far: ${mine.best.toPrecision(4)} after ${mine.evaluations} evaluations`,
    );
    return { peer: named, width, theirs: peer, ours: mine, ratio };
  } finally {
    await rm(pictures, { recursive: true });
  }

  /** A picture at the size that both paint it, so that neither resizes. */
  async function write(source, name) {
    const path = join(pictures, `${name}.png`);
    await writeFile(path, await encode(await decode(source, { width }), { format: 'png' }));
    return path;
  }

  /** Until the loss is as good as `enough`, or all iterations are done; with the engine's start, as the ancestor's. */
  async function ours(transfer, initial, enough) {
    const start = performance.now();
    const network = await loadNetwork(file);
    const contentLayers = Object.keys(layers.content);
    const styleLayers = Object.keys(layers.style);
    const options = { network, contentLayers, styleLayers, pooling: 'max' };
    const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads }, options);
    let best = Number.POSITIVE_INFINITY;
    let evaluations = 0;
    for await (const { bestLosses } of stylize(engine, { ...transfer, initial: initial() })) {
      evaluations++;
      best = bestLosses.total;
      if (best <= enough) break;
    }
    const seconds = (performance.now() - start) / 1000;
    await engine.dispose();
    return { best, evaluations, seconds };
  }
}

/** Its losses, as it prints them, and its wall time, start and all. */
function ancestor([folder, python, network, content, style], threads, more) {
  const flags = { network, content, styles: style, output: join(content, '../ancestor.png') };
  const args = [
    join(folder, 'neural_style.py'),
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    ...['--print-iterations', every, '--overwrite', ...more],
  ];
  const start = performance.now();
  const output = execFileSync(python, args.map(String), {
    env: { ...process.env, OMP_NUM_THREADS: String(threads), TF_NUM_INTRAOP_THREADS: String(threads) },
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  const losses = [...output.toString().matchAll(/total loss: (\S+)/g)].map(([, loss]) => Number(loss));
  return { losses, seconds: (performance.now() - start) / 1000 };
}
