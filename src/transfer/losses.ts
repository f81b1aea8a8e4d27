/**
 * The loss of Gatys et al. 2015 ("A Neural Algorithm of Artistic Style") from what the engine returns.
 *
 *   total = w_content Σ_l c_l content(l) + w_style Σ_l s_l Σ_i b_i style(l, i) + w_tv tv
 *
 * Styles cost nothing per iteration: Σ_i b_i ‖G − A_i‖² and ‖G − Ā‖² with Ā = Σ_i b_i A_i differ by a constant,
 * so they have the same gradient, and the engine sees one blended target however many styles there are.
 */
import type { Evaluation, Features, PerLayer, TermWeights } from '../engine/engine.js';

/** Weights that a person may change at any iteration; `blend` sums to 1. */
export interface Weights {
  content: number;
  style: number;
  tv: number;
  blend: readonly number[];
}

/** What each layer counts within content and within style; each sums to 1. */
export interface LayerWeights {
  content: PerLayer<number>;
  style: PerLayer<number>;
}

/** Weighted losses; all but `total` add up to `total`. */
export interface Losses {
  total: number;
  tv: number;
  content: PerLayer<number>;
  style: PerLayer<number>;
}

/** The content's features, and each style's Gram matrices, at one scale. */
export interface Targets {
  content: Features['content'];
  styles: readonly Features['grams'][];
}

/** Ā_l = Σ_i b_i A_{l,i} for every style layer. */
export function blendTargets(styles: Targets['styles'], blend: readonly number[]): Features['grams'] {
  return mapLayers(styles[0], (_, layer) => {
    const blended = new Float32Array(styles[0][layer].length);
    for (const [i, grams] of styles.entries()) {
      for (let k = 0; k < blended.length; k++) blended[k] += blend[i] * grams[layer][k];
    }
    return blended;
  });
}

/** The factor of each loss term, for the engine. */
export function termWeights(weights: Weights, layers: LayerWeights): TermWeights {
  return {
    content: mapLayers(layers.content, (share) => weights.content * share),
    style: mapLayers(layers.style, (share) => weights.style * share),
    tv: weights.tv,
  };
}

/** Weighted losses of an evaluated image, exact for every style. */
export function weigh(
  evaluation: Evaluation,
  targets: Targets,
  weights: Weights,
  layers: LayerWeights,
): Losses {
  const terms = termWeights(weights, layers);
  const content = mapLayers(terms.content, (weight, layer) => weight * evaluation.content[layer]);
  const style = mapLayers(terms.style, (weight, layer) => {
    const gram = evaluation.grams[layer];
    return (
      weight * weights.blend.reduce((sum, b, i) => sum + b * meanSquare(gram, targets.styles[i][layer]), 0)
    );
  });
  const tv = terms.tv * evaluation.tv;
  return { total: sum(content) + sum(style) + tv, tv, content, style };
}

function meanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

const sum = (values: PerLayer<number>) => Object.values(values).reduce((total, value) => total + value, 0);

function mapLayers<T, U>(layers: PerLayer<T>, value: (item: T, layer: string) => U): PerLayer<U> {
  return Object.fromEntries(Object.entries(layers).map(([layer, item]) => [layer, value(item, layer)]));
}

/** Every layer counts the same; together they count 1. */
export function equalShares(layers: readonly string[]): PerLayer<number> {
  return Object.fromEntries(layers.map((layer) => [layer, 1 / layers.length]));
}
