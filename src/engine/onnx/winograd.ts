/**
 * Convolutions with a quarter of the multiplications: F(4×4, 3×3) of Lavin and Gray, "Fast Algorithms for Convolutional
 * Neural Networks" (2016). Of a tile d of 6×6 pixels and a kernel g of 3×3,
 *   y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A
 * are the 4×4 pixels in its middle. Over all tiles and channels the product in the middle is a product of matrices for
 * each of the 36 points, and the rest is linear, too, so that all of it is matrix products:
 *   V = (B ⊗ B)ᵀ D   [36, Cin·T]      M_p = U_p V_p   [36, Cout, T]      Y = (A ⊗ A)ᵀ M   [16, Cout·T]
 * with T tiles and U = (G ⊗ G) g, which is worked out once for all graphs and brought to each run. A gradient goes the
 * same way back through the transposed matrices.
 *
 * Features lie as phases, [16, C, ⌈h/4⌉, ⌈w/4⌉]: phase (i, j) holds every fourth pixel of every fourth row from (i, j) on.
 * So Y is made and D gathered from whole planes, and what follows a convolution needs no other order. Beyond the
 * picture's edges phases hold zeros.
 */

import type { Convolution } from '../../network/vgg19.js';
import type { Network } from '../../network/weights.js';
import { Graph } from './graph.js';
import type { Layout } from './layout.js';

type Matrix = readonly (readonly number[])[];

/** For the points 0, 1, −1, 2, −2 and ∞. */
const bTransposed: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const g: Matrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];
const aTransposed: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** Blocks from this one on: where channels are few, less is gained than the changes of layout cost. */
export const firstBlock = 2;

/** Name of U's input, [36, out, in]. */
export const kernelsOf = ({ name }: Convolution): string => `kernels/${name}`;

/** U of any convolution: [n, 9] → [36, n], n being out · in. */
export function kernelsModel(): Uint8Array {
  const graph = new Graph();
  const kernel = graph.input('kernel', ['n', 9]);
  graph.output(graph.add('Gemm', [square(graph, 'g', g), kernel], { transB: 1 }), 'kernels', [36, 'n']);
  return graph.toModel();
}

/** The layout of a block; `picture`, [1, C, h, w], is what enters it. */
export function phases(graph: Graph, network: Network, picture: string): Layout {
  const size = graph.add('Shape', [picture], { start: 2 });

  const from = (picture: string) => {
    const beyond = graph.add('Mod', [graph.add('Neg', [size]), graph.integers([4])]);
    const padded = graph.add('Pad', [picture, graph.shape([0, 0, 0, 0, 0, 0], beyond)]);
    const channels = graph.add('SpaceToDepth', [padded], { blocksize: 4 });
    return graph.add('Reshape', [channels, graph.integers([16, -1, 0, 0])]);
  };
  const inside = from(graph.ones(picture));
  /** ⌈h/4⌉ and ⌈w/4⌉. */
  const tiles = graph.add('Shape', [inside], { start: 2 });
  const reshape = (x: string, ...shape: number[]) => graph.add('Reshape', [x, graph.integers(shape)]);
  const withTiles = (x: string, ...shape: number[]) => graph.add('Reshape', [x, graph.shape(shape, tiles)]);

  const kernels = (convolution: Convolution) =>
    graph.input(kernelsOf(convolution), [36, convolution.outputs, convolution.inputs]);

  return {
    from,
    to(features) {
      const channels = reshape(features, 1, -1, 0, 0);
      const padded = graph.add('DepthToSpace', [channels], { blocksize: 4 });
      return graph.add('Slice', [padded, graph.integers([0, 0]), size, graph.integers([2, 3])]);
    },

    convolve(features, convolution) {
      const { name, inputs, outputs } = convolution;
      const rows = grow(graph, { planes: reshape(features, 4, -1, 0, 0), axis: 0, along: 2 });
      const d = grow(graph, { planes: reshape(rows, 6, 4, -1, 0), axis: 1, along: 3 });
      const v = graph.add('MatMul', [square(graph, 'b', bTransposed), reshape(d, 36, -1)]);
      const m = graph.add('MatMul', [kernels(convolution), reshape(v, 36, inputs, -1)]);
      const y = graph.add('MatMul', [square(graph, 'a', aTransposed), reshape(m, 36, -1)]);
      const { bias } = network.convolutions.get(name)!;
      const offset = graph.weights(`${name}.bias`, [1, outputs, 1, 1], bias);
      const activation = graph.add('Relu', [graph.add('Add', [withTiles(y, 16, outputs), offset])]);
      return graph.add('Mul', [activation, inside]);
    },

    convolutionGradient(gradient, convolution) {
      const { inputs, outputs } = convolution;
      const m = graph.add('MatMul', [
        square(graph, 'a*', transposed(aTransposed)),
        reshape(gradient, 16, -1),
      ]);
      const v = graph.add('com.microsoft:FusedMatMul', [kernels(convolution), reshape(m, 36, outputs, -1)], {
        transA: 1,
      });
      const d = graph.add('MatMul', [square(graph, 'b*', transposed(bTransposed)), reshape(v, 36, -1)]);
      const rows = fold(graph, { planes: reshape(withTiles(d, 36, inputs), 6, 6, -1, 0), axis: 1, along: 3 });
      return withTiles(fold(graph, { planes: withTiles(rows, 6, -1), axis: 0, along: 2 }), 16, inputs);
    },

    flatten: (features, channels) =>
      reshape(graph.add('Transpose', [features], { perm: [1, 0, 2, 3] }), channels, -1),
    unflatten: (flat, channels) =>
      graph.add('Transpose', [withTiles(flat, channels, 16)], { perm: [1, 0, 2, 3] }),
  };
}

/** X ⊗ X, for rows and columns at once. */
function square(graph: Graph, name: string, x: Matrix): string {
  const product = x.flatMap((upper) => x.map((lower) => upper.flatMap((a) => lower.map((b) => a * b))));
  const shape = [product.length, product[0].length];
  return graph.weights(`winograd/${name}`, shape, Float32Array.from(product.flat()));
}

const transposed = (x: Matrix): Matrix => x[0].map((_, column) => x.map((row) => row[column]));

/** Planes of four dimensions whose phases are counted by `axis`, and their tiles by `along`. */
interface Planes {
  planes: string;
  axis: 0 | 1;
  along: 2 | 3;
}

/** From four phases to the six rows or columns of a tile with its rim, which lies in the tiles beside it. */
function grow(graph: Graph, all: Planes): string {
  const before = moved(graph, all, 4, 3, 1);
  const after = moved(graph, all, 4, 0, -1);
  return graph.add('Concat', [before, all.planes, after], { axis: all.axis });
}

/** The adjoint of `grow`: what lies on a tile's rim is added to the tile beside it. */
function fold(graph: Graph, all: Planes): string {
  const { planes, axis } = all;
  const cut = (from: number, to: number) =>
    graph.add('Slice', [planes, graph.integers([from]), graph.integers([to]), graph.integers([axis])]);
  const first = graph.add('Add', [cut(1, 2), moved(graph, all, 6, 5, 1)]);
  const last = graph.add('Add', [cut(4, 5), moved(graph, all, 6, 0, -1)]);
  return graph.add('Concat', [first, cut(2, 4), last], { axis });
}

/** Phase `index` of `count`, all its tiles moved on by one; those that come in are zeros. */
function moved(graph: Graph, { planes, axis, along }: Planes, count: number, index: number, by: 1 | -1) {
  const begin = [0, 0, 0, 0];
  const end = [0, 0, 0, 0];
  begin[axis] = -index;
  end[axis] = index + 1 - count;
  begin[along] = by;
  end[along] = -by;
  return graph.add('Pad', [planes, graph.integers([...begin, ...end])]);
}
