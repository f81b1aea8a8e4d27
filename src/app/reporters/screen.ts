/** The screen, and the lines that are left on the terminal when it closes: what was painted, and what was not. */
import { openScreen, type ScreenOptions } from '../../tui/screen.js';
import type { Reporter } from './reporter.js';

/** A night's failures would fill the scrollback; the job store has them all. */
const keptLines = 20;

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
      if (event.event === 'failed') failures = [...failures, event.reason].slice(-keptLines);
      if (event.event === 'done' || event.event === 'failed' || event.event === 'skipped')
        counts[event.event]++;
    },
    close: () => {
      screen.close();
      if (!open) return;
      open = false;
      for (const reason of failures) process.stderr.write(`failed: ${reason}\n`);
      const { done, failed, skipped } = counts;
      if (done === 1) process.stdout.write(`done: ${output}\n`);
      if (done + failed + skipped > 1)
        process.stdout.write(`${done} done, ${failed} failed, ${skipped} skipped\n`);
    },
  };
}
