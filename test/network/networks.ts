/** Weight files of every kind, made from the same weights. */

import type { Weights } from '../../src/network/vgg19.js';
import { convolutions } from '../../src/network/vgg19.js';
import { matFile, matrix } from './matfile.js';

export interface MatOptions {
  layout: 'old' | 'new';
  compressed: boolean;
  /** With fully connected layers behind the convolutions, of this many numbers. */
  top?: number;
}

/**
 * imagenet-vgg-verydeep-19.mat, as MatConvNet's two layouts have it. scipy (1.10 and 1.17) and the ancestor's own loader were seen
 * to read all four kinds to the same weights, bit for bit, and our reader to read what scipy writes.
 */
export function matConvNet({ convolutions: weights, mean }: Weights, options: MatOptions): Buffer {
  const { layout, compressed, top = 0 } = options;
  const text = (value: string) => matrix({ text: value });
  const numbers = (values: ArrayLike<number>, dims: number[]) =>
    matrix({ numbers: values, dims, single: true });
  const layer = (name: string, type: string, weights?: Buffer) => {
    const named = { name: text(name), type: text(type) };
    // The old layout has the weights first.
    const fields = weights
      ? layout === 'old'
        ? { weights, pad: matrix({ numbers: [1], dims: [1, 1] }), ...named }
        : { ...named, weights, pad: matrix({ numbers: [1], dims: [1, 1] }) }
      : named;
    return matrix({ fields });
  };
  const layers = convolutions.flatMap(({ name, inputs, outputs, pooled, layer: relu }) => {
    const { weight, bias } = weights.get(name)!;
    // Row by row [out, in, height, width] is column by column [width, height, in, out].
    const kernel = numbers(weight, [3, 3, inputs, outputs]);
    const biases = numbers(bias, layout === 'old' ? [1, outputs] : [outputs, 1]);
    return [
      ...(pooled ? [layer(`pool${name[4]}`, 'pool')] : []),
      layer(name, 'conv', matrix({ cells: [kernel, biases] })),
      layer(relu, 'relu'),
    ];
  });
  if (top > 0) {
    const kernel = numbers(new Float32Array(top).fill(0.5), [7, 7, 1, top / 49]);
    layers.push(
      layer('pool5', 'pool'),
      layer('fc6', 'conv', matrix({ cells: [kernel, numbers([0], [1, 1])] })),
    );
  }
  const flat = mean.flatMap((value) => (layout === 'old' ? Array<number>(16).fill(value) : [value]));
  const side = layout === 'old' ? 4 : 1;
  const averageImage = matrix({ numbers: flat, dims: [side, side, 3] });
  const classes = matrix(
    { fields: { description: matrix({ cells: [text('tench'), text('goldfish')] }) } },
    'classes',
  );
  const about =
    layout === 'old'
      ? matrix(
          { fields: { averageImage, keepAspect: matrix({ numbers: [1], dims: [1, 1] }) } },
          'normalization',
        )
      : matrix(
          {
            fields: {
              inputs: matrix({ fields: { name: text('data') } }),
              normalization: matrix({
                fields: {
                  imageSize: matrix({ numbers: [224, 224], dims: [1, 2] }),
                  keepAspect: matrix({ numbers: [1], dims: [1, 1] }),
                  averageImage,
                },
              }),
            },
          },
          'meta',
        );
  return matFile([matrix({ cells: layers }, 'layers'), classes, about], { compressed });
}

interface H5Group {
  create_group(name: string): H5Group;
  create_dataset(options: { name: string; data: Float32Array; shape: number[]; dtype: string }): unknown;
}

/** Keras's file, under `root`; names inside as in 2015 or as today. */
export function writeKeras({ convolutions: weights }: Weights, root: H5Group, modern = false): void {
  for (const { name, inputs, outputs } of convolutions) {
    const block = name.replace(/^conv(\d)_(\d)$/, 'block$1_conv$2');
    const group = modern ? root.create_group(block).create_group(block) : root.create_group(block);
    const { weight, bias } = weights.get(name)!;
    const data = new Float32Array(weight.length);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        // Blue comes first.
        const from = inputs === 3 ? 2 - i : i;
        for (let k = 0; k < 9; k++)
          data[(k * inputs + i) * outputs + o] = weight[(o * inputs + from) * 9 + k];
      }
    }
    const names = modern ? ['kernel:0', 'bias:0'] : [`${block}_W_1:0`, `${block}_b_1:0`];
    group.create_dataset({ name: names[0], data, shape: [3, 3, inputs, outputs], dtype: '<f4' });
    group.create_dataset({ name: names[1], data: bias, shape: [outputs], dtype: '<f4' });
  }
}
