/** The three ways to tell what happens: a screen, plain lines, or JSON. */

import type { Listener } from '../../jobs/painter.js';
import type { ScreenOptions } from '../../tui/screen.js';
import type { RunningFlags } from '../options.js';
import { jsonReporter } from './json.js';
import { plainReporter } from './plain.js';
import { screenReporter } from './screen.js';

export interface Reporter extends Listener {
  /** Puts the terminal back as it was. May be called twice. */
  close(): void;
}

/** The screen needs a terminal that can move its cursor, on both ends. */
export const hasScreen = ({ json, quiet, tui }: RunningFlags) =>
  tui &&
  !json &&
  !quiet &&
  Boolean(process.stdin.isTTY && process.stdout.isTTY) &&
  process.env.TERM !== 'dumb';

export function openReporter(flags: RunningFlags, options: ScreenOptions): Reporter {
  if (flags.json) return jsonReporter();
  return hasScreen(flags) ? screenReporter(options) : plainReporter(flags);
}
