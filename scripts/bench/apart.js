/** A process of its own for what is measured, with what a process that paints has: environment, flags and memory. */
import { fork } from 'node:child_process';
import { environmentFor } from '../../dist/engine/environment.js';

/**
 * What the script answers when it is forked with this argument: see `answer`.
 * @param {string} script its path
 * @param {object} argument as JSON can hold it; what it measures on is its `placement`
 */
export function apart(script, argument) {
  const child = fork(script, [JSON.stringify(argument)], {
    execArgv: ['--expose-gc'],
    env: environmentFor(argument.placement),
  });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${script}: ended with code ${code}`)));
  });
}
