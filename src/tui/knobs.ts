/** The weights that keys change, as a row of knobs: content, style, tv, then the blend of each style. */
import { basename, extname } from 'node:path';
import type { Weights } from '../jobs/events.js';

export interface Knob {
  name: string;
  value: number;
}

/** A blend moves by this much at a time. */
const blendStep = 0.05;
const weightFactor = 1.1;

export function knobs(weights: Weights, styles: readonly string[]): Knob[] {
  return [
    { name: 'content', value: weights.content },
    { name: 'style', value: weights.style },
    { name: 'tv', value: weights.tv },
    ...weights.blend.map((value, i) => ({
      name: basename(styles[i] ?? '', extname(styles[i] ?? '')),
      value,
    })),
  ];
}

/** The weights after turning knob `index` up (+1) or down (−1). */
export function turn(weights: Weights, index: number, direction: 1 | -1): Weights {
  const names = ['content', 'style', 'tv'] as const;
  const name = names[index];
  if (!name)
    return { ...weights, blend: shiftBlend(weights.blend, index - names.length, direction * blendStep) };
  // A weight of 0 would stay 0 for ever when multiplied: from there it starts at 1.
  const turned = direction > 0 ? weights[name] * weightFactor || 1 : weights[name] / weightFactor;
  return { ...weights, [name]: turned };
}

/** Moves one share, within 0..1; the others give way in proportion, so that all sum to 1. */
export function shiftBlend(blend: readonly number[], index: number, by: number): number[] {
  if (blend.length < 2) return [...blend];
  const share = Math.min(1, Math.max(0, round(blend[index] + by)));
  const others = 1 - blend[index];
  return blend.map((value, i) => {
    if (i === index) return share;
    return others > 0 ? (value / others) * (1 - share) : (1 - share) / (blend.length - 1);
  });
}

/** Keeps steps of 0.05 from gathering the dust of binary fractions. */
const round = (value: number) => Math.round(value * 1e9) / 1e9;
