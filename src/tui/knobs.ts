/** What keys adjust: the weight of each term, the blend share of each style, the weight of each style layer. */
import { basename, extname } from 'node:path';
import { defaultStyleLoss, styleLosses, termKeys } from '../losses/table.js';
import type { Weights } from '../render/events.js';
import type { Painting } from './painting.js';

export interface Knob {
  name: string;
  kind: 'weight' | 'blend' | 'layer';
  value: number;
}

type Board = Pick<Painting, 'weights' | 'styles' | 'layers'>;

/** All numbers that can be changed by hand. */
export type Numbers = Board & Pick<Painting, 'iterations'>;

/** Step sizes: a blend share changes by `share`, everything else by `factor`. */
const steps = { fine: { share: 0.05, factor: 1.1 }, coarse: { share: 0.25, factor: 2 } };
export type Step = keyof typeof steps;

/** The largest weight that the settings schema allows. */
const highestWeight = 1e12;

export function knobsOf({ weights, styles, layers }: Board): Knob[] {
  return [
    ...keysOf(weights).map((name): Knob => ({ name, kind: 'weight', value: weights[name] ?? 0 })),
    ...weights.blend.map((value, i): Knob => ({ name: nameOf(styles[i] ?? ''), kind: 'blend', value })),
    ...Object.entries(weights.styleLayers ?? layers).map(
      ([name, value]): Knob => ({ name, kind: 'layer', value }),
    ),
  ];
}

/** The terms that count in this painting. */
const keysOf = (weights: Weights) => termKeys.filter((key) => weights[key] !== undefined);

/** What a change by hand did: `style 5000 → 500`, and the names of what differs. */
export function describeChange(from: Numbers, to: Numbers): { text: string; knobs: string } {
  const numbers = (of: Numbers) => [...knobsOf(of), { name: 'iterations', value: of.iterations }];
  const before = numbers(from);
  const differing = numbers(to).flatMap(({ name, value }, i) =>
    value === before[i].value ? [] : [{ name, text: `${name} ${exact(before[i].value)} → ${exact(value)}` }],
  );
  return {
    text: differing.map(({ text }) => text).join(', '),
    knobs: differing.map(({ name }) => name).join(' '),
  };
}

/** A number as it would be typed, without rounding errors. */
export const exact = (value: number) => String(Number(value.toPrecision(5)));

const nameOf = (path: string) => basename(path, extname(path));

/** The weights after turning knob `index` up (+1) or down (−1). */
export function turnKnob(board: Board, index: number, direction: 1 | -1, step: Step = 'fine'): Weights {
  const { kind, value } = knobsOf(board)[index];
  const { share, factor } = steps[step];
  if (kind === 'blend') return setKnob(board, index, round(value + direction * share));
  // 0 would stay 0 when multiplied: from there a weight starts at its default, a layer at 1.
  const first = kind === 'weight' ? styleLosses[defaultStyleLoss].weights[keysOf(board.weights)[index]] : 1;
  return setKnob(board, index, direction > 0 ? value * factor || first : value / factor);
}

/** The weights with knob `index` at a value, clamped to its range. */
export function setKnob({ weights, layers }: Omit<Board, 'styles'>, index: number, value: number): Weights {
  const weight = Math.min(highestWeight, Math.max(0, value));
  const keys = keysOf(weights);
  const name = keys[index];
  if (name) return { ...weights, [name]: weight };
  const style = index - keys.length;
  if (style < weights.blend.length) return { ...weights, blend: setShare(weights.blend, style, value) };
  const shares = weights.styleLayers ?? layers;
  const layer = Object.keys(shares)[style - weights.blend.length];
  return { ...weights, styleLayers: { ...shares, [layer]: weight } };
}

/** Sets one share, clamped to 0..1, and rescales the others so that all sum to 1. */
export function setShare(blend: readonly number[], index: number, value: number): number[] {
  if (blend.length < 2) return [...blend];
  const share = Math.min(1, Math.max(0, value));
  const others = 1 - blend[index];
  return blend.map((value, i) => {
    if (i === index) return share;
    return others > 0 ? (value / others) * (1 - share) : (1 - share) / (blend.length - 1);
  });
}

/** Keeps rounding errors of repeated 0.05 steps from accumulating. */
const round = (value: number) => Math.round(value * 1e9) / 1e9;
