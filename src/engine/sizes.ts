/** The counts that losses and statistics are divided by. */
import { layerShape } from '../network/vgg19.js';
import type { Image, PerLayer } from './engine.js';

type Size = Pick<Image, 'height' | 'width'>;

/** N = C·H·W of a layer's features. */
export function elements(layer: string, { height, width }: Size): number {
  return layerShape(layer, height, width).reduce((product, n) => product * n, 1);
}

/** Over how many positions statistics are taken: H·W, or ΣT² under a mask T, [H·W]. */
export function positions(layer: string, { height, width }: Size, mask?: Float32Array): number {
  const [, h, w] = layerShape(layer, height, width);
  if (!mask) return h * w;
  // One at least, so that a sliver of a mask does not outweigh everything.
  return Math.max(
    1,
    mask.reduce((sum, value) => sum + value * value, 0),
  );
}

export function perLayer<T>(layers: readonly string[], value: (layer: string) => T): PerLayer<T> {
  return Object.fromEntries(layers.map((layer) => [layer, value(layer)]));
}
