/**
 * Exact evaluation in tiles of pictures that are too large for memory. Statistics are sums over positions, so a first pass
 * accumulates those of the tiles' cores. A second pass computes the gradient of each tile from the whole picture's
 * statistics, and keeps it at the core.
 */
import { layerShape } from '../network/vgg19.js';
import type {
  Engine,
  Evaluation,
  Features,
  Image,
  LayerLossWeights,
  PartGradients,
  PartStyle,
  Parts,
  PerLayer,
  Region,
  Targets,
} from './engine.js';
import { collectGarbage } from './garbage.js';
import { elements, perLayer, positions } from './sizes.js';
import {
  type Box,
  boxAt,
  cut,
  featuresMargin,
  gradientMargin,
  paste,
  type Tile,
  tilesOf,
  within,
} from './tiles.js';

/** Share of the first pass in an evaluation's time: it is forward only and has the smaller margin. */
const firstPass = 0.2;

export interface TileOptions {
  contentLayers: readonly string[];
  styleLayers: readonly string[];
  /** As the engine was built with. */
  masks?: number;
  /** Of a tile at most, with its margins. */
  pixels: number;
  /** Called after each tile with the share of the evaluation that is done, 0..1. */
  done?(share: number): void;
}

/** The engine, with evaluation in tiles for images of more than `options.pixels` pixels. */
export function tiledEngine(engine: Engine & { parts: Parts }, options: TileOptions): Engine {
  const { parts } = engine;
  const { contentLayers, styleLayers, pixels } = options;
  const layers = [...contentLayers, ...styleLayers];
  const shapeOf = (layer: string, { height, width }: Image) => {
    const [, h, w] = layerShape(layer, height, width);
    return { height: h, width: w };
  };
  const finish = (share: number) => {
    collectGarbage();
    options.done?.(share);
  };
  const cutImage = (image: Image, tile: Tile): Image => ({
    data: cut(image.data, image, tile),
    height: tile.height,
    width: tile.width,
  });

  /** 1 at the core of a tile, or what a region's mask is there; 0 in the margin. */
  const coreMask = (layer: string, image: Image, tile: Tile, mask?: Float32Array) => {
    const outer = boxAt(layer, tile);
    const core = boxAt(layer, tile.core);
    const part = new Float32Array(outer.height * outer.width);
    const inside = mask
      ? cut(mask, shapeOf(layer, image), core)
      : new Float32Array(core.height * core.width).fill(1);
    paste(part, outer, within(core, outer), inside);
    return part;
  };

  /**
   * The first pass: statistics of each region, and each core's content features.
   * @param visit is given those of a core, and where it lies at the layer's size
   * @param share of the whole that this pass is
   */
  async function measure(
    image: Image,
    regions: readonly Pick<Region, 'mask'>[],
    visit: (layer: string, core: Box, features: Float32Array) => void,
    share = 1,
  ): Promise<Features['style'][]> {
    const perPosition = regions.map(({ mask }) =>
      perLayer(styleLayers, (layer) => 1 / positions(layer, image, mask?.[layer])),
    );
    const sums = regions.map(() =>
      perLayer(styleLayers, (layer) => {
        const [channels] = layerShape(layer, 1, 1);
        return { mean: new Float64Array(channels), second: new Float64Array(channels ** 2) };
      }),
    );
    const tiles = tilesOf(image, layers, featuresMargin(layers), pixels);
    for (const [done, tile] of tiles.entries()) {
      const masks = regions.map(({ mask }) =>
        perLayer(styleLayers, (layer) => coreMask(layer, image, tile, mask?.[layer])),
      );
      const part = await parts.forward(cutImage(image, tile), masks, perPosition);
      for (const layer of contentLayers) {
        const outer = boxAt(layer, tile);
        const core = boxAt(layer, tile.core);
        visit(layer, core, cut(part.content[layer], outer, within(core, outer)));
      }
      for (const [index, sum] of sums.entries())
        for (const layer of styleLayers) {
          add(sum[layer].mean, part.style[index][layer].mean);
          add(sum[layer].second, part.style[index][layer].second);
        }
      finish((share * (done + 1)) / tiles.length);
    }
    return sums.map((sum) =>
      perLayer(styleLayers, (layer) => ({
        mean: Float32Array.from(sum[layer].mean),
        second: Float32Array.from(sum[layer].second),
      })),
    );
  }

  async function features(image: Image): Promise<Features> {
    if (image.height * image.width <= pixels) return engine.features(image);
    const content = perLayer(contentLayers, (layer) => new Float32Array(elements(layer, image)));
    // Built for masks, the engine wants as many regions: all the same.
    const regions = Array.from({ length: options.masks || 1 }, () => ({}));
    const [style] = await measure(image, regions, (layer, core, part) =>
      paste(content[layer], shapeOf(layer, image), core, part),
    );
    return { content, style };
  }

  async function evaluate(image: Image, targets: Targets, weights: LayerLossWeights): Promise<Evaluation> {
    if (image.height * image.width <= pixels) return engine.evaluate(image, targets, weights);
    const squares = perLayer(contentLayers, () => 0);
    const compare = (layer: string, core: Box, part: Float32Array) => {
      squares[layer] += squaredError(part, cut(targets.content[layer], shapeOf(layer, image), core));
    };
    const statistics = await measure(image, targets.regions, compare, firstPass);
    const slopes = perLayer(contentLayers, (layer) => (2 * weights.content[layer]) / elements(layer, image));
    const style: PerLayer<PartStyle>[] = [];
    for (const [index, { targets: wanted, mask }] of targets.regions.entries()) {
      const compared: PerLayer<PartStyle> = {};
      for (const layer of styleLayers) {
        const slope = (2 * weights.style[index][layer]) / positions(layer, image, mask?.[layer]);
        compared[layer] = await parts.compare(statistics[index][layer], wanted[layer], slope);
      }
      style.push(compared);
    }
    const cutAt = (planes: PerLayer<Float32Array>, tile: Tile) =>
      Object.fromEntries(
        Object.entries(planes).map(([layer, data]) => [
          layer,
          cut(data, shapeOf(layer, image), boxAt(layer, tile)),
        ]),
      );
    const gradient = new Float32Array(image.data.length);
    const tiles = tilesOf(image, layers, gradientMargin(layers), pixels);
    for (const [done, tile] of tiles.entries()) {
      const gradients: PartGradients = {
        content: cutAt(targets.content, tile),
        slopes,
        regions: targets.regions.map(({ mask }, index) => ({
          style: style[index],
          mask: mask && cutAt(mask, tile),
        })),
      };
      const part = await parts.backward(cutImage(image, tile), gradients);
      paste(gradient, image, tile.core, cut(part, tile, within(tile.core, tile)));
      finish(firstPass + ((1 - firstPass) * (done + 1)) / tiles.length);
    }
    return {
      gradient,
      content: perLayer(contentLayers, (layer) => squares[layer] / elements(layer, image)),
      style: style.map((compared, index) =>
        perLayer(styleLayers, (layer) => ({
          loss: compared[layer].loss,
          second: statistics[index][layer].second,
        })),
      ),
    };
  }

  // Steps at once are for pictures in one piece.
  return { ...engine, features, evaluate, descend: undefined };
}

function add(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}

function squaredError(values: Float32Array, target: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - target[i]) ** 2;
  return sum;
}
