/** The initial picture. */
import { matchColors } from '../image/color.js';
import type { Picture } from '../image/picture.js';
import type { Settings } from '../settings/settings.js';
import { noise } from './noise.js';

type StartSettings = Pick<Settings, 'initial' | 'initialNoiseblend' | 'start' | 'seed'>;

/** Share of noise in the initial picture, 0..1. By default 1 if `start` is noise and there is no `initial`, else 0. */
export function noiseShare({ initialNoiseblend, initial, start }: StartSettings): number {
  return initialNoiseblend ?? (initial === undefined && start === 'noise' ? 1 : 0);
}

/** base · (1 − share) + noise · share, as anishathalye/neural-style mixes them. `base`: the `initial`, else the content. */
export function startPicture(base: Picture, settings: StartSettings, mean: readonly number[]): Picture {
  const share = noiseShare(settings);
  if (share === 0) return base;
  const { width, height } = base;
  const grain = noise(width, height, mean, settings.seed).data;
  return { width, height, data: base.data.map((value, i) => value * (1 - share) + grain[i] * share) };
}

/** The photo in the styles' colors: matchColors() with each style, mixed by the blend weights. */
export function recolor(photo: Picture, styles: readonly Picture[], blend: readonly number[]): Picture {
  const data = new Float32Array(photo.data.length);
  for (const [i, style] of styles.entries()) {
    const recolored = matchColors(photo, style).data;
    for (let k = 0; k < data.length; k++) data[k] += blend[i] * recolored[k];
  }
  return { ...photo, data };
}
