/** The losses of an iteration as rows, by term. */

import { type TermKey, terms } from '../losses/table.js';
import type { Losses } from '../render/events.js';

export interface LossRow {
  key: string;
  group: 'total' | TermKey;
  value: number;
}

/** The total, then each term of the loss table, one row per layer where it has layers. */
export function lossRows(losses: Losses): LossRow[] {
  const rows = terms.flatMap(({ key: group }): LossRow[] => {
    const value = losses[group];
    if (value === undefined) return [];
    if (typeof value === 'number') return [{ key: group, group, value }];
    return Object.entries(value).map(([layer, value]) => ({ key: `${group} ${layer}`, group, value }));
  });
  return [{ key: 'total', group: 'total', value: losses.total }, ...rows];
}
