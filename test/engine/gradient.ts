/** An engine's gradient against finite differences of its loss. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Features, Image, LayerLossWeights, Region, Targets } from '../../src/engine/engine.js';
import { perLayer } from '../../src/engine/sizes.js';
import { gram } from '../../src/losses/gram.js';
import type { StyleLoss } from '../../src/losses/statistics.js';
import { exact, wassersteinLoss } from '../../src/losses/wasserstein.js';
import { layerShape, type Pooling } from '../../src/network/vgg19.js';
import { loadNetwork } from '../../src/network/weights.js';
import type { CreateEngine } from './golden.js';

const contentLayers = ['relu2_2', 'relu3_1'];
const styleLayers = ['relu1_1', 'relu2_1', 'relu3_1'];

/** A smooth picture with detail; `flat` clips its upper half to one color, as a bright sky is. */
export function testImage(height: number, width: number, flat = false, phase = 0): Image {
  const data = new Float32Array(3 * height * width);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const detail =
          60 * Math.sin(0.7 * x + 0.3 * c + phase) * Math.cos(0.5 * y + phase) +
          25 * Math.sin(2.3 * x + 1.9 * y + c);
        data[(c * height + y) * width + x] = flat && y < height / 2 ? 100 : detail;
      }
    }
  }
  return { data, height, width };
}

/** A mask at every style layer's size: 1 on the left, fading to 0 on the right, or the other way round. */
export function sideMask(height: number, width: number, left: boolean): NonNullable<Region['mask']> {
  const entries = styleLayers.map((layer) => {
    const [, h, w] = layerShape(layer, height, width);
    const fade = (x: number) => Math.min(1, Math.max(0, 1.5 - (2 * (left ? x : w - 1 - x)) / w));
    return [layer, Float32Array.from({ length: h * w }, (_, i) => fade(i % w))] as const;
  });
  return Object.fromEntries(entries);
}

export function gradientTests(create: CreateEngine): void {
  const wasserstein = wassersteinLoss(exact);
  describe.each<{ name: string; styleLoss: StyleLoss; pooling: Pooling; masks: number }>([
    { name: 'Gram', styleLoss: gram, pooling: 'max', masks: 0 },
    { name: 'Gram', styleLoss: gram, pooling: 'avg', masks: 0 },
    { name: 'Gram', styleLoss: gram, pooling: 'max', masks: 2 },
    { name: 'Wasserstein', styleLoss: wasserstein, pooling: 'max', masks: 0 },
    { name: 'Wasserstein', styleLoss: wasserstein, pooling: 'avg', masks: 2 },
  ])('$name, $pooling pooling, $masks masks', ({ styleLoss, pooling, masks }) => {
    let engine: Engine;
    beforeAll(async () => {
      const network = await loadNetwork();
      engine = await create({
        threads: 1,
        network,
        contentLayers,
        styleLayers,
        styleLoss,
        pooling,
        masks,
      });
    });
    afterAll(() => engine.dispose());

    // Such that content and style pull about alike.
    const strength = styleLoss === gram ? 1 : 1e5;
    const weights: LayerLossWeights = {
      content: { relu2_2: 3, relu3_1: 5 },
      style: [
        { relu1_1: strength, relu2_1: 0.5 * strength, relu3_1: 2 * strength },
        { relu1_1: 2 * strength, relu2_1: strength, relu3_1: 0.3 * strength },
      ],
    };
    const targetsFor = (style: Features['style']) =>
      perLayer(styleLayers, (layer) => styleLoss.target(style[layer]));

    /** Another picture's features; under masks, one picture's to the left and another's to the right. */
    async function targetsAt(height: number, width: number): Promise<Targets> {
      const features = (phase: number) => engine.features(testImage(height, width, false, phase));
      const { content, style } = await features(2);
      if (masks === 0) return { content, regions: [{ targets: targetsFor(style) }] };
      const left = { targets: targetsFor(style), mask: sideMask(height, width, true) };
      const right = { targets: targetsFor((await features(1)).style), mask: sideMask(height, width, false) };
      return { content, regions: [left, right] };
    }

    async function lossOf(image: Image, targets: Targets): Promise<{ loss: number; gradient: Float32Array }> {
      const { content, style, gradient } = await engine.evaluate(image, targets, weights);
      let loss = 0;
      for (const layer of contentLayers) loss += weights.content[layer] * content[layer];
      for (const [region, losses] of style.entries())
        for (const layer of styleLayers) loss += weights.style[region][layer] * losses[layer].loss;
      return { loss, gradient };
    }

    it.each([
      { height: 32, width: 32 },
      { height: 37, width: 45 },
      { height: 33, width: 64 },
    ])('agrees with finite differences at $width×$height', async ({ height, width }) => {
      const image = testImage(height, width);
      const targets = await targetsAt(height, width);
      const { gradient } = await lossOf(image, targets);
      // Along smooth directions: single pixels drown in the rounding of 32-bit sums.
      for (const phase of [0.4, 1.1, 2.9]) {
        const direction = testImage(height, width, false, phase).data;
        const step = styleLoss === gram ? 2e-3 : 2e-2;
        const moved = (sign: number) => ({
          ...image,
          data: image.data.map((value, i) => value + sign * step * direction[i]),
        });
        const forward = (await lossOf(moved(1), targets)).loss;
        const back = (await lossOf(moved(-1), targets)).loss;
        const along = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
        const scale = Math.hypot(...gradient) * Math.hypot(...direction);
        expect(Math.abs((forward - back) / (2 * step) - along) / scale).toBeLessThan(2e-3);
      }
    });

    it('shares a pooled gradient among pixels that tie in a flat area', async () => {
      const [height, width] = [48, 48];
      const image = testImage(height, width, true);
      const targets = await targetsAt(height, width);
      const { loss, gradient } = await lossOf(image, targets);
      // Moving the flat area as a whole keeps its ties, so the loss is smooth in that direction.
      const flat = (i: number) => (Math.floor(i / width) % height < height / 2 - 8 ? 1 : 0);
      const step = 0.05;
      const moved = (sign: number) => ({
        ...image,
        data: image.data.map((value, i) => value + sign * step * flat(i)),
      });
      const along = gradient.reduce((sum, value, i) => sum + value * flat(i), 0);
      const difference =
        ((await lossOf(moved(1), targets)).loss - (await lossOf(moved(-1), targets)).loss) / (2 * step);
      expect(loss).toBeGreaterThan(0);
      // ReLUs open and close on the way, worth some percent; a mask that did not share would be 300 % off.
      expect(Math.abs(difference - along) / Math.abs(along)).toBeLessThan(0.05);
    });
  });

  it('takes the statistics of what a mask lets through', async () => {
    const layer = 'relu2_1';
    const [height, width] = [37, 45];
    const network = await loadNetwork();
    const engine = await create({
      threads: 1,
      network,
      contentLayers: [layer],
      styleLayers: [layer],
      styleLoss: gram,
      pooling: 'max',
      masks: 2,
    });
    const image = testImage(height, width);
    const { content, style } = await engine.features(image);
    const [channels, h, w] = layerShape(layer, height, width);
    const half = sideMask(height, width, true)[layer];
    const all = new Float32Array(h * w).fill(1);
    const targets = { [layer]: gram.target(style[layer]) };
    const region = (mask: Float32Array) => ({ targets, mask: { [layer]: mask } });
    const weights = { content: { [layer]: 1 }, style: [{ [layer]: 1 }, { [layer]: 1 }] };
    const got = await engine.evaluate(image, { content, regions: [region(all), region(half)] }, weights);
    await engine.dispose();
    const features = content[layer];
    const norm = half.reduce((sum, value) => sum + value * value, 0);
    for (const [a, b] of [
      [0, 0],
      [3, 70],
      [127, 64],
    ]) {
      const at = a * channels + b;
      const { second } = style[layer];
      const largest = Math.max(...second);
      expect(Math.abs(got.style[0][layer].second[at] - second[at])).toBeLessThan(1e-6 * largest);
      let sum = 0;
      for (let i = 0; i < h * w; i++) sum += half[i] ** 2 * features[a * h * w + i] * features[b * h * w + i];
      expect(Math.abs(got.style[1][layer].second[at] - sum / norm)).toBeLessThan(1e-5 * largest);
    }
  });
}
