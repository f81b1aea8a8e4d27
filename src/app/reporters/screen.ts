/** The screen, and the summary that is printed when it closes. */
import { openScreen, type ScreenOptions } from '../../tui/screen.js';
import { say, warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

/** Maximum number of failures to print; the job store has them all. */
const maxFailures = 20;

export async function screenReporter(options: ScreenOptions): Promise<Reporter> {
  const screen = await openScreen(options);
  const counts = { done: 0, failed: 0, skipped: 0 };
  let output = '';
  let failures: string[] = [];
  let open = true;
  return {
    ...screen,
    event: (event) => {
      screen.event(event);
      if (event.event === 'done') output = event.output;
      if (event.event === 'failed') failures = [...failures, event.reason].slice(-maxFailures);
      if (event.event === 'done' || event.event === 'failed' || event.event === 'skipped')
        counts[event.event]++;
    },
    close: () => {
      screen.close();
      if (!open) return;
      open = false;
      warn(...failures.map((reason) => `failed: ${reason}`));
      const { done, failed, skipped } = counts;
      if (done === 1) say(`done: ${output}`);
      if (done + failed + skipped > 1) say(`${done} done, ${failed} failed, ${skipped} skipped`);
    },
  };
}
