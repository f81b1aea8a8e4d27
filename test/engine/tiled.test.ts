/** Pictures in tiles against the same pictures in one piece. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  Engine,
  Evaluation,
  Features,
  LayerLossWeights,
  PerLayer,
  Targets,
} from '../../src/engine/engine.js';
import { createOnnxEngine } from '../../src/engine/onnx/onnx.js';
import { perLayer } from '../../src/engine/sizes.js';
import { tiledEngine } from '../../src/engine/tiled.js';
import { gradientMargin, tilesOf } from '../../src/engine/tiles.js';
import { gram } from '../../src/losses/gram.js';
import type { StyleLoss } from '../../src/losses/statistics.js';
import { wasserstein } from '../../src/losses/wasserstein.js';
import type { Pooling } from '../../src/network/vgg19.js';
import { loadNetwork } from '../../src/network/weights.js';
import { defaultStyleLayers } from '../reference.js';
import { sideMask, testImage } from './gradient.js';

interface Case {
  title: string;
  contentLayers: string[];
  styleLayers: string[];
  styleLoss?: StyleLoss;
  pooling: Pooling;
  masks: number;
  width: number;
  height: number;
  /** Of a tile: so few that one in the middle is cut on all its sides that the picture does not end at. */
  pixels: number;
  /** The upper half is all one color. */
  flat?: boolean;
}

const usual = { contentLayers: ['relu4_2'], styleLayers: defaultStyleLayers };
const shallow = { contentLayers: ['relu2_2', 'relu3_1'], styleLayers: ['relu1_1', 'relu2_1', 'relu3_1'] };
const board = { ...shallow, width: 101, height: 83, pixels: 64 * 64 };

const cases: Case[] = [
  {
    title: 'a strip, Gram',
    ...usual,
    styleLoss: gram,
    pooling: 'max',
    masks: 0,
    width: 405,
    height: 33,
    pixels: 352 * 33,
  },
  { title: 'a board', ...board, pooling: 'max', masks: 0 },
  { title: 'a board, Gram', ...board, styleLoss: gram, pooling: 'max', masks: 0 },
  { title: 'a board, flat above', ...board, pooling: 'max', masks: 0, flat: true },
  { title: 'a board, average pooling', ...board, pooling: 'avg', masks: 0 },
  { title: 'a board with masks', ...board, pooling: 'max', masks: 2 },
];

/** The largest difference, as a share of the largest value. */
function apart(got: Float32Array, expected: Float32Array): number {
  let most = 0;
  let largest = 0;
  expect(got.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    most = Math.max(most, Math.abs(got[i] - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return most / largest;
}

describe.each(cases)('$title', (c) => {
  const { contentLayers, styleLayers, styleLoss = wasserstein, pooling, masks, width, height, flat } = c;
  let engine: Engine;
  let tiled: Engine;
  let seen: number[] = [];

  beforeAll(async () => {
    const options = { contentLayers, styleLayers, styleLoss, pooling, masks };
    engine = await createOnnxEngine({ ...options, threads: 1, network: await loadNetwork() });
    const { parts } = engine;
    if (!parts) throw new Error('without parts nothing can be put together');
    const done = (share: number) => seen.push(share);
    tiled = tiledEngine({ ...engine, parts }, { ...options, pixels: c.pixels, done });
  });
  afterAll(() => engine.dispose());

  it('has the same features, statistics, losses and gradient in one piece', async () => {
    const other = testImage(height, width, false, 2);
    const whole: Features = await engine.features(other);
    const measured = await tiled.features(other);
    for (const layer of contentLayers)
      expect(apart(measured.content[layer], whole.content[layer]), layer).toBeLessThan(1e-5);
    for (const layer of styleLayers)
      for (const part of ['mean', 'second'] as const)
        expect(apart(measured.style[layer][part], whole.style[layer][part]), layer).toBeLessThan(1e-5);

    const { content } = whole;
    const targetsFor = (style: Features['style']) =>
      perLayer(styleLayers, (layer) => styleLoss.target(style[layer]));
    const second = targetsFor(whole.style);
    const third = targetsFor((await engine.features(testImage(height, width, false, 1))).style);
    const targets: Targets = {
      content,
      regions: masks
        ? [
            { targets: second, mask: sideMask(height, width, true) },
            { targets: third, mask: sideMask(height, width, false) },
          ]
        : [{ targets: second }],
    };
    const style = (share: number): PerLayer<number> =>
      perLayer(styleLayers, (layer) => share * (1 + styleLayers.indexOf(layer)));
    const strength = styleLoss === gram ? 1 : 1e3;
    const weights: LayerLossWeights = {
      content: perLayer(contentLayers, () => 5),
      style: [style(strength), style(0.3 * strength)],
    };
    const image = testImage(height, width, flat);
    const expected: Evaluation = await engine.evaluate(image, targets, weights);
    seen = [];
    const got = await tiled.evaluate(image, targets, weights);
    // Told of each tile, of which the second pass has more; from nothing to all, ever more.
    expect(seen.length).toBeGreaterThan(6);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen.at(-1)).toBeCloseTo(1, 9);
    for (const layer of contentLayers)
      expect(Math.abs(got.content[layer] / expected.content[layer] - 1), layer).toBeLessThan(1e-4);
    for (const [region, own] of expected.style.entries()) {
      for (const layer of styleLayers) {
        const { loss, second } = got.style[region][layer];
        // A Wasserstein distance is a difference of traces: near zero single precision leaves little of it.
        expect(Math.abs(loss - own[layer].loss), layer).toBeLessThan(1e-4 * own[layer].loss + 2e-5);
        expect(apart(second, own[layer].second), layer).toBeLessThan(1e-5);
      }
    }
    // Everywhere alike, so there is no seam.
    expect(apart(got.gradient, expected.gradient)).toBeLessThan(1e-5);
  });

  it('is cut into cores that make up the picture, in tiles within their size', () => {
    const layers = [...contentLayers, ...styleLayers];
    const margin = gradientMargin(layers);
    const tiles = tilesOf({ width, height }, layers, margin, c.pixels);
    const times = new Uint8Array(width * height);
    for (const { core, ...tile } of tiles) {
      expect(tile.width * tile.height).toBeLessThanOrEqual(c.pixels);
      expect(tile.left).toBe(Math.max(0, core.left - margin));
      expect(tile.top + tile.height).toBe(Math.min(height, core.top + core.height + margin));
      for (let y = core.top; y < core.top + core.height; y++)
        for (let x = core.left; x < core.left + core.width; x++) times[y * width + x]++;
    }
    expect(times.every((count) => count === 1)).toBe(true);
    const isInside = ({ left, width: across }: (typeof tiles)[number]) => left > 0 && left + across < width;
    expect(tiles.some(isInside)).toBe(true);
  });
});
