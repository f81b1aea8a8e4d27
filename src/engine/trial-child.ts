/** The child's side of a trial: evaluates a small picture, then a larger one for a while, and tells what came out. */
import { wasserstein } from '../losses/wasserstein.js';
import { defaultStyleLayers } from '../network/vgg19.js';
import { loadNetwork } from '../network/weights.js';
import { createEngine } from './create.js';
import type { Engine, Image, Targets } from './engine.js';
import type { Placement } from './placement.js';
import { perLayer } from './sizes.js';
import type { TrialResult } from './trial.js';

const contentLayers = ['relu4_2'];
const weights = {
  content: { relu4_2: 0.01 },
  style: [perLayer(defaultStyleLayers, () => 2)],
};
const small = { width: 75, height: 48 };
const large = { width: 256, height: 256 };
const longest = 2000;

process.once('message', ({ placement, timed }: { placement: Placement; timed: boolean }) => {
  attempt(placement, timed)
    .catch((error: unknown): TrialResult => ({ reason: String(error) }))
    .then((result) => process.send?.(result, () => process.exit()));
});

async function attempt(placement: Placement, timed: boolean): Promise<TrialResult> {
  const network = await loadNetwork();
  const layers = { contentLayers, styleLayers: defaultStyleLayers, styleLoss: wasserstein };
  const engine = await createEngine(placement, { network, ...layers, pooling: 'max' });
  const evaluate = await evaluation(engine, small);
  const { gradient } = await evaluate();
  return { gradient, seconds: timed ? await pace(await evaluation(engine, large)) : 0 };
}

/** Evaluates a picture against the content of another and the style of a third. */
async function evaluation(engine: Engine, size: { width: number; height: number }) {
  const features = (phase: number) => engine.features(picture(size, phase));
  const { content } = await features(1);
  const { style } = await features(2);
  const wanted = perLayer(defaultStyleLayers, (layer) => wasserstein.target(style[layer]));
  const targets: Targets = { content, regions: [{ targets: wanted }] };
  const image = picture(size, 0);
  return () => engine.evaluate(image, targets, weights);
}

/** Seconds an evaluation: the median, without the first one, which prepares the device, where there are more. */
async function pace(evaluate: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  const start = performance.now();
  while (performance.now() - start < longest) {
    const before = performance.now();
    await evaluate();
    all.push((performance.now() - before) / 1000);
  }
  const seconds = all.length > 1 ? all.slice(1) : all;
  return seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
}

/** Waves of many lengths, mean-subtracted, with a flat area as a clipped sky is. */
function picture({ width, height }: { width: number; height: number }, phase: number): Image {
  const data = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y, c] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    if (y < height / 4) return 90;
    return (
      60 * Math.sin(0.11 * x + phase + c) * Math.cos(0.07 * y - phase) +
      40 * Math.sin(1.3 * x * (phase + 1) + y)
    );
  });
  return { data, width, height };
}
