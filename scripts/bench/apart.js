/** A process of its own for what is measured, with what a process that paints has: environment, flags and memory. */
import { fork } from 'node:child_process';
import { environmentFor } from '#dist/engine/environment.js';
import { placementName } from '#dist/engine/placement.js';

/**
 * What the script measures, forked with this argument: see `answer`.
 * @param {string} script its path
 * @param {object} argument as JSON can hold it; what it measures on is its `placement`, and `longest` the longest side in
 *   pixels of its pictures
 */
export function apart(script, argument) {
  const { placement, longest } = argument;
  const child = fork(script, [JSON.stringify(argument)], {
    execArgv: ['--expose-gc'],
    env: environmentFor(placement, longest),
  });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${placementName(placement)}: ended with code ${code}`)));
  });
}

/**
 * To be called by that script: where it was forked, sends what `measure` makes of the argument, and ends.
 * @param {string} script its path
 */
export async function answer(script, measure) {
  if (process.argv[1] !== script) return;
  const result = await measure(JSON.parse(process.argv[2]));
  process.send?.(result, undefined, undefined, () => process.exit());
}
