/** Steps that an engine takes at once, beside the optimizer's own step and an evaluation, one by one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Image } from '../../src/engine/engine.js';
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import { perLayer } from '../../src/engine/sizes.js';
import { gram } from '../../src/losses/gram.js';
import { wasserstein } from '../../src/losses/wasserstein.js';
import { loadNetwork } from '../../src/network/weights.js';
import { adamOptions, settingsSchema } from '../../src/settings/settings.js';
import { adam } from '../../src/transfer/adam.js';
import { type DescentOptions, descentIn, type Place, within } from '../../src/transfer/descent.js';
import { lbfgs } from '../../src/transfer/lbfgs.js';
import { type Objective, objectiveFor } from '../../src/transfer/losses.js';
import type { Optimizer } from '../../src/transfer/optimizer.js';
import { preconditioner } from '../../src/transfer/preconditioner.js';
import { sideMask, testImage } from './gradient.js';

const contentLayers = ['relu2_2'];
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1'];
const layers = { content: { relu2_2: 1 }, style: perLayer(styleLayers, () => 1 / 3) };
const size = { height: 37, width: 42 };
const usual = adamOptions(settingsSchema.parse({ styles: ['a.jpg'] }));
/** Of the pairs, the oldest are replaced. As in stylize(), nothing moves out of reach. */
function optimizerOf(
  name: 'adam' | 'lbfgs',
  { algebra }: Engine,
  reach: Float32Array | undefined,
): Optimizer {
  if (name === 'adam') return adam({ ...usual, learningRate: 2, epsilon: 1e-3 });
  const waves = preconditioner(algebra, size);
  const step = async (z: Float32Array) => (reach ? within(await waves.step(z), reach) : waves.step(z));
  return lbfgs({ algebra, history: 4, coordinates: { ...waves, step } });
}

/** ‖a − b‖ / ‖b − from‖: how far apart two ways are, as a share of the way. */
function apart(a: Image, b: Image, from: Image): number {
  let [difference, way] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    difference += (a.data[i] - b.data[i]) ** 2;
    way += (b.data[i] - from.data[i]) ** 2;
  }
  return Math.sqrt(difference / way);
}

describe.each([
  {
    styleLoss: wasserstein,
    steps: 10,
    masks: 0,
    weights: { content: 1, style: 10, tv: 1e-4, blend: [0.3, 0.7] },
  },
  {
    styleLoss: wasserstein,
    steps: 10,
    masks: 2,
    weights: { content: 1, style: 10, tv: 1e-4, blend: [0.3, 0.7] },
  },
  // It is steeper: after a few steps rounding has grown to more than that.
  { styleLoss: gram, steps: 3, masks: 0, weights: { content: 5, style: 200, tv: 40, blend: [0.3, 0.7] } },
])('$masks masks, weights $weights', ({ styleLoss, steps, masks, weights }) => {
  let engine: Engine;
  let alone: Engine;
  let objective: Objective;
  const reach = masks
    ? Float32Array.from({ length: size.height * size.width }, (_, i) => (i % size.width) / size.width)
    : undefined;

  beforeAll(async () => {
    const network = await loadNetwork();
    const options = {
      network,
      contentLayers,
      styleLayers,
      styleLoss,
      masks,
      pooling: 'avg',
      threads: 1,
    } as const;
    engine = await createOnnxEngine({ ...options, descends: true });
    alone = await createOnnxEngine(options);
    const features = (phase: number) => alone.features(testImage(size.height, size.width, false, phase));
    const { content } = await features(0);
    const styles = [(await features(2)).style, (await features(4)).style];
    const measured = {
      content,
      styles,
      masks: masks ? [true, false].map((left) => sideMask(size.height, size.width, left)) : undefined,
    };
    objective = objectiveFor(measured, weights, layers, styleLoss);
  });
  afterAll(async () => {
    await engine.dispose();
    await alone.dispose();
  });

  /** The image after so many steps one by one, each evaluated, from the first on. */
  async function oneByOne(options: DescentOptions, image: Image, steps: number): Promise<Place[]> {
    const descent = descentIn(alone, options);
    let place = await descent.begin(image, { objective, best: undefined });
    const places: Place[] = [place];
    for (let i = 0; i < steps; i++) {
      place = await descent.from(place, { objective, best: place.best, steps: 1 });
      places.push(place);
    }
    return places;
  }

  it.each(['adam', 'lbfgs'] as const)('%s', async (name) => {
    const image = testImage(size.height, size.width);
    const optimizer = optimizerOf(name, alone, reach);
    const places = await oneByOne({ optimizer, reach, limit: Infinity }, image, steps);

    const inEngine = optimizerOf(name, engine, reach).inEngine!;
    const descend = async (start: Place, count: number, limit = Infinity) =>
      engine.descend!({
        ...{ method: inEngine.method, transform: inEngine.transform, steps: count, limit, reach },
        state: await inEngine.state(image.data.length),
        image: start.image,
        gradient: start.gradient,
        targets: objective.targets,
        weights: { ...objective.weights, tv: objective.tvWeight },
        constant: objective.constant,
      });
    const all = await descend(places[0], steps);
    expect(all.passes).toHaveLength(steps);
    for (const [i, { tv, ...pass }] of all.passes.entries())
      expect(objective.losses(pass, tv).total / places[i + 1].losses.total).toBeCloseTo(1, 3);
    expect(apart({ ...size, data: all.image }, places[steps].image, image)).toBeLessThan(1e-4);
    const best = places.slice(1).reduce((a, b) => (b.losses.total < a.losses.total ? b : a));
    expect(apart({ ...size, data: all.best.image }, best.image, image)).toBeLessThan(1e-4);
    expect(all.best.total / best.losses.total).toBeCloseTo(1, 3);

    // What is handed back leads on as the state of steps one by one does.
    inEngine.take(all);
    const reached = { ...places[steps], image: { ...size, data: all.image }, gradient: all.gradient };
    const next = await descend(reached, 1);
    const wanted = await optimizer.step(places[steps].image.data, places[steps].gradient);
    expect(apart({ ...size, data: next.image }, { ...size, data: wanted }, places[steps].image)).toBeLessThan(
      1e-2,
    );
  });
});

it('leaves a gradient only where the image may change', () => {
  expect([...within(Float32Array.of(2, 4, 6, 8, 10, 12), Float32Array.of(0, 0.5))]).toEqual([
    0, 2, 0, 4, 0, 6,
  ]);
});
