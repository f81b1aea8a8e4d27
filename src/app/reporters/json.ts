/** Events as JSON lines on stdout, for programs; messages for the user go to stderr. */

import { isProgress } from '../../render/events.js';
import { warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

/** Bytes that a reader may be behind before it misses signs of life: one that stands still must not fill the memory. */
const mostBehind = 1024 * 1024;

export function jsonReporter(): Reporter {
  return {
    event: (event) => {
      if (isProgress(event) && process.stdout.writableLength > mostBehind) return;
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    preview: () => {},
    message: (text) => warn(text),
    close: () => {},
  };
}
