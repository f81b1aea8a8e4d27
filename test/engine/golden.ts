/** An engine and the losses against PyTorch (gatys-*.json, wasserstein-*.json) and anishathalye/neural-style itself (seed-*.json). */
import { describe, expect, it } from 'vitest';
import type { Engine, EngineOptions } from '../../src/engine/engine.js';
import { gram } from '../../src/losses/gram.js';
import type { StyleLoss } from '../../src/losses/statistics.js';
import { exact, wassersteinLoss } from '../../src/losses/wasserstein.js';
import type { Pooling } from '../../src/network/vgg19.js';
import { loadNetwork } from '../../src/network/weights.js';
import { adam } from '../../src/transfer/adam.js';
import { evaluate, type Losses, objectiveFor, sum } from '../../src/transfer/losses.js';
import { defaultStyleLayers, measure, picture, readJson, relative, shares, toImage } from '../reference.js';

interface Case {
  file: string;
  content: string;
  styles: string[];
  blend: number[];
  initial?: string;
  pooling: Pooling;
  contentShares: Record<string, number>;
  styleShares: Record<string, number>;
  styleLoss: StyleLoss;
  weights: { content: number; style: number; tv: number };
}

const odd = { content: 'content-odd-75x53.png', initial: 'initial-odd-75x53.png' };
const even = { content: 'content-96x64.png' };
const oneStyle = { styles: ['style-a-80x72.png'], blend: [1] };
const otherStyle = { styles: ['style-b-64x88.png'], blend: [1] };
/** anishathalye/neural-style's defaults. */
const gatys = { styleLoss: gram, weights: { content: 5, style: 500, tv: 100 } };
const usual = { contentShares: shares(['relu4_2']), styleShares: shares(defaultStyleLayers), ...gatys };

/** What the PyTorch reference was run with: its files name their layers and nothing else. */
const torchCases: Case[] = [
  { file: 'gatys-one-style-max.json', ...even, ...oneStyle, ...usual, pooling: 'max' },
  {
    file: 'gatys-two-styles-avg.json',
    ...even,
    styles: ['style-a-80x72.png', 'style-b-64x88.png'],
    blend: [0.7, 0.3],
    contentShares: shares(['relu2_2', 'relu4_2']),
    styleShares: shares(['relu1_2', 'relu2_2', 'relu3_1', 'relu3_4', 'relu5_4'], 0.5),
    pooling: 'avg',
    ...gatys,
  },
  { file: 'gatys-odd-size-max.json', ...odd, ...otherStyle, ...usual, pooling: 'max' },
  { file: 'gatys-odd-size-avg.json', ...odd, ...otherStyle, ...usual, pooling: 'avg' },
];

/** The ancestor's runs say how they were made. */
const seedCases: Case[] = ['one-style-max', 'two-styles-avg', 'odd-size-max', 'odd-size-avg'].map((name) => {
  const file = `seed-${name}.json`;
  const { settings } = readJson(file);
  const blend = settings.content_weight_blend;
  return {
    file,
    content: settings.content,
    initial: settings.initial,
    styles: settings.styles,
    blend: settings.style_blend_weights,
    contentShares: { relu4_2: blend, relu5_2: 1 - blend },
    styleShares: shares(defaultStyleLayers, settings.style_layer_weight_exp),
    pooling: settings.pooling,
    ...gatys,
  };
});

/** As exact as single precision goes. */
const wassersteinCases: Case[] = ['one-style-max', 'two-styles-avg', 'odd-size-max'].map((name) => {
  const file = `wasserstein-${name}.json`;
  const { settings } = readJson(file);
  const styles: string[] = settings.styles.split(',');
  return {
    file,
    content: settings.content,
    initial: settings.initial ?? undefined,
    styles,
    blend: settings.blend ? settings.blend.split(',').map(Number) : styles.map(() => 1 / styles.length),
    contentShares: shares(settings.content_layers.split(',')),
    styleShares: shares(settings.style_layers.split(',')),
    pooling: settings.pooling,
    styleLoss: wassersteinLoss(exact),
    weights: { content: settings.content_weight, style: settings.style_weight, tv: settings.tv_weight },
  };
});

export type CreateEngine = (options: EngineOptions) => Promise<Engine>;

/** Runs Adam and yields losses and gradient before each step. */
async function* descend(create: CreateEngine, c: Case) {
  const layers = { content: c.contentShares, style: c.styleShares };
  const engine = await create({
    threads: 1,
    network: await loadNetwork(),
    contentLayers: Object.keys(layers.content),
    styleLayers: Object.keys(layers.style),
    styleLoss: c.styleLoss,
    pooling: c.pooling,
  });
  const targets = await measure(engine, c.content, c.styles);
  const goal = objectiveFor(targets, { ...c.weights, blend: c.blend }, layers, c.styleLoss);
  const optimizer = adam({ learningRate: 10, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
  let image = toImage(await picture(c.initial ?? c.content));
  try {
    while (true) {
      const { losses, gradient } = await evaluate(engine, image, goal);
      yield { losses, gradient, image };
      image = { ...image, data: await optimizer.step(image.data, gradient) };
    }
  } finally {
    await engine.dispose();
  }
}

/** Of each term at each layer, with the reference's names. */
function byTerm({ total, tv, content, style }: Losses): Record<string, number> {
  const got: Record<string, number> = { total, tv };
  for (const [layer, loss] of Object.entries(content)) got[`content/${layer}`] = loss;
  for (const [layer, loss] of Object.entries(style)) got[`style/${layer}`] = loss;
  return got;
}

function expectLosses(got: Record<string, number>, expected: Record<string, number>): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
  for (const [term, loss] of Object.entries(expected))
    expect(Math.abs(got[term] - loss), `${term}: ${got[term]}, expected ${loss}`).toBeLessThanOrEqual(
      1e-4 * loss,
    );
}

const largestOf = (gradient: Float32Array) =>
  gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

export function goldenTests(create: CreateEngine): void {
  describe.each(wassersteinCases)('PyTorch, $file', (c) => {
    it('agrees on every loss and on the gradient', async () => {
      const { unweighted, total, gradient: expected } = readJson(c.file);
      const { weights, contentShares, styleShares } = c;
      for await (const { losses, gradient, image } of descend(create, c)) {
        const weighted = (term: 'content' | 'style', layerShares: Record<string, number>) =>
          Object.entries(unweighted[term] as Record<string, number>).map(
            ([layer, loss]) => [`${term}/${layer}`, weights[term] * layerShares[layer] * loss] as const,
          );
        const byLayer = [...weighted('content', contentShares), ...weighted('style', styleShares)];
        const wanted = { total, tv: weights.tv * unweighted.tv, ...Object.fromEntries(byLayer) };
        expectLosses(byTerm(losses), wanted);
        const tolerance = 1e-3;
        expect(relative(largestOf(gradient), expected.largest)).toBeLessThan(tolerance);
        expect(relative(Math.hypot(...gradient) / Math.sqrt(gradient.length), expected.rms)).toBeLessThan(
          tolerance,
        );
        for (const [channel, y, x, value] of expected.samples) {
          const at = gradient[(channel * image.height + y) * image.width + x];
          expect(Math.abs(at - value), `channel ${channel}, ${x},${y}`).toBeLessThan(
            tolerance * expected.largest,
          );
        }
        break;
      }
    });
  });

  describe.each(torchCases)('PyTorch, $file', (c) => {
    it('agrees on every loss and on the gradient before the first step', async () => {
      const expected = readJson(c.file);
      for await (const { losses, gradient, image } of descend(create, c)) {
        expectLosses(byTerm(losses), expected.losses[0]);
        const largest = largestOf(gradient);
        for (const { channel, y, x, value } of expected.gradient_rgb.samples) {
          const at = gradient[(channel * image.height + y) * image.width + x];
          expect(Math.abs(at - value), `channel ${channel}, ${x},${y}`).toBeLessThan(1e-3 * largest);
        }
        expect(relative(Math.hypot(...gradient), expected.gradient_rgb.l2)).toBeLessThan(1e-3);
        break;
      }
    });
  });

  describe.each(seedCases)('anishathalye/neural-style, $file', (c) => {
    it('agrees on the losses of twenty Adam steps', async () => {
      const expected: Array<Record<'content' | 'style' | 'tv' | 'total', number>> = readJson(c.file).losses;
      let step = 0;
      for await (const { losses } of descend(create, c)) {
        const { content, style, tv, total } = expected[step];
        const tolerance = step === 0 ? 1e-4 : 0.01;
        expect(relative(losses.total, total), `total at step ${step}`).toBeLessThan(tolerance);
        if (step === 0) {
          expect(Math.abs(sum(Object.values(losses.content)) - content)).toBeLessThanOrEqual(
            tolerance * content,
          );
          expect(relative(sum(Object.values(losses.style)), style)).toBeLessThan(tolerance);
          expect(relative(losses.tv, tv)).toBeLessThan(tolerance);
        }
        if (++step === expected.length) break;
      }
      expect(step).toBe(21);
    });
  });
}
