/**
 * The child's side of a trial: evaluates a small picture, then a larger one for a while, and takes several steps at once on both. It
 * tells what came out.
 */
import { wasserstein } from '../losses/wasserstein.js';
import { defaultStyleLayers } from '../network/vgg19.js';
import { loadNetwork } from '../network/weights.js';
import { createEngine } from './create.js';
import type { StepMethod } from './descent.js';
import type { Engine, Image, Targets } from './engine.js';
import { type Placement, parseDevice } from './placement.js';
import { perLayer } from './sizes.js';
import { distance, type TrialResult } from './trial.js';

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
  const descends = timed && !withoutDescent.includes(parseDevice(placement.device).kind);
  const engine = await createEngine({ ...placement, descends }, { network, ...layers, pooling: 'max' });
  const trial = await evaluation(engine, small);
  const { gradient } = await trial.evaluate();
  if (!timed) return { gradient, seconds: 0 };
  const { evaluate, descend } = await evaluation(engine, large);
  const seconds = await pace(evaluate);
  return {
    gradient,
    seconds,
    descends: descends && (await isSound(trial)) && (await keepsPace(descend, seconds)),
  };
}

/** On the processor nothing travels, so nothing is gained; TensorRT would compile a second graph, for minutes. */
const withoutDescent = ['cpu', 'tensorrt'];

/** Downhill by a fixed rate. */
const plainStep: StepMethod = {
  state: ['rate'],
  handsBack: [],
  step: (m, { image, gradient, state }) => ({
    image: m.subtract(image, m.multiply(state.rate, gradient)),
    state,
    records: {},
  }),
};

/** Steps in a call. */
const steps = 3;

/** As far as the gradients of two devices may be from each other. */
const tolerance = 1e-2;

type Evaluating = Awaited<ReturnType<typeof evaluation>>;

/** Whether several steps at once lead where they lead one by one; not where they fail: then it paints without. */
async function isSound({ image, evaluate, descend }: Evaluating): Promise<boolean> {
  try {
    const { gradient } = await evaluate();
    // The first step is ten gray levels where the slope is steepest.
    const rate = 10 / gradient.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    let data = image.data;
    for (let i = 0; i < steps; i++) {
      const { gradient: slope } = await evaluate({ ...image, data });
      data = data.map((value, k) => value - rate * slope[k]);
    }
    const descended = await descend?.(gradient, rate);
    const way = (end: Float32Array) => end.map((value, k) => value - image.data[k]);
    return descended !== undefined && distance(way(descended.image), way(data)) < tolerance;
  } catch {
    return false;
  }
}

/** Whether a step takes hardly longer than an evaluation alone, after the first call, which prepares the device. */
async function keepsPace(descend: Evaluating['descend'], seconds: number): Promise<boolean> {
  const { length } = picture(large, 0).data;
  await descend?.(new Float32Array(length), 0);
  const before = performance.now();
  await descend?.(new Float32Array(length), 0);
  return (performance.now() - before) / 1000 / steps < 1.3 * seconds;
}

/** Evaluates a picture against the content of another and the style of a third. */
async function evaluation(engine: Engine, size: { width: number; height: number }) {
  const features = (phase: number) => engine.features(picture(size, phase));
  const { content } = await features(1);
  const { style } = await features(2);
  const wanted = perLayer(defaultStyleLayers, (layer) => wasserstein.target(style[layer]));
  const targets: Targets = { content, regions: [{ targets: wanted }] };
  const image = picture(size, 0);
  return {
    image,
    evaluate: (other = image) => engine.evaluate(other, targets, weights),
    descend:
      engine.descend &&
      ((gradient: Float32Array, rate: number) =>
        engine.descend!({
          ...{ method: plainStep, image, gradient, targets, weights: { ...weights, tv: 0 } },
          state: { rate: { rows: 1, columns: 1, data: Float32Array.of(rate) } },
          ...{ constant: 0, steps, limit: Infinity },
        })),
  };
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
