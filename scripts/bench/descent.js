/**
 * How long until a painting with the Wasserstein loss is nearly as good as it gets: the program's recipe with its default
 * weights, beside that of crowsonkb/style-transfer-pytorch (Adam, many sizes, the average of its iterates) descending the
 * same loss in PyTorch, on the same network and pictures. Both clocks start with the process.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema, termWeights } from '#dist/settings/settings.js';
import { bestOf, durationOf, optimize, reached } from './optimize.js';
import { painting, photo, writePixels, writePng } from './pictures.js';
import { pytorch } from './pytorch.js';

/** A loss of so many times the best is near it. */
const near = 1.05;

/**
 * Of our recipe, over all scales, half of them before the final one: what the cheap scales leave undone takes long there.
 * More at the final scale, as many as the goal needs.
 */
const iterations = 300;

/** How far the two may be apart in the loss of our painting and still be compared. */
const tolerance = 0.01;

/**
 * @param {object} options
 * @param {number} options.width of the picture
 * @param {number} options.evaluations at the final size: the best loss of the two is the goal
 * @param {number} options.peerSteps at most, at the final size
 * @param {string} options.python
 * @param {number} threads
 * @param {(line: string) => void} say
 */
export async function descent({ width, evaluations, peerSteps, python }, threads, say) {
  const pictures = await mkdtemp(join(tmpdir(), 'bench-'));
  const settings = settingsSchema.parse({ iterations });
  const { styleLoss, pooling } = settings;
  const weights = termWeights(settings);
  const best = join(pictures, 'best');
  try {
    const [content, style] = await Promise.all([write(photo, 'photo'), write(painting, 'painting')]);
    const size = `${content.width}×${content.height}`;
    say(
      `to within 5 % of what ${evaluations} evaluations at ${size} reach, ${styleLoss} loss, ${pooling} pooling`,
    );
    const longest = Math.max(content.width, content.height);
    const job = { settings, photo: content.png, painting: style.png, longest, threads, evaluations, best };
    const mine = await optimize(job);
    const lowest = bestOf(mine);
    say(`  ours comes to ${lowest.toPrecision(5)} in ${seconds(durationOf(mine))}`);
    const peer = pytorch(
      python,
      {
        part: 'descent',
        styleLoss,
        pooling,
        weights,
        photo: content,
        painting: style,
        steps: evaluations,
        most: Math.max(peerSteps, evaluations),
        enough: near * lowest,
        check: best,
        threads,
        began: Date.now() / 1000,
      },
      say,
    );
    if (!peer) return { size, best: lowest };
    const apart = lowest / peer.ours - 1;
    say(
      `  our painting there: ${peer.ours.toPrecision(5)}; ${peer.oursClamped.toPrecision(5)} within 0..255`,
    );
    if (Math.abs(apart) > tolerance) {
      say('  not compared: the two do not measure the same');
      process.exitCode = 1;
      return { size, best: lowest, apart };
    }
    const theirs = bestOf(peer.trace.slice(0, evaluations));
    say(`  PyTorch comes to ${theirs.toPrecision(5)} in ${seconds(peer.trace[evaluations - 1][0])}`);
    const goal = near * Math.min(lowest, theirs);
    say(`  to be reached: ${goal.toPrecision(5)}, 5 % above ${theirs < lowest ? "PyTorch's" : 'ours'}`);
    const [ours, torch] = [reached(mine, goal), reached(peer.trace, goal)];
    sayReached('ours', mine, ours, say);
    sayReached(`PyTorch ${peer.torch}`, peer.trace, torch, say);
    say(`  PyTorch began the final size after ${seconds(peer.finalFrom)}`);
    // As long as it was given is the least that it can take.
    const ratio = ours && ours.seconds / (torch?.seconds ?? durationOf(peer.trace));
    if (ratio)
      say(`  ratio ${torch ? '' : 'below '}${ratio.toFixed(3)} of its time (1/${(1 / ratio).toFixed(1)})`);
    return { size, goal, lowest, theirs, ours, torch, finalFrom: peer.finalFrom, ratio, isBound: !torch };
  } finally {
    await rm(pictures, { recursive: true });
  }

  /** A picture at the size that both paint it, so that neither resizes. */
  async function write(source, name) {
    const png = await writePng(source, width, pictures, name);
    return { png, ...(await writePixels(png, {}, pictures, name)) };
  }
}

const seconds = (value) => `${value.toFixed(1)} s`;

function sayReached(name, trace, found, say) {
  const evaluations = found?.evaluations ?? trace.length;
  const within = seconds(found?.seconds ?? durationOf(trace));
  say(
    `  ${name}: ${found ? '' : 'not reached within '}${within}, ${evaluations} evaluations at the final size`,
  );
}
