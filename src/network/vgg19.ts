/**
 * VGG-19 (Simonyan and Zisserman 2014, configuration E): sixteen 3×3 convolutions in five blocks, each followed
 * by a ReLU, with 2×2 pooling between blocks. Layers are named reluB_I: the I-th activation of block B.
 */
import { UserError } from '../util/errors.js';
import { didYouMean } from '../util/suggest.js';

/** Output channels and number of convolutions of each block. */
export const blocks = [
  { channels: 64, convolutions: 2 },
  { channels: 128, convolutions: 2 },
  { channels: 256, convolutions: 4 },
  { channels: 512, convolutions: 4 },
  { channels: 512, convolutions: 4 },
] as const;

/** relu1_1, relu2_1 … relu5_1: where style is measured by default (Gatys et al. 2015). */
export const defaultStyleLayers: readonly string[] = blocks.map((_, block) => `relu${block + 1}_1`);

export type Pooling = 'max' | 'avg';

export interface Convolution {
  /** convB_I */
  name: string;
  /** The activation after it, reluB_I. */
  layer: string;
  block: number;
  inputs: number;
  outputs: number;
  /** Whether a pooling layer precedes it. */
  pooled: boolean;
}

/** All sixteen convolutions, from the input up. */
export const convolutions: readonly Convolution[] = blocks.flatMap(({ channels, convolutions }, block) =>
  Array.from({ length: convolutions }, (_, index) => ({
    name: `conv${block + 1}_${index + 1}`,
    layer: `relu${block + 1}_${index + 1}`,
    block,
    inputs: index > 0 ? channels : block > 0 ? blocks[block - 1].channels : 3,
    outputs: channels,
    pooled: index === 0 && block > 0,
  })),
);

/** relu1_1, relu1_2 … relu5_4 */
export const layerNames: readonly string[] = convolutions.map(({ layer }) => layer);

/** The convolutions needed to reach the deepest of `layers`. Throws UserError for a name VGG-19 does not have. */
export function convolutionsUpTo(layers: readonly string[]): readonly Convolution[] {
  const depths = layers.map((layer) => {
    const depth = convolutions.findIndex((convolution) => convolution.layer === layer);
    if (depth < 0)
      throw new UserError(
        `VGG-19 has no layer "${layer}".${didYouMean(layer, layerNames)} It has relu1_1, relu1_2, relu2_1 … relu5_4.`,
      );
    return depth;
  });
  return convolutions.slice(0, Math.max(...depths) + 1);
}

/** Channels, height and width of a layer for an image of height × width: pooling rounds odd sizes up. */
export function layerShape(layer: string, height: number, width: number): [number, number, number] {
  const { outputs, block } = convolutionsUpTo([layer]).at(-1)!;
  const halve = (n: number) => Array.from({ length: block }).reduce<number>((size) => Math.ceil(size / 2), n);
  return [outputs, halve(height), halve(width)];
}

export interface Weight {
  /** [out, in, 3, 3] */
  weight: Float32Array;
  /** [out] */
  bias: Float32Array;
}

/** What a reader takes from a file. conv1_1's input channels are in RGB order and expect 0..255 less the mean. */
export interface Weights {
  /** Kind of file, for people. */
  format: string;
  /** Mean pixel, red, green, blue, 0..255: what is subtracted from an image before it enters. */
  mean: [number, number, number];
  /** By convolution name. */
  convolutions: Map<string, Weight>;
}
