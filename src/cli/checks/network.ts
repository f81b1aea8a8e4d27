/** Checks the weight files of the bundled and the chosen network. */
import { chosenNetwork } from '../../network/store.js';
import { bundled, loadNetwork } from '../../network/weights.js';
import { bad, describeError, type Finding, good } from './finding.js';
import { reinstall } from './fixes.js';

const useBox = 'stylize-tui models use box';

export async function checkNetworks(): Promise<Finding[]> {
  const inBox = await checkNetwork('box', bundled.path, reinstall);
  try {
    const chosen = await chosenNetwork();
    return chosen === undefined ? [inBox] : [inBox, await checkNetwork('chosen', chosen, useBox)];
  } catch (error) {
    return [inBox, bad('chosen', describeError(error).found, useBox)];
  }
}

async function checkNetwork(name: string, path: string, fix: string): Promise<Finding> {
  try {
    const { format, hash } = await loadNetwork(path);
    const what = path === bundled.path ? 'unmodified' : `${format}, ${path}`;
    return good(name, `SHA-256 ${hash.slice(0, 16)}, ${what}`);
  } catch (error) {
    return bad(name, describeError(error).found, fix);
  }
}
