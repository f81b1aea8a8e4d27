/**
 * How long until the loss that the ancestor ends with: its Adam from noise against our recipe's way down, with its loss and
 * weights, the same network, and pictures that both read at the size they have. Ours begins with the photo in the
 * painting's colors.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from '#dist/image/decode.js';
import { bestOf, durationOf, optimize, reached } from './optimize.js';
import { painting, photo, writePng } from './pictures.js';

/** How far the two may be apart in the loss of the photo itself and still be compared. */
const tolerance = 0.01;

/** The ancestor is asked for its loss this often: a forward pass each, on its account. */
const every = 10;

const preset = new URL('../../presets/neural-style.json', import.meta.url);

export async function toTheAncestorsLoss({ width, iterations, folder, python, network }, threads, say) {
  const pictures = await mkdtemp(join(tmpdir(), 'bench-'));
  const asAncestor = { ...JSON.parse(await readFile(preset, 'utf8')), iterations };
  try {
    const [content, style] = await Promise.all([
      writePng(photo, width, pictures, 'photo'),
      writePng(painting, width, pictures, 'painting'),
    ]);
    const { width: w, height } = await decode(content);
    const ours = (changed, enough) =>
      optimize({
        settings: { ...asAncestor, ...changed },
        photo: content,
        painting: style,
        longest: Math.max(w, height),
        threads,
        network,
        enough,
      });
    const named = folder === undefined ? 'our Adam, standing in for the ancestor' : 'the ancestor';
    say(`to the best loss of ${named} in ${iterations} iterations, ${w}×${height}`);
    let peer;
    if (folder === undefined) {
      const trace = await ours({});
      peer = { best: bestOf(trace), seconds: durationOf(trace), evaluations: trace.length };
    } else {
      const run = (...more) => ancestor([folder, python, network, content, style], threads, more);
      const [theirs] = run('--initial', content, '--iterations', 1).losses;
      const [[, mine]] = await ours({ start: 'content', iterations: 1 });
      if (Math.abs(mine / theirs - 1) > tolerance) {
        say(`  not compared: the photo's loss is ${mine} here and ${theirs} there`);
        process.exitCode = 1;
        return { peer: named, apart: mine / theirs - 1 };
      }
      const { losses, seconds } = run('--iterations', iterations);
      peer = { best: Math.min(...losses), seconds, evaluations: iterations };
    }
    say(`  loss ${peer.best.toPrecision(4)}, ${peer.seconds.toFixed(0)} s`);
    const trace = await ours({ optimizer: 'lbfgs', start: 'recolored' }, peer.best);
    const mine = reached(trace, peer.best);
    const ratio = mine && mine.seconds / peer.seconds;
    say(
      ratio
        ? `  ours after ${mine.evaluations} evaluations, ${mine.seconds.toFixed(1)} s: ratio ${ratio.toFixed(3)} of its time (1/${(1 / ratio).toFixed(1)})`
        : `  ours did not come so far: ${bestOf(trace).toPrecision(4)} after ${trace.length} evaluations`,
    );
    return { peer: named, width, theirs: peer, ours: mine, ratio };
  } finally {
    await rm(pictures, { recursive: true });
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
