/**
 * Matrix products for the optimizer: of many long vectors at once, and along the sides of an image. Plain loops take some
 * five times as long for the former: ONNX Runtime uses every core, and what its vector units can do.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Algebra, Separable } from '../engine.js';
import { Graph } from './graph.js';
import { onProcessor, type Runtime } from './runtime.js';

type Feeds = Record<string, Tensor>;

/** Each has one output, `result`. */
const graphs = { product, transform, transposed };

/** Opens a session with the first call that needs it: not every optimizer does. */
export function createAlgebra(load: () => Promise<Runtime>, threads: number): Algebra {
  const opened: Partial<Record<keyof typeof graphs, Promise<InferenceSession>>> = {};
  let loaded: Promise<Runtime> | undefined;
  const runtime = () => {
    loaded ??= load();
    return loaded;
  };
  // An arena would keep several images at no gain in time.
  const options = { ...onProcessor(threads), enableCpuMemArena: false };
  const open = async (name: keyof typeof graphs) =>
    (await runtime()).InferenceSession.create(graphs[name]().toModel(), options);
  const run = async (name: keyof typeof graphs, feeds: Feeds): Promise<Float32Array> => {
    opened[name] ??= open(name);
    return (await (await opened[name]).run(feeds)).result.data as Float32Array;
  };

  /** [l, m] · [m, n] */
  const multiply = async (a: Float32Array, b: Float32Array, m: number): Promise<Float32Array> => {
    const { Tensor } = await runtime();
    return run('product', {
      a: new Tensor('float32', a, [a.length / m, m]),
      b: new Tensor('float32', b, [m, b.length / m]),
    });
  };

  return {
    products: (rows, vector) => multiply(rows, vector, vector.length),
    combine: (rows, weights) => multiply(weights, rows, weights.length),
    transform(separable) {
      const { width, height } = separable;
      let matrices: Feeds | undefined;
      const through = async (direction: 'transform' | 'transposed', planes: Float32Array) => {
        const { Tensor } = await runtime();
        matrices ??= tensorsOf(separable, Tensor);
        return run(direction, { planes: new Tensor('float32', planes, [3, height, width]), ...matrices });
      };
      return {
        apply: (image) => through('transform', image),
        transposed: (image) => through('transposed', image),
      };
    },
    async dispose() {
      for (const session of Object.values(opened)) await (await session).release();
    },
  };
}

function tensorsOf({ width, height, ...matrices }: Separable, Tensor: Runtime['Tensor']): Feeds {
  return {
    colors: new Tensor('float32', matrices.colors, [3, 3]),
    rows: new Tensor('float32', matrices.rows, [height, height]),
    columns: new Tensor('float32', matrices.columns, [width, width]),
    gain: new Tensor('float32', matrices.gain, [height, width]),
  };
}

function product(): Graph {
  const graph = new Graph();
  const factors = [graph.input('a', ['l', 'm']), graph.input('b', ['m', 'n'])];
  graph.output(graph.add('MatMul', factors), 'result', ['l', 'n']);
  return graph;
}

function transform(): Graph {
  const { graph, planes, colors, rows, columns, gain } = transformInputs();
  const across = graph.add(transposing, [mix(graph, colors, planes), columns], { transB: 1 });
  const waves = graph.add('MatMul', [rows, across]);
  graph.output(graph.add('Mul', [waves, gain]), 'result', [3, 'h', 'w']);
  return graph;
}

function transposed(): Graph {
  const { graph, planes, colors, rows, columns, gain } = transformInputs();
  const down = graph.add(transposing, [rows, graph.add('Mul', [planes, gain])], { transA: 1 });
  const image = graph.add('MatMul', [down, columns]);
  graph.output(mix(graph, colors, image, { transA: 1 }), 'result', [3, 'h', 'w']);
  return graph;
}

/** MatMul that can take its factors transposed. */
const transposing = 'com.microsoft:FusedMatMul';

function transformInputs() {
  const graph = new Graph();
  return {
    graph,
    planes: graph.input('planes', [3, 'h', 'w']),
    colors: graph.input('colors', [3, 3]),
    rows: graph.input('rows', ['h', 'h']),
    columns: graph.input('columns', ['w', 'w']),
    gain: graph.input('gain', ['h', 'w']),
  };
}

/** colors · planes, a plane being a row. */
function mix(graph: Graph, colors: string, planes: string, attributes = {}): string {
  const flat = graph.add('Reshape', [planes, graph.integers([3, -1])]);
  const mixed = graph.add(transposing, [colors, flat], attributes);
  return graph.add('Reshape', [mixed, graph.add('Shape', [planes])]);
}
