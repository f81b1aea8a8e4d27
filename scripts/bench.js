/**
 * npm run bench: how fast this is beside its peers, as ratios from one run on one machine; below 1 we are faster.
 *
 *   evaluation   losses and gradient at several sizes, with each style loss, on every engine and device here, beside
 *                PyTorch, and how far the cores' peak would have gone
 *   tiles        a picture in tiles beside the same in one piece
 *   iteration    what a whole iteration of the program takes besides: optimizer, previews, messages, states
 *   start        from a process that runs to its first evaluation
 *   folder       pictures an hour over a folder of large photos, and what lies between two of them
 *   descent      to within 5 % of what 500 evaluations reach, beside a coarse-to-fine recipe in PyTorch, same loss
 *   queue        a folder of small pictures through a queue on Redis, beside the queue of one machine
 *   scale        (only with --only) how a queue on Redis scales to many workers that sleep instead of painting
 *   flicker      (only with --only) how much still places of a painted clip change from frame to frame
 *   ancestor     to the best loss of the ancestor's 1000 iterations, same network, pictures and weights
 *
 * Nothing is compared whose losses differ. Flags, all after `--`:
 *   --json                                      one JSON object on stdout instead
 *   --only evaluation,iteration                 these parts
 *   --sizes 256,512,1024                        of the evaluation
 *   --width 384                                 of the pictures of `descent` (256 when left out) and `ancestor` (384)
 *   --evaluations 500 --peer-steps 3000         of `descent`: what sets the goal, and PyTorch's at the final size, at most
 *   --iterations 1000                           of the ancestor, and of a frame of `flicker` (32)
 *   --frames 24 --keep FOLDER                   of `flicker`: how many, and where to keep them; --width is 192
 *   --workers 100 --jobs 10000 --seconds 6      of `scale`
 *   --torch PYTHON                              a Python that has torch; python3 when left out
 *   --ancestor FOLDER --ancestor-python PYTHON --ancestor-network FILE.mat
 *                                               anishathalye/neural-style; our own Adam stands in when left out
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { toTheAncestorsLoss } from './bench/ancestor.js';
import { descent } from './bench/descent.js';
import { evaluations, tiles } from './bench/evaluation.js';
import { flickers } from './bench/flicker.js';
import { folder } from './bench/folder.js';
import { iteration, start } from './bench/iteration.js';
import { overhead, scale } from './bench/queue.js';

process.env.ORT_DISABLE_TELEMETRY = '1';

const text = /** @type {const} */ ({ type: 'string' });
const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { ...text, default: 'evaluation,tiles,iteration,start,folder,queue,descent,ancestor' },
    sizes: { ...text, default: '256,512,1024' },
    width: text,
    evaluations: { ...text, default: '500' },
    'peer-steps': { ...text, default: '3000' },
    iterations: text,
    frames: { ...text, default: '24' },
    keep: text,
    workers: { ...text, default: '100' },
    jobs: { ...text, default: '10000' },
    seconds: { ...text, default: '6' },
    torch: { ...text, default: process.env.PYTHON ?? 'python3' },
    ancestor: text,
    'ancestor-python': { ...text, default: 'python3' },
    'ancestor-network': text,
  },
});
/** For people; with --json on stderr, so that stdout is for machines. */
const say = (line) => (flags.json ? console.error(line) : console.log(line));

const threads = availableParallelism();
const parts = {
  evaluation: () => evaluations(flags.sizes.split(',').map(Number), threads, flags.torch, say),
  tiles: () => tiles(threads, say),
  iteration: () => iteration(threads, say),
  start: () => start(threads, say),
  folder: () => folder(threads, say),
  queue: () => overhead(threads, say),
  scale: () =>
    scale({ workers: Number(flags.workers), jobs: Number(flags.jobs), seconds: Number(flags.seconds) }, say),
  descent: () =>
    descent(
      {
        width: Number(flags.width ?? 256),
        evaluations: Number(flags.evaluations),
        peerSteps: Number(flags['peer-steps']),
        python: flags.torch,
      },
      threads,
      say,
    ),
  flicker: () =>
    flickers(
      {
        frames: Number(flags.frames),
        width: Number(flags.width ?? 192),
        iterations: Number(flags.iterations ?? 32),
        keep: flags.keep && String(flags.keep),
      },
      say,
    ),
  ancestor: () =>
    toTheAncestorsLoss(
      {
        width: Number(flags.width ?? 384),
        iterations: Number(flags.iterations ?? 1000),
        folder: flags.ancestor,
        python: flags['ancestor-python'],
        network: flags['ancestor-network'],
      },
      threads,
      say,
    ),
};
const wanted = flags.only.split(',');
const unknown = wanted.find((part) => !(part in parts));
if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${Object.keys(parts).join(', ')}`);
const results = { node: process.version, processor: cpus()[0].model, threads };
for (const part of wanted) results[part] = await parts[part]();
if (flags.json) console.log(JSON.stringify(results));
