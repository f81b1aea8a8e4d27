/** Chooses the reporter: a screen, plain lines, or JSON. */

import { canShowScreen } from '../../tui/look.js';
import type { ScreenOptions } from '../../tui/screen.js';
import type { Reporter } from '../listener.js';
import type { RunningFlags } from '../running-flags.js';
import { jsonReporter } from './json.js';
import { plainReporter } from './plain.js';

export const hasScreen = ({ json, quiet, tui }: RunningFlags) => tui && !json && !quiet && canShowScreen();

export async function openReporter(
  flags: RunningFlags,
  options: Omit<ScreenOptions, 'theme' | 'notify'>,
): Promise<Reporter> {
  if (flags.json) return jsonReporter();
  if (!hasScreen(flags)) return plainReporter({ ...flags, frames: options.frames });
  // Loaded on demand, since the screen's libraries take as long to load as all others together.
  const { screenReporter } = await import('./screen.js');
  return screenReporter({ ...options, theme: flags.theme, notify: flags.notify });
}
