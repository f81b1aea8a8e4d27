import { describe, expect, it } from 'vitest';
import type { Engine, Evaluation } from '../../src/engine/engine.js';
import { createAlgebra } from '../../src/engine/onnx/algebra.js';
import { loadRuntime } from '../../src/engine/onnx/runtime.js';
import { gram } from '../../src/losses/gram.js';
import { wasserstein } from '../../src/losses/wasserstein.js';
import { adamOptions, settingsSchema } from '../../src/settings/settings.js';
import { adam } from '../../src/transfer/adam.js';
import { normalizeBlend } from '../../src/transfer/blend.js';
import { lbfgs, pairsKept } from '../../src/transfer/lbfgs.js';
import { type Objective, objectiveFor } from '../../src/transfer/losses.js';
import { noise } from '../../src/transfer/noise.js';
import type { Optimizer } from '../../src/transfer/optimizer.js';
import { lastOf, planScales, replan } from '../../src/transfer/scales.js';
import {
  type Iterate,
  type State,
  stylize,
  type Transfer,
  type TransferChange,
} from '../../src/transfer/stylize.js';
import { UserError } from '../../src/util/errors.js';

const usualAdam = adamOptions(settingsSchema.parse({ styles: ['a.jpg'] }));

describe('blend', () => {
  it('scales weights to sum 1, and shares equally when none are given', () => {
    expect(normalizeBlend([7, 3], 2)).toEqual([0.7, 0.3]);
    expect(normalizeBlend(undefined, 4)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(normalizeBlend([0, 2], 2)).toEqual([0, 1]);
  });

  it.each([
    [[1], 2, /1 weights for 2 styles/],
    [[1, -1], 2, /from 0 up/],
    [[0, 0], 2, /above 0/],
    [[Number.NaN, 1], 2, /from 0 up/],
  ])('refuses %j for %d styles', (weights, styles, message) => {
    expect(() => normalizeBlend(weights, styles)).toThrow(UserError);
    expect(() => normalizeBlend(weights, styles)).toThrow(message);
  });
});

describe('losses', () => {
  /** One layer of two channels, by second moments that are twice these Gram matrices. */
  const statistics = (a: number, b: number) => ({
    l: { mean: new Float32Array(2), second: Float32Array.of(2 * a, 2 * b, 2 * b, 2 * a) },
  });
  const measured = { content: { c: Float32Array.of(2, 4) }, styles: [statistics(1, 5), statistics(3, -1)] };
  const layers = { content: { c: 1 }, style: { l: 1 } };

  /** As an engine would: the Gram loss against the target that it was given. */
  function evaluated(goal: Objective, a: number, b: number): Evaluation {
    const { second } = statistics(a, b).l;
    const { data } = goal.targets.regions[0].targets.l.gram;
    const loss = data.reduce((sum, wanted, i) => sum + (second[i] / 2 - wanted) ** 2, 0) / 4;
    return { gradient: new Float32Array(12), content: { c: 2 }, style: [{ l: { loss, second } }] };
  }

  it('are exact for every style, and for all of them from their blend alone', () => {
    const goal = objectiveFor(measured, { content: 3, style: 10, tv: 4, blend: [0.25, 0.75] }, layers, gram);
    const losses = goal.losses(evaluated(goal, 2, 2), 1 / 6 + 1 / 6);
    // By hand: mean(1, 9, 9, 1) = 5 for either style.
    expect(losses.styles?.l[0]).toBeCloseTo(12.5, 5);
    expect(losses.styles?.l[1]).toBeCloseTo(37.5, 5);
    expect(losses.style.l).toBeCloseTo(50, 5);
    expect(losses.content.c).toBe(6);
    // Six differences along each direction; one of each is 1.
    expect(losses.tv).toBeCloseTo(4 * (1 / 6 + 1 / 6), 6);
    expect(losses.total).toBeCloseTo(50 + 6 + 4 / 3, 5);
  });

  it('give the engine one factor a layer', () => {
    const style = { a: statistics(1, 2).l, b: statistics(1, 2).l };
    const targets = { content: measured.content, styles: [style] };
    const shares = { content: { c: 1 }, style: { a: 0.2, b: 0.8 } };
    const weights = { content: 5, style: 500, tv: 100, blend: [1] };
    expect(objectiveFor(targets, weights, shares, gram).weights).toEqual({
      content: { c: 5 },
      style: [{ a: 100, b: 400 }],
    });
    const turned = { ...weights, styleLayers: { a: 0, b: 1.6 } };
    expect(objectiveFor(targets, turned, shares, gram).weights.style).toEqual([{ a: 0, b: 800 }]);
  });

  it('keep their targets as long as the blend is the same', () => {
    const weights = { content: 5, style: 1, tv: 0, blend: [0.5, 0.5] };
    const before = objectiveFor(measured, weights, layers, wasserstein);
    const heavier = { ...weights, content: 7, style: 2, blend: [0.5, 0.5] };
    const after = objectiveFor(measured, heavier, layers, wasserstein, before);
    expect(after.targets).toBe(before.targets);
    const anew = objectiveFor(measured, heavier, layers, wasserstein);
    expect(after.targets).toEqual(anew.targets);
    expect(after.weights).toEqual(anew.weights);
    const blended = { ...weights, blend: [0.25, 0.75] };
    expect(objectiveFor(measured, blended, layers, wasserstein, before).targets).toEqual(
      objectiveFor(measured, blended, layers, wasserstein).targets,
    );
    expect(objectiveFor(measured, blended, layers, wasserstein).targets).not.toEqual(before.targets);
  });

  it("count content as a share of the photo's own mean square, where the style loss is one", () => {
    const weights = { content: 5, style: 1, tv: 0, blend: [0.5, 0.5] };
    // mean(2², 4²) = 10
    expect(objectiveFor(measured, weights, layers, wasserstein).weights.content.c).toBeCloseTo(0.5, 6);
  });
});

/** Rosenbrock's valley, the usual hard case in two dimensions; its minimum is 0 at (1, 1). */
function rosenbrock([x, y]: Float32Array) {
  const gradient = Float32Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x));
  return { value: (1 - x) ** 2 + 100 * (y - x * x) ** 2, gradient };
}

/** Σ i·x_i², whose minimum is 0 at 0. */
const bowl = (x: Float32Array) => ({
  value: x.reduce((sum, v, i) => sum + (i + 1) * v * v, 0),
  gradient: x.map((v, i) => 2 * (i + 1) * v),
});

const algebra = createAlgebra(() => loadRuntime('cpu'), 1);

async function minimise(
  optimizer: Optimizer,
  f: typeof bowl,
  start: number[],
  steps: number,
): Promise<number> {
  let x = Float32Array.from(start);
  let best = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const { value, gradient } = f(x);
    best = Math.min(best, value);
    x = (await optimizer.step(x, gradient)) as Float32Array<ArrayBuffer>;
  }
  return best;
}

describe('optimizers', () => {
  it('L-BFGS finds the bottom of a bowl in few steps', async () => {
    expect(await minimise(lbfgs({ algebra, firstStep: 0.1 }), bowl, [3, -2, 1, 5], 25)).toBeLessThan(1e-8);
  });

  it('L-BFGS is at the bottom sooner when told what it is shaped like', async () => {
    const start = [3, -2, 1, 5, 4, -1, 2, 3];
    const stretch = async (values: Float32Array) => values.map((value, i) => value / Math.sqrt(i + 1));
    const coordinates = { gradient: stretch, step: stretch };
    const plain = await minimise(lbfgs({ algebra, firstStep: 0.1, history: 2 }), bowl, start, 6);
    const shaped = await minimise(
      lbfgs({ algebra, firstStep: 0.1, history: 2, coordinates }),
      bowl,
      start,
      6,
    );
    // The whole curvature is told, but for a factor.
    expect(shaped).toBeLessThan(1e-8);
    expect(shaped).toBeLessThan(1e-3 * plain);
  });

  it('L-BFGS gets down a curved valley', async () => {
    expect(await minimise(lbfgs({ algebra, firstStep: 0.02 }), rosenbrock, [-1.2, 1], 200)).toBeLessThan(
      1e-3,
    );
  });

  it('keeps fewer pairs of large pictures, of the same size always as many', async () => {
    const ofMegapixels = (count: number) => pairsKept(3e6 * count);
    expect([0.1, 1, 3, 12, 80].map(ofMegapixels)).toEqual([40, 6, 2, 1, 1]);
    // With a single pair it still descends.
    expect(
      await minimise(lbfgs({ algebra, firstStep: 0.1, history: 1 }), bowl, [3, -2, 1, 5], 60),
    ).toBeLessThan(1e-3);
  });

  it('L-BFGS moves pixels by the first step, and more carefully after a retreat', async () => {
    const optimizer = lbfgs({ algebra, firstStep: 3 });
    const image = new Float32Array(4);
    const meanMove = async () =>
      (await optimizer.step(image, Float32Array.of(1, -2, 3, -4))).reduce((sum, v) => sum + Math.abs(v), 0) /
      4;
    expect(await meanMove()).toBeCloseTo(3, 5);
    optimizer.retreat();
    expect(await meanMove()).toBeCloseTo(1.5, 5);
  });

  it("Adam's first step has the length of its learning rate, against the gradient's sign", async () => {
    const stepped = await adam({ ...usualAdam, learningRate: 10 }).step(
      new Float32Array(3),
      Float32Array.of(0.001, -5, 700),
    );
    expect([...stepped].map((value) => Math.round(value * 1e3) / 1e3)).toEqual([-10, 10, -10]);
  });
});

describe('scales', () => {
  it('go from coarse to fine and spend every evaluation', () => {
    const plan = planScales(512, 341, 3, 130);
    expect(plan.map(({ width, height }) => [width, height])).toEqual([
      [128, 85],
      [256, 171],
      [512, 341],
    ]);
    expect(plan.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(130);
    expect(plan.every(({ iterations }) => iterations > 0)).toBe(true);
  });

  it.each([
    [64, 64, 5, 10, 1],
    [512, 512, 1, 10, 1],
    [512, 512, 8, 2, 2],
    [128, 40, 2, 10, 1],
  ])('%d×%d in %d scales and %d evaluations', (width, height, scales, iterations, count) => {
    const plan = planScales(width, height, scales, iterations);
    expect(plan).toHaveLength(count);
    expect(plan.reduce((sum, scale) => sum + scale.iterations, 0)).toBe(iterations);
  });

  it.each([
    [512, 341, 128],
    [1024, 683, 128],
    [2048, 1365, 128],
    [3000, 4000, 94],
  ])('begin as broad at any size, when nothing is said: %d×%d', (width, height, broadest) => {
    const plan = planScales(width, height, undefined, 150);
    expect(plan[0].width).toBe(broadest);
    expect(plan.at(-1)).toMatchObject({ width, height });
    expect(plan.reduce((sum, scale) => sum + scale.iterations, 0)).toBe(150);
  });

  it.each([
    // steps taken, in all now, and at each scale then
    [0, 0, 200, [60, 60, 80]],
    [0, 10, 60, [21, 17, 22]],
    [0, 10, 1, [11, 1, 1]],
    [0, 29, 60, [30, 13, 17]],
    [1, 40, 160, [30, 50, 80]],
    [2, 80, 120, [30, 30, 60]],
    [2, 80, 12, [30, 30, 20]],
    [2, 100, 130, [30, 30, 70]],
  ])('at scale %d after %d steps, %d in all: %j', (index, iteration, iterations, expected) => {
    const scales = [30, 30, 40].map((iterations, i) => ({ width: 100 << i, height: 80 << i, iterations }));
    const plan = replan({ begun: 0, scales }, index, iteration, iterations);
    expect(plan.scales.map((scale) => scale.iterations)).toEqual(expected);
    const later = { begun: 7, scales };
    expect(lastOf(replan(later, index, 7 + iteration, 7 + iterations))).toBe(7 + lastOf(plan));
  });
});

describe('noise', () => {
  it("is the same for the same seed, and has the ancestor's spread", () => {
    const mean = [10, 20, 30];
    const a = noise(40, 50, mean, 7);
    expect(noise(40, 50, mean, 7).data).toEqual(a.data);
    expect(noise(40, 50, mean, 8).data).not.toEqual(a.data);
    const red = a.data.subarray(0, 2000);
    const average = red.reduce((sum, v) => sum + v, 0) / 2000;
    const deviation = Math.sqrt(red.reduce((sum, v) => sum + (v - average) ** 2, 0) / 2000);
    expect(average).toBeCloseTo(10, 1);
    expect(Math.abs(deviation - 0.256)).toBeLessThan(0.02);
  });
});

describe('stylize', () => {
  /** An engine whose content loss is the mean square of the image: painting means fading to the mean pixel. */
  function fadingEngine(spoil: (evaluation: number) => number = () => 1): Engine & { evaluations: number } {
    return {
      name: 'onnx',
      device: 'none',
      evaluations: 0,
      features: async () => ({
        content: { c: new Float32Array(1) },
        style: { s: { mean: Float32Array.of(0), second: Float32Array.of(0) } },
      }),
      async evaluate(image, _targets, weights) {
        const n = image.data.length;
        const factor = spoil(++this.evaluations);
        return {
          gradient: image.data.map((value) => (2 * weights.content.c * value) / n),
          content: { c: (factor * image.data.reduce((sum, value) => sum + value * value, 0)) / n },
          // What no step lowers.
          style: [{ s: { loss: 1e-3, second: Float32Array.of(0) } }],
        };
      },
      algebra,
      dispose: async () => {},
    };
  }
  const picture = (width: number, height: number) => ({
    data: new Float32Array(3 * width * height).map((_, i) => (i * 37) % 256),
    width,
    height,
  });
  const transfer = (changes: Partial<Transfer> = {}): Transfer => ({
    content: picture(160, 136),
    // Flat, so that it has no detail for larger scales.
    styles: [{ data: new Float32Array(3 * 128 * 64).fill(90), width: 128, height: 64 }],
    weights: { content: 1, style: 1, tv: 0, blend: [1] },
    layers: { content: { c: 1 }, style: { s: 1 } },
    styleLoss: gram,
    optimizer: 'lbfgs',
    adam: { ...usualAdam, learningRate: 10 },
    initial: picture(160, 136),
    iterations: 12,
    scales: 2,
    mean: [120, 120, 120],
    ...changes,
  });

  it('yields an iterate an evaluation, coarse to fine, each best no worse than the last', async () => {
    const iterates = [];
    for await (const iterate of stylize(fadingEngine(), transfer())) iterates.push(iterate);
    expect(iterates.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const sizes = iterates.map(({ best }) => best().width);
    expect(sizes[0]).toBe(80);
    expect(sizes.at(-1)).toBe(160);
    const final = iterates.filter(({ scale }) => scale === 2).map(({ bestLosses }) => bestLosses.total);
    expect(final).toEqual([...final].sort((a, b) => b - a));
    expect(final.at(-1)!).toBeLessThan(5e-3 * iterates[0].losses.total);
  });

  it('begins a larger scale with half of the detail that the smaller one had no room for', async () => {
    // One column light, the next dark: at half the size all of it is gray.
    const stripes = Float32Array.from({ length: 3 * 160 * 136 }, (_, i) => (i % 2 === 0 ? 148 : 108));
    const begins = async (detail?: Transfer['detail']) => {
      for await (const { scale, best } of stylize(fadingEngine(), transfer({ detail })))
        if (scale === 2) return best();
      throw new Error('there is no second scale');
    };
    const plain = await begins();
    expect([plain.width, plain.height]).toEqual([160, 136]);
    const detailed = await begins({ width: 160, height: 136, data: stripes });
    const row = 60 * 160;
    for (const x of [40, 41, 80, 81])
      expect(detailed.data[row + x] - plain.data[row + x]).toBeCloseTo(x % 2 === 0 ? 10 : -10, 0);
  });

  it('ends each scale once it hardly gets better, and says so', async () => {
    const settings = transfer({ iterations: 400, until: 0.01 });
    const iterates = [];
    const states: State[] = [];
    for await (const iterate of stylize(fadingEngine(), settings)) {
      iterates.push(iterate);
      states.push(structuredClone(iterate.state()));
    }
    const ends = iterates.filter(({ stoppedEarly }) => stoppedEarly);
    expect(ends.map(({ scale }) => scale)).toEqual([1, 2]);
    expect(iterates.at(-1)).toBe(ends[1]);
    expect(iterates.length).toBeLessThan(400);
    expect(iterates.map(({ iteration }) => iteration)).toEqual(iterates.map((_, i) => i));
    for (const { iteration, scale, stoppedEarly } of iterates) {
      const ofScale = iterates.filter((iterate) => iterate.scale === scale);
      const best = ofScale.map(({ bestLosses }) => bestLosses.total);
      const steps = iteration - ofScale[0].iteration;
      expect(stoppedEarly).toBe(steps >= 20 && best[steps - 20] - best[steps] < 0.01 * best[steps - 20]);
    }
    // From any state it ends where it would have.
    for (const from of [ends[0].iteration - 3, ends[0].iteration, ends[0].iteration + 1]) {
      const rest = [];
      for await (const { iteration } of stylize(fadingEngine(), settings, states[from])) rest.push(iteration);
      expect(rest.at(0)).toBe(from);
      expect(rest.at(-1)).toBe(ends[1].iteration);
    }
  });

  it('goes on with a picture that was done, when weights change just then', async () => {
    const iterates = stylize(fadingEngine(), transfer({ scales: 1, iterations: 400, until: 0.5 }));
    let latest = (await iterates.next()).value!;
    while (!latest.stoppedEarly) latest = (await iterates.next()).value!;
    const next = await iterates.next({ weights: { content: 100, style: 1, tv: 1, blend: [1] } });
    expect(next.done).toBe(false);
    expect(next.value!.iteration).toBe(latest.iteration + 1);
    expect(next.value!.stoppedEarly).toBe(false);
  });

  it('takes new weights from the next iteration on', async () => {
    const iterates = stylize(fadingEngine(), transfer({ scales: 1 }));
    const first = (await iterates.next()).value!;
    const second = (await iterates.next({ weights: { content: 100, style: 1, tv: 1, blend: [1] } })).value!;
    expect(first.weights.content).toBe(1);
    expect(second.weights.content).toBe(100);
    expect(second.losses.content.c / 100).toBeLessThan(first.losses.content.c);
  });

  /** Paints to the end, with a change after some iterations. */
  async function steered(changes: Record<number, TransferChange>, from?: State): Promise<Iterate[]> {
    const iterates = stylize(fadingEngine(), transfer(), from);
    const seen: Iterate[] = [];
    let change: TransferChange | undefined;
    for (;;) {
      const { value, done } = await iterates.next(change);
      if (done) return seen;
      seen.push(value);
      change = changes[value.iteration];
    }
  }

  it('takes more or fewer steps from the next iteration on', async () => {
    const more = await steered({ 3: { iterations: 20 } });
    expect(more.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect(more.map(({ iterations }) => iterations)).toEqual([...Array(4).fill(12), ...Array(17).fill(20)]);
    // As many as were asked for go to both sizes, as it was planned.
    expect(more.filter(({ scale }) => scale === 1)).toHaveLength(9);
    const fewer = await steered({ 8: { iterations: 10 } });
    expect(fewer.at(-1)).toMatchObject({ iteration: 10, scale: 2 });
    const atTheEnd = await steered({ 12: { iterations: 14 } });
    expect(atTheEnd.at(-1)!.iteration).toBe(14);
  });

  it('paints again from what there is, coarse to fine', async () => {
    const again = await steered({ 9: { again: true } });
    expect(again.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 23 }, (_, i) => i));
    expect(again.at(-1)).toMatchObject({ iterations: 22, scale: 2, scales: 2 });
    const widths = again.map(({ best }) => best().width);
    expect(widths.slice(9, 11)).toEqual([160, 80]);
    expect(widths.at(-1)).toBe(160);
    // From there, not from the beginning.
    expect(again[10].losses.total).toBeLessThan(0.1 * again[0].losses.total);
  });

  it('goes on from a state after changes, and all of it repeats', async () => {
    const changes = { 2: { iterations: 15 }, 9: { again: true as const }, 13: { iterations: 30 } };
    const whole = await steered(changes);
    const numbers = (iterates: Iterate[]) => iterates.map(({ iteration, losses }) => [iteration, losses]);
    expect(numbers(await steered(changes))).toEqual(numbers(whole));
    const iterates = stylize(fadingEngine(), transfer());
    let { value } = await iterates.next();
    const states: State[] = [];
    while (value) {
      states.push(structuredClone(value.state()));
      ({ value } = await iterates.next((changes as Record<number, TransferChange>)[value.iteration]));
    }
    for (const at of [5, 12, 20])
      expect(numbers(await steered(changes, states[at]))).toEqual(numbers(whole.slice(at)));
  });

  it.each(['adam', 'lbfgs'] as const)(
    'goes on from a state as if nothing had happened: %s',
    async (optimizer) => {
      const settings = transfer({ optimizer, adam: { ...usualAdam, learningRate: 3 }, iterations: 12 });
      const whole = [];
      const states: State[] = [];
      for await (const { iteration, losses, best, state } of stylize(fadingEngine(), settings)) {
        whole.push({ iteration, losses, best: best() });
        // As it would come back from a file.
        states.push(structuredClone(state()));
      }
      for (const from of [2, 6, 7, 9, 12]) {
        const engine = fadingEngine();
        const rest = [];
        for await (const { iteration, losses, best } of stylize(engine, settings, states[from]))
          rest.push({ iteration, losses, best: best() });
        expect(rest).toEqual(whole.slice(from));
        expect(engine.evaluations).toBe(whole.length - from);
      }
    },
  );

  it('goes back to the best image when a step blew up, and never hands out a worse one', async () => {
    const blowUps = new Set([4, 5]);
    const engine = fadingEngine((evaluation) => (blowUps.has(evaluation) ? Number.NaN : 1));
    let previous = Number.POSITIVE_INFINITY;
    let last = Number.NaN;
    for await (const { bestLosses } of stylize(engine, transfer({ scales: 1, iterations: 40 }))) {
      expect(bestLosses.total).toBeLessThanOrEqual(previous);
      previous = last = bestLosses.total;
    }
    expect(last).toBeLessThan(1);
  });
});
