/**
 * The loss of a picture, from what the engine measures in the network's layers and what is measured on the picture itself:
 *
 *   total = w_content Σ_l c_l content(l) + w_style Σ_l s_l style(l) + w_tv tv
 *
 * Styles cost nothing per iteration: an engine sees one blended target however many there are. Styles with masks are the
 * exception: each has statistics of its own (Gatys et al. 2017).
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  Engine,
  Evaluation,
  Features,
  Image,
  LayerLossWeights,
  PerLayer,
  Region,
  Targets,
} from '../engine/engine.js';
import { gram } from '../losses/gram.js';
import { blend, type Statistics, type StyleLoss } from '../losses/statistics.js';
import type { StyleLossName } from '../losses/table.js';
import { addTotalVariation } from '../losses/tv.js';
import { wasserstein } from '../losses/wasserstein.js';
import type { Losses, Weights } from '../settings/provenance.js';

export type { Losses, Weights };

/** How style can be measured. */
export const styleMeasures: Record<StyleLossName, StyleLoss> = { wasserstein, gram };

/** What each layer counts within content and within style; each sums to 1. */
export interface LayerWeights {
  content: PerLayer<number>;
  style: PerLayer<number>;
  /** Layers with a blend of their own, b_{l,i}; elsewhere `Weights.blend` holds. */
  blends?: PerLayer<readonly number[]>;
}

/** The content's features, and each style's statistics, at one scale. */
export interface StyleTargets {
  content: Features['content'];
  styles: readonly Features['style'][];
  /** Where each style paints, [H·W] by layer; everywhere when left out. */
  masks?: readonly NonNullable<Region['mask']>[];
}

/** What a picture is measured by, under certain weights. */
export interface Objective {
  targets: Targets;
  /** Of the styles that the targets are for. */
  blend: Weights['blend'];
  weights: LayerLossWeights;
  /** What the engine does not see: the weighted losses of an image besides what it evaluates. */
  losses(image: Image, evaluation: Evaluation): Losses;
}

/** The picture's losses, weighted, and their gradient, [3, H, W]. */
export async function evaluate(
  engine: Engine,
  image: Image,
  objective: Objective,
): Promise<{ losses: Losses; gradient: Float32Array }> {
  const evaluation = await engine.evaluate(image, objective.targets, objective.weights);
  return { losses: objective.losses(image, evaluation), gradient: evaluation.gradient };
}

/** @param before the objective until now, for the same pictures: where the blend is as it was, so are its targets */
export function objectiveFor(
  measured: StyleTargets,
  weights: Weights,
  layers: LayerWeights,
  styleLoss: StyleLoss,
  before?: Objective,
): Objective {
  const { styles, masks } = measured;
  const shares = weights.styleLayers ?? layers.style;
  const blendAt = (layer: string) => layers.blends?.[layer] ?? weights.blend;
  const content = mapLayers(layers.content, (share, layer) => {
    const size = styleLoss.contentAsShare ? meanSquare(measured.content[layer]) : 1;
    return (weights.content * share) / size;
  });
  const style = mapLayers(shares, (share) => weights.style * share);
  const regionWeights = masks
    ? styles.map((_, i) => mapLayers(style, (weight, layer) => weight * blendAt(layer)[i]))
    : [style];
  const isSameBlend = before && isDeepStrictEqual(before.blend, weights.blend);
  // What a blended target leaves out of the losses; it changes with the weights only.
  const spreads = mapLayers(shares, (_, layer) =>
    masks || !styleLoss.spread ? 0 : styleLoss.spread(at(styles, layer), blendAt(layer)),
  );
  return {
    targets: isSameBlend ? before.targets : targetsOf(measured, Object.keys(shares), blendAt, styleLoss),
    blend: weights.blend,
    weights: { content, style: regionWeights },
    losses(image, evaluation) {
      const contentLosses = mapLayers(content, (weight, layer) => weight * evaluation.content[layer]);
      const styleLossesAt = mapLayers(style, (weight, layer) => {
        const regional = evaluation.style.map((found, i) => regionWeights[i][layer] * found[layer].loss);
        return sum(regional) + weight * spreads[layer];
      });
      const tv = weights.tv * addTotalVariation(image, weights.tv, evaluation.gradient);
      const { distance } = styleLoss;
      return {
        total: sum(Object.values(contentLosses)) + sum(Object.values(styleLossesAt)) + tv,
        content: contentLosses,
        style: styleLossesAt,
        tv,
        ...(distance && {
          styles: mapLayers(style, (weight, layer) =>
            blendAt(layer).map((share, i) => {
              const { second } = evaluation.style[masks ? i : 0][layer];
              return weight * share * distance(second, styles[i][layer]);
            }),
          ),
        }),
      };
    },
  };
}

/** Styles are compared with their blend, or, under masks, each with its own. */
function targetsOf(
  { content, styles, masks }: StyleTargets,
  layers: readonly string[],
  blendAt: (layer: string) => readonly number[],
  styleLoss: StyleLoss,
): Targets {
  const wanted = (statistics: (layer: string) => Statistics) =>
    Object.fromEntries(layers.map((layer) => [layer, styleLoss.target(statistics(layer))]));
  const regions = masks
    ? styles.map((own, i) => ({ targets: wanted((layer) => own[layer]), mask: masks[i] }))
    : [{ targets: wanted((layer) => blend(at(styles, layer), blendAt(layer))) }];
  return { content, regions };
}

/** A layer's statistics of each style. */
const at = (styles: StyleTargets['styles'], layer: string) => styles.map((style) => style[layer]);

/** Never zero, where a layer is dark altogether. */
function meanSquare(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] * values[i];
  return total / values.length || 1;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function mapLayers<T, U>(layers: PerLayer<T>, value: (item: T, layer: string) => U): PerLayer<U> {
  return Object.fromEntries(Object.entries(layers).map(([layer, item]) => [layer, value(item, layer)]));
}
