/** An engine and the losses against PyTorch (gatys-*.json) and the ancestor itself (seed-*.json). */
import { describe, expect, it } from 'vitest';
import type { Engine, EngineOptions } from '../../src/engine/engine.js';
import type { Pooling } from '../../src/network/vgg19.js';
import { loadNetwork } from '../../src/network/weights.js';
import { adam } from '../../src/transfer/adam.js';
import { regions, sum, termWeights, weigh } from '../../src/transfer/losses.js';
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
}

const odd = { content: 'content-odd-75x53.png', initial: 'initial-odd-75x53.png' };
const even = { content: 'content-96x64.png' };
const oneStyle = { styles: ['style-a-80x72.png'], blend: [1] };
const otherStyle = { styles: ['style-b-64x88.png'], blend: [1] };
const usual = { contentShares: shares(['relu4_2']), styleShares: shares(defaultStyleLayers) };

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
  };
});

export type CreateEngine = (options: EngineOptions) => Promise<Engine>;

/** Runs Adam with the ancestor's weights and yields losses and gradient before each step. */
async function* descend(create: CreateEngine, c: Case) {
  const layers = { content: c.contentShares, style: c.styleShares };
  const engine = await create({
    threads: 1,
    network: await loadNetwork(),
    contentLayers: Object.keys(layers.content),
    styleLayers: Object.keys(layers.style),
    pooling: c.pooling,
  });
  const targets = await measure(engine, c.content, c.styles);
  const weights = { content: 5, style: 500, tv: 100, blend: c.blend };
  const optimizer = adam({ learningRate: 10 });
  let image = toImage(await picture(c.initial ?? c.content));
  try {
    while (true) {
      const target = { content: targets.content, regions: regions(targets, weights, layers) };
      const evaluation = await engine.evaluate(image, target, termWeights(targets, weights, layers));
      yield { losses: weigh(evaluation, targets, weights, layers), gradient: evaluation.gradient, image };
      image = { ...image, data: await optimizer.step(image.data, evaluation.gradient) };
    }
  } finally {
    await engine.dispose();
  }
}

export function goldenTests(create: CreateEngine): void {
  describe.each(torchCases)('PyTorch, $file', (c) => {
    it('agrees on every loss and on the gradient before the first step', async () => {
      const expected = readJson(c.file);
      for await (const { losses, gradient, image } of descend(create, c)) {
        const got: Record<string, number> = { total: losses.total, tv: losses.tv };
        for (const [layer, loss] of Object.entries(losses.content)) got[`content/${layer}`] = loss;
        for (const [layer, loss] of Object.entries(losses.style)) got[`style/${layer}`] = sum(loss);
        const first: Record<string, number> = expected.losses[0];
        expect(Object.keys(got).sort()).toEqual(Object.keys(first).sort());
        for (const [term, loss] of Object.entries(first)) {
          expect(Math.abs(got[term] - loss), `${term}: ${got[term]}, expected ${loss}`).toBeLessThanOrEqual(
            1e-4 * loss,
          );
        }
        const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const { channel, y, x, value } of expected.gradient_rgb.samples) {
          const at = gradient[(channel * image.height + y) * image.width + x];
          expect(Math.abs(at - value), `channel ${channel}, ${x},${y}`).toBeLessThan(1e-3 * largest);
        }
        expect(relative(Math.hypot(...gradient), expected.gradient_rgb.l2)).toBeLessThan(1e-3);
        break;
      }
    });
  });

  describe.each(seedCases)('the ancestor, $file', (c) => {
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
          expect(relative(sum(Object.values(losses.style).flat()), style)).toBeLessThan(tolerance);
          expect(relative(losses.tv, tv)).toBeLessThan(tolerance);
        }
        if (++step === expected.length) break;
      }
      expect(step).toBe(21);
    });
  });
}
