/**
 * The matrix products of `Algebra` in ONNX Runtime, on the processor. It uses all cores and vector instructions; plain loops
 * take at least five times as long.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Algebra, Separable } from '../engine.js';
import { float32, Graph } from './graph.js';
import { onProcessor, type Runtime } from './runtime.js';

type Feeds = Record<string, Tensor>;

/** Each graph has one output, `result`. */
const graphs = {
  product,
  nearest,
  transform: () => transformGraph(transformed),
  transposed: () => transformGraph(transposed),
};

/** Distances computed at once by nearest(): 64 MB of them. */
const distancesAtOnce = 16e6;

/**
 * Opens each session with the first call that needs it, since not every optimizer does.
 * @param threads used by each product
 */
export function createAlgebra(load: () => Promise<Runtime>, threads: number): Algebra {
  const opened: Partial<Record<keyof typeof graphs, Promise<InferenceSession>>> = {};
  let loaded: Promise<Runtime> | undefined;
  const runtime = () => {
    loaded ??= load();
    return loaded;
  };
  // An arena would hold the memory of several images without saving time.
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
    async nearest(rows, candidates, length) {
      const { Tensor } = await runtime();
      const known = {
        candidates: new Tensor('float32', candidates, [candidates.length / length, length]),
        halves: new Tensor('float32', halfSquares(candidates, length), [candidates.length / length]),
      };
      const found = new Int32Array(rows.length / length);
      const step = Math.max(1, Math.floor((distancesAtOnce * length) / candidates.length));
      for (let i = 0; i < found.length; i += step) {
        const some = rows.subarray(i * length, (i + step) * length);
        const rowsNow = new Tensor('float32', some, [some.length / length, length]);
        found.set(await run('nearest', { rows: rowsNow, ...known }), i);
      }
      return found;
    },
    transform(separable) {
      const { width, height } = separable;
      let matrices: Feeds | undefined;
      const through = async (direction: 'transform' | 'transposed', planes: Float32Array) => {
        const { Tensor } = await runtime();
        matrices ??= separableFeeds(separable, Tensor);
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

/** What feeds the inputs of `transformed` and `transposed`. */
export function separableFeeds({ width, height, ...matrices }: Separable, Tensor: Runtime['Tensor']): Feeds {
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

/** The least |r − c|² is the largest r·c − |c|²/2. Indices are floats, which represent them exactly. */
function nearest(): Graph {
  const graph = new Graph();
  const rows = graph.input('rows', ['n', 'l']);
  const candidates = graph.input('candidates', ['m', 'l']);
  const halves = graph.input('halves', ['m']);
  const likeness = graph.add('Sub', [graph.add(transposing, [rows, candidates], { transB: 1 }), halves]);
  const index = graph.add('ArgMax', [likeness], { axis: 1, keepdims: 0 });
  graph.output(graph.add('Cast', [index], { to: float32 }), 'result', ['n']);
  return graph;
}

/** |row|²/2 of each row. */
function halfSquares(rows: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length: rows.length / length }, (_, i) => {
    let sum = 0;
    for (let k = i * length; k < (i + 1) * length; k++) sum += rows[k] * rows[k];
    return sum / 2;
  });
}

function transformGraph(direction: typeof transformed): Graph {
  const graph = new Graph();
  const planes = graph.input('planes', [3, 'h', 'w']);
  graph.output(direction(graph, planes), 'result', [3, 'h', 'w']);
  return graph;
}

/** T x of planes [3, H, W], with the matrices of `Separable` as inputs of the graph. */
export function transformed(graph: Graph, planes: string): string {
  const { colors, rows, columns, gain } = separableInputs(graph);
  const across = graph.add(transposing, [mix(graph, colors, planes), columns], { transB: 1 });
  return graph.add('Mul', [graph.add('MatMul', [rows, across]), gain]);
}

/** Tᵀ z, as `transformed` is T x. */
export function transposed(graph: Graph, planes: string): string {
  const { colors, rows, columns, gain } = separableInputs(graph);
  const down = graph.add(transposing, [rows, graph.add('Mul', [planes, gain])], { transA: 1 });
  return mix(graph, colors, graph.add('MatMul', [down, columns]), { transA: 1 });
}

/** MatMul that can take its factors transposed. */
const transposing = 'com.microsoft:FusedMatMul';

const separableInputs = (graph: Graph) => ({
  colors: graph.input('colors', [3, 3]),
  rows: graph.input('rows', ['h', 'h']),
  columns: graph.input('columns', ['w', 'w']),
  gain: graph.input('gain', ['h', 'w']),
});

/** colors · planes, a plane being a row. */
function mix(graph: Graph, colors: string, planes: string, attributes = {}): string {
  const flat = graph.add('Reshape', [planes, graph.integers([3, -1])]);
  const mixed = graph.add(transposing, [colors, flat], attributes);
  return graph.add('Reshape', [mixed, graph.add('Shape', [planes])]);
}
