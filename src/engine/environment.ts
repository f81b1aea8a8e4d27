/** What a painting process must have in its environment before an engine's native library is loaded. */
import { delimiter } from 'node:path';
import { engines } from './engines.js';
import { readStamp } from './installed.js';
import { type Placement, parseDevice } from './placement.js';

/**
 * This process's environment with the variables that the placement needs.
 * @param longest longest side of the picture, in pixels, approximately
 */
export function environmentFor(placement: Placement, longest: number): NodeJS.ProcessEnv {
  const { cardKinds, cardLibraries, environment } = engines[placement.engine];
  const inherited = { ...process.env };
  if (cardKinds.includes(parseDevice(placement.device).kind)) {
    const { libraries = [] } = readStamp(cardLibraries) ?? {};
    const path = [...libraries, inherited.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
    if (path) inherited.LD_LIBRARY_PATH = path;
  }
  return { ...inherited, ...environment(placement, longest, inherited) };
}
