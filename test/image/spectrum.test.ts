/** Waves whose contrast is known, and Parseval's theorem. */
import { expect, it } from 'vitest';
import { powerWithin, spectrum } from '../../src/image/spectrum.js';
import { random } from './textures.js';

const planeOf = (width: number, height: number, of: (x: number, y: number) => number) =>
  Float32Array.from({ length: width * height }, (_, i) => of(i % width, Math.floor(i / width)));

const everywhere = [0, Number.POSITIVE_INFINITY] as const;

it.each([
  ['across', 1, 0],
  ['down', 0, 1],
  ['aslant', 0.6, 0.8],
])('finds a wave %s at its wavelength, with half its amplitude squared', (_, u, v) => {
  const plane = planeOf(200, 130, (x, y) => 90 + 10 * Math.cos((2 * Math.PI * (u * x + v * y)) / 8));
  const waves = spectrum(plane, 200, 130);
  expect(powerWithin(waves, 6.5, 10)).toBeCloseTo(50, 0);
  expect(powerWithin(waves, ...everywhere)).toBeCloseTo(50, 0);
  const { across, down } = waves.reduce((most, wave) => (wave.power > most.power ? wave : most));
  expect([across, down]).toEqual([Math.round(8 * u), Math.round(8 * v)]);
});

it('shares out all variance over all frequencies, in pictures smaller than a tile too', () => {
  for (const [width, height] of [
    [200, 130],
    [64, 43],
    [33, 90],
  ]) {
    const next = random(5);
    const plane = planeOf(width, height, () => 240 * next());
    const waves = spectrum(plane, width, height);
    const side = Math.min(64, width, height);
    expect(waves.reduce((sum, { count }) => sum + count, 0)).toBe(side ** 2);
    // Uniform noise has a variance of range² / 12.
    expect(powerWithin(waves, ...everywhere) / (240 ** 2 / 12)).toBeGreaterThan(0.93);
    expect(powerWithin(waves, ...everywhere) / (240 ** 2 / 12)).toBeLessThan(1.07);
  }
});
