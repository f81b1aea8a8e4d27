/** Events as JSON lines on stdout, for programs; messages for the user go to stderr. */

import { warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

export function jsonReporter(): Reporter {
  return {
    event: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    preview: () => {},
    message: (text) => warn(text),
    close: () => {},
  };
}
