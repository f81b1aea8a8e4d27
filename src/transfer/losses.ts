/**
 * The loss of a picture, from the losses that the engine measures in layers and total variation, measured on the picture:
 *
 *   total = w_content Σ_l c_l content(l) + w_style Σ_l s_l style(l) + w_tv tv [+ w_temporal temporal]
 *
 * The cost of an evaluation does not depend on the number of styles, since the engine sees one blended target. Styles with
 * masks are the exception: each has its own statistics (Gatys et al. 2017).
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
  StyleEvaluation,
  Targets,
} from '../engine/engine.js';
import { gram } from '../losses/gram.js';
import { blend, type Statistics, type StyleLoss } from '../losses/statistics.js';
import type { StyleLossName } from '../losses/table.js';
import { addTemporal, type Kept } from '../losses/temporal.js';
import { addTotalVariation } from '../losses/tv.js';
import { wasserstein } from '../losses/wasserstein.js';
import type { Losses, Weights } from '../settings/provenance.js';

export type { Losses, Weights };

/** The style losses by name. */
export const styleMeasures: Record<StyleLossName, StyleLoss> = { wasserstein, gram };

/** Share of each layer within content and within style; each set sums to 1. */
export interface LayerWeights {
  content: PerLayer<number>;
  style: PerLayer<number>;
  /** Blend b_{l,i} of layers that have their own; `Weights.blend` applies to the others. */
  blends?: PerLayer<readonly number[]>;
}

/** The content's features, and each style's statistics, at one scale. */
export interface StyleTargets {
  content: Features['content'];
  styles: readonly Features['style'][];
  /** Where each style applies, [H·W] by layer; everywhere when left out. */
  masks?: readonly NonNullable<Region['mask']>[];
  /** What stays of the frame before, mean-subtracted; there is no temporal loss when left out. */
  kept?: Kept;
}

/** The loss function at one scale, under given weights. */
export interface Objective {
  targets: Targets;
  /** The blend that the targets were made with. */
  blend: Weights['blend'];
  weights: LayerLossWeights;
  tvWeight: number;
  /** The temporal loss; there is none when left out. */
  temporal?: { kept: Kept; weight: number };
  /** Part of the total that no image changes. */
  constant: number;
  /**
   * The weighted losses of an image.
   * @param tv its total variation, unweighted
   * @param moved its unweighted temporal loss
   */
  losses(evaluation: Measured, tv: number, moved?: number): Losses;
}

/** An evaluation as far as losses go. */
type Measured = Pick<Evaluation, 'content'> & {
  style: readonly PerLayer<Omit<StyleEvaluation, 'second'> & Partial<StyleEvaluation>>[];
};

/** The image's weighted losses and the gradient of their total, [3, H, W]. */
export async function evaluate(
  engine: Engine,
  image: Image,
  objective: Objective,
): Promise<{ losses: Losses; gradient: Float32Array }> {
  const evaluation = await engine.evaluate(image, objective.targets, objective.weights);
  const { gradient } = evaluation;
  const tv = addTotalVariation(image, objective.tvWeight, gradient);
  const { temporal } = objective;
  const moved = temporal && addTemporal(image.data, temporal.kept, temporal.weight, gradient);
  return { losses: objective.losses(evaluation, tv, moved), gradient };
}

/**
 * The objective for these weights.
 * @param before an earlier objective for the same pictures; its targets are reused if the blend is the same
 */
export function objectiveFor(
  measured: StyleTargets,
  weights: Weights,
  layers: LayerWeights,
  styleLoss: StyleLoss,
  before?: Objective,
): Objective {
  const { styles, masks, kept } = measured;
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
  // The constant by which the mean loss over the styles exceeds the loss of their blend.
  const spreads = mapLayers(shares, (_, layer) =>
    masks || !styleLoss.spread ? 0 : styleLoss.spread(at(styles, layer), blendAt(layer)),
  );
  return {
    targets: isSameBlend ? before.targets : targetsOf(measured, Object.keys(shares), blendAt, styleLoss),
    blend: weights.blend,
    weights: { content, style: regionWeights },
    tvWeight: weights.tv,
    temporal: kept && { kept, weight: weights.temporal ?? 0 },
    constant: sum(Object.values(mapLayers(style, (weight, layer) => weight * spreads[layer]))),
    losses(evaluation, variation, moved) {
      const contentLosses = mapLayers(content, (weight, layer) => weight * evaluation.content[layer]);
      const styleLossesAt = mapLayers(style, (weight, layer) => {
        const regional = evaluation.style.map((found, i) => regionWeights[i][layer] * found[layer].loss);
        return sum(regional) + weight * spreads[layer];
      });
      const tv = weights.tv * variation;
      const temporal = moved && (weights.temporal ?? 0) * moved;
      const { distance } = styleLoss;
      return {
        total: sum(Object.values(contentLosses)) + sum(Object.values(styleLossesAt)) + tv + (temporal ?? 0),
        content: contentLosses,
        style: styleLossesAt,
        tv,
        ...(temporal !== undefined && { temporal }),
        ...(distance && {
          styles: mapLayers(style, (weight, layer) =>
            blendAt(layer).map((share, i) => {
              const { second } = evaluation.style[masks ? i : 0][layer];
              return weight * share * distance(second!, styles[i][layer]);
            }),
          ),
        }),
      };
    },
  };
}

/** One region with the blend of all styles or, with masks, a region for each style. */
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

/** mean(v²), or 1 if all values are 0. */
function meanSquare(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] * values[i];
  return total / values.length || 1;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function mapLayers<T, U>(layers: PerLayer<T>, value: (item: T, layer: string) => U): PerLayer<U> {
  return Object.fromEntries(Object.entries(layers).map(([layer, item]) => [layer, value(item, layer)]));
}
