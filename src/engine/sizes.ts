/** The element counts that losses are divided by. */
import { layerShape } from '../network/vgg19.js';
import type { Image, PerLayer } from './engine.js';

type Size = Pick<Image, 'height' | 'width'>;

/** N = C·H·W of a layer's features. */
export function elements(layer: string, { height, width }: Size): number {
  return layerShape(layer, height, width).reduce((product, n) => product * n, 1);
}

/** What a Gram matrix is divided by: N, or C · ΣT² under a mask T, [H·W]. */
export function gramDivisor(layer: string, image: Size, mask?: Float32Array): number {
  if (!mask) return elements(layer, image);
  const [channels] = layerShape(layer, image.height, image.width);
  const covered = mask.reduce((sum, value) => sum + value * value, 0);
  // At least one pixel's worth, so that a sliver of a mask does not outweigh everything.
  return channels * Math.max(1, covered);
}

/** 4/(C²·N) times the term's weight: what G − A is multiplied by in the gradient. */
export function gramSlope(weight: number, layer: string, divisor: number): number {
  const [channels] = layerShape(layer, 1, 1);
  return (4 * weight) / (channels * channels * divisor);
}

export function perLayer<T>(layers: readonly string[], value: (layer: string) => T): PerLayer<T> {
  return Object.fromEntries(layers.map((layer) => [layer, value(layer)]));
}
