/** The peer in PyTorch, in a process of its own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundled } from '#dist/network/weights.js';

const script = fileURLToPath(new URL('pytorch.py', import.meta.url));

/**
 * What pytorch.py makes of the argument; undefined, with a word, where there is no Python with torch.
 * @param {string} python
 * @param {object} argument as JSON can hold it
 * @param {(line: string) => void} say
 */
export function pytorch(python, argument, say) {
  const all = JSON.stringify({ network: bundled.path, ...argument });
  try {
    const output = execFileSync(python, [script, all], {
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 28,
    });
    return JSON.parse(`${output}`);
  } catch (/** @type {any} */ error) {
    const why = String(error.stderr ?? error.message);
    say(`  PyTorch is left out (${why.trim().split('\n').at(-1)}): --torch names a Python that has torch`);
    return undefined;
  }
}
