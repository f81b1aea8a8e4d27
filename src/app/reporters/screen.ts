/** The screen, and the summary that is printed when it closes. */
import { openScreen, type ScreenOptions } from '../../tui/screen.js';
import { say, warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

/** Maximum number of failures to print; the job store has them all. */
const maxFailures = 20;

export async function screenReporter(options: ScreenOptions): Promise<Reporter> {
  const screen = await openScreen(options);
  /** How each job ended; a retry replaces it. */
  const ended = new Map<number, 'done' | 'failed' | 'skipped'>();
  let output = '';
  let failures: { job: number; reason: string }[] = [];
  let open = true;
  return {
    ...screen,
    event: (event) => {
      screen.event(event);
      if (event.event === 'done') output = event.output;
      if (event.event !== 'done' && event.event !== 'failed' && event.event !== 'skipped') return;
      const { job } = event;
      ended.set(job, event.event);
      failures = failures.filter((failure) => failure.job !== job);
      if (event.event === 'failed')
        failures = [...failures, { job, reason: event.reason }].slice(-maxFailures);
    },
    close: () => {
      screen.close();
      if (!open) return;
      open = false;
      warn(...failures.map(({ reason }) => `failed: ${reason}`));
      const count = (status: string) => [...ended.values()].filter((ending) => ending === status).length;
      const [done, failed, skipped] = [count('done'), count('failed'), count('skipped')];
      if (done === 1) say(`done: ${output}`);
      if (done + failed + skipped > 1) say(`${done} done, ${failed} failed, ${skipped} skipped`);
    },
  };
}
