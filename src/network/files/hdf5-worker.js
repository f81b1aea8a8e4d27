/**
 * Reads datasets of an HDF5 file, in a thread of its own: the HDF5 library, though WebAssembly, does not survive every
 * damaged file, and may take for ever over one. JavaScript, since a thread starts from a file that is there as it is.
 */
import { parentPort, workerData } from 'node:worker_threads';
import h5wasm from 'h5wasm/node';

/** @typedef {{ shape: number[], values: Float32Array }} Dataset */

/** @type {{ path: string, groups: string[], elements: number }} */
const { path, groups, elements } = workerData;

/** @type {Record<string, Dataset[]>} Every dataset in each of the groups that are there, at whatever depth. */
const found = {};
try {
  // HDF5's own way of telling errors is to print them.
  (await h5wasm.ready).activate_throwing_error_handler();
  const file = new h5wasm.File(path, 'r');
  const root = file.get('model_weights') ?? file;
  for (const name of groups) {
    const group = root instanceof h5wasm.Group ? root.get(name) : null;
    if (group instanceof h5wasm.Group) found[name] = collect(group, 0);
  }
  parentPort?.postMessage({ found });
} catch (error) {
  // Of the library's many lines, those that say what it was.
  const text = error instanceof Error ? error.message : String(error);
  const why = /minor: (.*)/.exec(text)?.[1] ?? text.split('\n')[0];
  parentPort?.postMessage({ error: why });
}

/**
 * @param {InstanceType<typeof h5wasm.Group>} group
 * @param {number} depth
 * @returns {Dataset[]}
 */
function collect(group, depth) {
  if (depth > 4) return [];
  return group.keys().flatMap((key) => {
    const item = group.get(key);
    if (item instanceof h5wasm.Group) return collect(item, depth + 1);
    if (!(item instanceof h5wasm.Dataset)) return [];
    const shape = [...(item.shape ?? [])];
    const isSmall = shape.reduce((product, n) => product * n, 1) <= elements;
    return [{ shape, values: isSmall ? numbers(item.value) : new Float32Array(0) }];
  });
}

/** @param {unknown} values */
function numbers(values) {
  const isPlain = ArrayBuffer.isView(values) && !(values instanceof DataView);
  if (!isPlain || values instanceof BigInt64Array || values instanceof BigUint64Array)
    throw new Error('its weights are no plain numbers');
  return Float32Array.from(/** @type {ArrayLike<number>} */ (/** @type {unknown} */ (values)));
}
