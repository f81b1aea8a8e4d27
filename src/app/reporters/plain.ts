/** Plain lines, for logs and terminals without a screen: one every few seconds for each picture being painted. */
import { basename } from 'node:path';
import { termKeys } from '../../losses/table.js';
import type { Losses, PaintEvent } from '../../render/events.js';
import { sum } from '../../transfer/losses.js';
import { duration, earlyStopNote, shortReason } from '../../util/format.js';
import { say, warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

/** Milliseconds between two lines of a picture. */
const lineInterval = 5000;

export interface PlainOptions {
  /** Print only problems. */
  quiet: boolean;
  /** Print all losses once per this number of iterations, instead of a line every few seconds. */
  printIterations?: number;
}

export function plainReporter({ quiet, printIterations }: PlainOptions): Reporter {
  /** The time of each picture's next line, by job. */
  const nextLine = new Map<number, number>();
  const print = (text: string) => {
    if (!quiet) say(text);
  };
  /** Whether a line of that picture is due; if so, schedules the next one. */
  const isDue = (job: number) => {
    if (performance.now() < (nextLine.get(job) ?? 0)) return false;
    nextLine.set(job, performance.now() + lineInterval);
    return true;
  };
  const event = (event: PaintEvent) => {
    const name = 'source' in event ? basename(event.source) : '';
    if (event.event === 'done' || event.event === 'skipped' || event.event === 'failed')
      nextLine.delete(event.job);
    switch (event.event) {
      case 'queued':
        return print(`${name}: waiting`);
      case 'started':
        nextLine.set(event.job, performance.now() + lineInterval);
        return print(
          `${name}: painting ${event.width}×${event.height} into ${event.output} (${event.engine}, ${event.device})`,
        );
      case 'iteration': {
        const { iteration, iterations, scale, scales, losses, secondsLeft } = event;
        if (printIterations) {
          if (iteration % printIterations !== 0 && iteration !== iterations) return;
          return print(`${name}: ${iteration}/${iterations}, ${allLosses(losses)}`);
        }
        if (!isDue(event.job)) return;
        const where = `${iteration}/${iterations}, scale ${scale}/${scales}`;
        const left = secondsLeft === undefined ? 'estimating the time' : `${duration(secondsLeft)} left`;
        return print(`${name}: ${where}, loss ${losses.total.toPrecision(4)}, ${left}`);
      }
      case 'working':
        if (printIterations || !isDue(event.job)) return;
        return print(`${name}: in tiles, ${Math.floor(100 * event.share)} %`);
      case 'snapshot':
        return print(`${name}: snapshot after ${event.iteration} iterations: ${event.output}`);
      case 'paused':
      case 'resumed':
        return print(`${name}: ${event.event} after ${event.iteration} iterations`);
      case 'waiting':
        return warn(`${name}: waiting: ${event.reason}`);
      case 'done':
        return print(
          `${name}: done in ${Math.round(event.seconds)} s${earlyStopNote(event)}, loss ${event.losses.total.toPrecision(4)}: ${event.output}`,
        );
      case 'skipped':
        return print(`${name}: skipped: ${reasonOf(event)}`);
      case 'failed':
        return warn(`${name}: failed: ${reasonOf(event)}`);
      case 'idle':
        return print('waiting for pictures');
    }
  };
  return { event, preview: () => {}, message: warn, close: () => {} };
}

const reasonOf = ({ source, reason }: { source: string; reason: string }) => shortReason(source, reason);

/** The sum of each term, and the total: the same four numbers as anishathalye/neural-style prints, in its order. */
function allLosses(losses: Losses): string {
  const parts = termKeys.map((key) => {
    const value = losses[key];
    return [key, typeof value === 'number' ? value : sum(Object.values(value))] as const;
  });
  return [...parts, ['total', losses.total] as const]
    .map(([name, value]) => `${name} ${value.toPrecision(6)}`)
    .join(', ');
}
