/** The losses of an iteration as rows, by term. */
import type { Losses } from '../jobs/events.js';
import { sum } from '../transfer/losses.js';

export interface LossTerm {
  key: string;
  group: 'total' | 'content' | 'style' | 'tv';
  layer: string;
  value: number;
}

/** The losses as rows: total, content by layer, style by layer, tv. */
export function lossTerms({ total, content, style, tv }: Losses): LossTerm[] {
  const layers = (group: 'content' | 'style', values: Record<string, number>) =>
    Object.entries(values).map(([layer, value]) => ({ key: `${group} ${layer}`, group, layer, value }));
  return [
    { key: 'total', group: 'total', layer: '', value: total },
    ...layers('content', content),
    ...layers(
      'style',
      Object.fromEntries(Object.entries(style).map(([layer, values]) => [layer, sum(values)])),
    ),
    { key: 'tv', group: 'tv', layer: '', value: tv },
  ];
}
