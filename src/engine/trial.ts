/** Tries a place in a process of its own, since native libraries abort, leak and block. */
import { fileURLToPath } from 'node:url';
import { forkModule } from '../util/fork.js';
import { environmentFor } from './environment.js';
import type { Placement } from './placement.js';
import { plainReason } from './reason.js';

/**
 * How a trial ended: a gradient to compare, seconds an evaluation at 256×256 (0: not timed), and whether the device takes several
 * steps at once as it should; or why not.
 */
export type TrialResult =
  | { gradient: Float32Array; seconds: number; descends?: boolean }
  | { reason: string };

/** In the form used in messages. */
export const speed = (seconds: number) => `${seconds.toPrecision(2)} s an evaluation at 256×256`;

const childModule = fileURLToPath(new URL('./trial-child.js', import.meta.url));

/** Milliseconds. A card's first evaluation may compile its kernels. */
const timeout = 60_000;

/**
 * Takes two seconds plus the start, or only the start if not timed.
 * @returns also if something goes wrong: it never throws
 */
export function tryPlacement(placement: Placement, { timed = true } = {}): Promise<TrialResult> {
  const { child, stderrTail } = forkModule(childModule, { env: environmentFor(placement, 256) });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({ reason: `it did not answer within ${timeout / 1000} s` });
      child.kill('SIGKILL');
    }, timeout);
    child.once('message', (result: TrialResult) =>
      resolve('reason' in result ? { reason: plainReason(result.reason, stderrTail()) } : result),
    );
    child.once('error', ({ message }) => resolve({ reason: message }));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const why = stderrTail().trim().split('\n').at(-1);
      resolve({ reason: `its process ended with ${signal ?? `code ${code}`}${why ? `: ${why}` : ''}` });
    });
    child.send({ placement, timed }, () => {});
  });
}

/** Relative distance of two gradients: ‖a − b‖ / ‖b‖. */
export function distance(a: Float32Array, b: Float32Array): number {
  let [apart, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    apart += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(apart / size);
}
