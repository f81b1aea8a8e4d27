/**
 * The loss of Gatys et al. 2015 ("A Neural Algorithm of Artistic Style") from what the engine returns.
 *
 *   total = w_content Σ_l c_l content(l) + w_style Σ_l s_l Σ_i b_{l,i} style(l, i) + w_tv tv
 *
 * Styles cost nothing per iteration: Σ_i b_i ‖G − A_i‖² and ‖G − Ā‖² with Ā = Σ_i b_i A_i differ by a constant,
 * so they have the same gradient, and the engine sees one blended target however many styles there are. Styles with
 * masks are the exception: each has Gram matrices of its own (Gatys et al. 2017).
 */
import type { Evaluation, Features, PerLayer, Region, TermWeights } from '../engine/engine.js';

/** Weights that a person may change at any iteration; `blend` sums to 1. */
export interface Weights {
  content: number;
  style: number;
  tv: number;
  blend: readonly number[];
  /** What each layer counts within style, instead of `LayerWeights.style`; it need not sum to 1. */
  styleLayers?: PerLayer<number>;
}

/** What each layer counts within content and within style; each sums to 1. */
export interface LayerWeights {
  content: PerLayer<number>;
  style: PerLayer<number>;
  /** Layers with a blend of their own, b_{l,i}; elsewhere `Weights.blend` holds. */
  blends?: PerLayer<readonly number[]>;
}

/** Weighted losses; all but `total` add up to `total`. */
export interface Losses {
  total: number;
  tv: number;
  content: PerLayer<number>;
  /** One number per style, in order. */
  style: PerLayer<number[]>;
}

/** The content's features, and each style's Gram matrices, at one scale. */
export interface StyleTargets {
  content: Features['content'];
  styles: readonly Features['grams'][];
  /** Where each style paints, [H·W] by layer; everywhere when left out. */
  masks?: readonly NonNullable<Region['mask']>[];
}

/**
 * Where which Gram matrices are wanted: Ā_l = Σ_i b_{l,i} A_{l,i} over the whole picture, or each style's own under
 * its mask.
 */
export function regions(targets: StyleTargets, weights: Weights, layers: LayerWeights): Region[] {
  const { styles, masks } = targets;
  if (masks) return styles.map((grams, i) => ({ grams, mask: masks[i] }));
  const grams = mapLayers(layers.style, (_, layer) => {
    const blended = new Float32Array(styles[0][layer].length);
    for (const [i, share] of blendAt(layer, weights, layers).entries()) {
      const gram = styles[i][layer];
      for (let k = 0; k < blended.length; k++) blended[k] += share * gram[k];
    }
    return blended;
  });
  return [{ grams }];
}

/** The factor of each loss term, for the engine. */
export function termWeights(targets: StyleTargets, weights: Weights, layers: LayerWeights): TermWeights {
  const whole = mapLayers(styleLayers(weights, layers), (share) => weights.style * share);
  return {
    content: mapLayers(layers.content, (share) => weights.content * share),
    style: targets.masks
      ? targets.styles.map((_, i) =>
          mapLayers(whole, (weight, layer) => weight * blendAt(layer, weights, layers)[i]),
        )
      : [whole],
    tv: weights.tv,
  };
}

/** Weighted losses of an evaluated image, exact for every style. */
export function weigh(
  evaluation: Evaluation,
  targets: StyleTargets,
  weights: Weights,
  layers: LayerWeights,
): Losses {
  const content = mapLayers(
    layers.content,
    (share, layer) => weights.content * share * evaluation.content[layer],
  );
  const style = mapLayers(styleLayers(weights, layers), (share, layer) =>
    blendAt(layer, weights, layers).map((b, i) => {
      const gram = evaluation.grams[targets.masks ? i : 0][layer];
      return weights.style * share * b * meanSquare(gram, targets.styles[i][layer]);
    }),
  );
  const tv = weights.tv * evaluation.tv;
  const total = sum(Object.values(content)) + sum(Object.values(style).map(sum)) + tv;
  return { total, tv, content, style };
}

/** What each layer counts within style. */
export const styleLayers = (weights: Weights, layers: Pick<LayerWeights, 'style'>) =>
  weights.styleLayers ?? layers.style;

const blendAt = (layer: string, { blend }: Weights, { blends }: LayerWeights) => blends?.[layer] ?? blend;

function meanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function mapLayers<T, U>(layers: PerLayer<T>, value: (item: T, layer: string) => U): PerLayer<U> {
  return Object.fromEntries(Object.entries(layers).map(([layer, item]) => [layer, value(item, layer)]));
}
