/** Which layers are measured, and the share of each. */
import type { PerLayer } from '../engine/engine.js';
import { defaultStyleLayers } from '../network/vgg19.js';
import type { Settings } from '../settings/settings.js';
import { type LayerWeights, sum } from './losses.js';

type LayerSettings = Pick<
  Settings,
  'contentLayers' | 'contentWeightBlend' | 'styleLayers' | 'styleLayerWeightExp'
>;

/** Shares of the content and of the style layers, each summing to 1. Layers with a share of 0 are left out, to save their cost. */
export function layerWeights(settings: LayerSettings): Pick<LayerWeights, 'content' | 'style'> {
  const { contentWeightBlend: blend, styleLayerWeightExp: exp } = settings;
  const growing = defaultStyleLayers.map((layer, i) => [layer, exp ** i]);
  return {
    content: shares(settings.contentLayers ?? { relu4_2: blend, relu5_2: 1 - blend }),
    style: shares(settings.styleLayers ?? Object.fromEntries(growing)),
  };
}

function shares(weights: PerLayer<number>): PerLayer<number> {
  const total = sum(Object.values(weights));
  return Object.fromEntries(
    Object.entries(weights)
      .filter(([, weight]) => weight > 0)
      .map(([layer, weight]) => [layer, weight / total]),
  );
}
