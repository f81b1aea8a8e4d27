/** The screen, and the failures that are printed when it closes. */
import { openScreen, type ScreenOptions } from '../../tui/screen.js';
import { followUpNote } from '../../util/format.js';
import { warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

/** Maximum number of failures to print; the job store has them all. */
const maxFailures = 20;

export async function screenReporter(options: ScreenOptions): Promise<Reporter> {
  const screen = await openScreen(options);
  let failures: { job: number; reason: string }[] = [];
  let open = true;
  return {
    ...screen,
    event: (event) => {
      screen.event(event);
      if (event.event === 'follow-up' && (event.status === 'failed' || event.status === 'unknown')) {
        const reason = `${event.source}: ${followUpNote(event)}`;
        failures = [...failures, { job: event.job, reason }].slice(-maxFailures);
      }
      if (event.event !== 'done' && event.event !== 'failed' && event.event !== 'skipped') return;
      const { job } = event;
      // A retry replaces a failure.
      failures = failures.filter((failure) => failure.job !== job);
      if (event.event === 'failed')
        failures = [...failures, { job, reason: event.reason }].slice(-maxFailures);
    },
    close: () => {
      screen.close();
      if (!open) return;
      open = false;
      warn(...failures.map(({ reason }) => `failed: ${reason}`));
    },
  };
}
