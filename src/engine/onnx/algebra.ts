/**
 * Products of many long vectors at once. A plain loop over them takes some five times as long: ONNX Runtime uses every
 * core, and what its vector units can do.
 */
import type { InferenceSession } from 'onnxruntime-node';
import type { Algebra } from '../engine.js';
import { Graph } from './graph.js';
import { onProcessor, type Runtime } from './runtime.js';

/** Opens its session with the first product: not every optimizer needs one. */
export function createAlgebra(load: () => Promise<Runtime>, threads: number): Algebra {
  let opened: Promise<{ session: InferenceSession; runtime: Runtime }> | undefined;
  const open = async () => {
    const runtime = await load();
    const graph = new Graph();
    const factors = [graph.input('a', ['l', 'm']), graph.input('b', ['m', 'n'])];
    graph.output(graph.add('MatMul', factors), 'product', ['l', 'n']);
    const session = await runtime.InferenceSession.create(graph.toModel(), onProcessor(threads));
    return { session, runtime };
  };
  /** [l, m] · [m, n] */
  const product = async (a: Float32Array, b: Float32Array, m: number): Promise<Float32Array> => {
    opened ??= open();
    const { session, runtime } = await opened;
    const feeds = {
      a: new runtime.Tensor('float32', a, [a.length / m, m]),
      b: new runtime.Tensor('float32', b, [m, b.length / m]),
    };
    return (await session.run(feeds)).product.data as Float32Array;
  };
  return {
    products: (rows, vector) => product(rows, vector, vector.length),
    combine: (rows, weights) => product(weights, rows, weights.length),
    async dispose() {
      await (await opened)?.session.release();
    },
  };
}
