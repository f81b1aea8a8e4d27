/** Which layers are measured, and what each counts. */
import type { PerLayer } from '../engine/engine.js';
import { defaultStyleLayers } from '../network/vgg19.js';
import type { Settings } from '../settings/settings.js';
import { type LayerWeights, sum } from './losses.js';

type LayerSettings = Pick<
  Settings,
  'contentLayers' | 'contentWeightBlend' | 'styleLayers' | 'styleLayerWeightExp'
>;

/** Shares that sum to 1; layers that count nothing are left out, and cost nothing. */
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
