/** Paintings of which an engine takes several steps at once, beside the same ones step by step. */
import { expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import type { Picture } from '../../src/image/picture.js';
import type { StyleLoss } from '../../src/losses/statistics.js';
import { wasserstein } from '../../src/losses/wasserstein.js';
import { loadNetwork } from '../../src/network/weights.js';
import { adamOptions, settingsSchema } from '../../src/settings/settings.js';
import { type Iterate, stylize, type Transfer } from '../../src/transfer/stylize.js';

const layers = { content: { relu2_1: 1 }, style: { relu1_1: 0.5, relu2_1: 0.5 } };
const size = { width: 100, height: 97 };

/** Waves, and a flat area as a clipped sky is. */
const picture = (phase: number): Picture => ({
  ...size,
  data: Float32Array.from({ length: 3 * size.width * size.height }, (_, i) => {
    const [x, y, c] = [i % size.width, Math.floor(i / size.width) % size.height, Math.floor(i / (100 * 97))];
    return y < 9 ? 250 : 128 + 60 * Math.sin(0.21 * x + phase + c) + 50 * Math.cos(0.9 * y * (phase + 1) - x);
  }),
});

const mask = (left: boolean) => ({
  ...size,
  data: Float32Array.from({ length: size.width * size.height }, (_, i) => {
    const x = (i % size.width) / size.width;
    return Math.max(0, Math.min(1, left ? 1.4 - 3 * x : 3 * x - 1.8));
  }),
});

async function transferFor(changes: Partial<Transfer>): Promise<Transfer> {
  const { mean } = await loadNetwork();
  return {
    content: picture(0),
    styles: [picture(1), picture(2)],
    initial: picture(0),
    weights: { content: 1, style: 10, tv: 1e-4, blend: [0.3, 0.7] },
    styleLoss: wasserstein,
    layers,
    mean,
    optimizer: 'lbfgs',
    adam: adamOptions(settingsSchema.parse({ styles: ['a.jpg'] })),
    iterations: 12,
    scales: 1,
    ...changes,
  };
}

const engineFor = async (styleLoss: StyleLoss, masks: number, descends: boolean) =>
  createOnnxEngine({
    network: await loadNetwork(),
    contentLayers: Object.keys(layers.content),
    styleLayers: Object.keys(layers.style),
    styleLoss,
    pooling: 'max',
    masks,
    threads: 1,
    descends,
  });

async function paint(transfer: Transfer, descends: boolean): Promise<Iterate[]> {
  const engine: Engine = await engineFor(transfer.styleLoss, transfer.masks?.length ?? 0, descends);
  const iterates: Iterate[] = [];
  try {
    for await (const iterate of stylize(engine, transfer)) iterates.push(iterate);
    return iterates;
  } finally {
    await engine.dispose();
  }
}

it.each<[string, Partial<Transfer>]>([
  ['L-BFGS, masks', { masks: [mask(true), mask(false)] }],
  ['Adam, coarse to fine', { optimizer: 'adam', scales: 2 }],
])('takes as many steps in the end: %s', async (_, changes) => {
  // Every fifth is wanted.
  const transfer = await transferFor({ ...changes, stepsUnseen: (iteration) => 5 - (iteration % 5) });
  const single = await paint(transfer, false);
  const several = await paint(transfer, true);
  const all = new Map(single.map((iterate) => [iterate.iteration, iterate]));
  const iterations = several.map(({ iteration }) => iteration);
  expect(iterations).toEqual([...new Set(iterations)].sort((a, b) => a - b));
  expect(iterations).toEqual(expect.arrayContaining([0, 5, 10, 12]));
  for (const { iteration, scale, losses, best, plan } of several) {
    const beside = all.get(iteration)!;
    expect(scale).toBe(beside.scale);
    expect(losses.total / beside.losses.total).toBeCloseTo(1, 1);
    expect(best().width).toBe(plan.scales[scale - 1].width);
  }
});

it('goes on under other weights after a change, and from a saved state', async () => {
  const transfer = await transferFor({});
  const engine = await engineFor(transfer.styleLoss, 0, true);
  const iterates = stylize(engine, transfer);
  await iterates.next();
  const before = (await iterates.next()).value as Iterate;
  const weights = { ...transfer.weights, style: 1000 };
  const after = (await iterates.next({ weights })).value as Iterate;
  expect(after.iteration).toBe(before.iteration + 1);
  expect(after.losses.total).toBeGreaterThan(20 * before.losses.total);
  expect(after.bestLosses).toBe(after.losses);
  const later = (await iterates.next()).value as Iterate;
  expect(later.bestLosses.total).toBeLessThan(after.losses.total);
  const resumed = (await stylize(engine, transfer, structuredClone(later.state())).next()).value as Iterate;
  expect(resumed.iteration).toBe(later.iteration);
  expect(resumed.losses.total / later.losses.total).toBeCloseTo(1, 4);
  await engine.dispose();
});
