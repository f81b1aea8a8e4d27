/** Plain lines, for logs and terminals without a screen: one every few seconds for each picture being painted. */
import { basename } from 'node:path';
import { termKeys } from '../../losses/table.js';
import type { Losses, PaintEvent } from '../../render/events.js';
import { sum } from '../../transfer/losses.js';
import { duration, earlyStopNote, followUpNote, shortReason } from '../../util/format.js';
import { say, warn } from '../../util/say.js';
import type { Reporter } from '../listener.js';

/** Milliseconds between two lines of a picture. */
const lineInterval = 5000;

export interface PlainOptions {
  /** Print only problems. */
  quiet: boolean;
  /** Print all losses once per this number of iterations, instead of a line every few seconds. */
  printIterations?: number;
  /** How many frames a sequence has, if that is known. */
  frames?: number;
}

export function plainReporter({ quiet, printIterations, frames }: PlainOptions): Reporter {
  /** The time of each picture's next line, by job. */
  const nextLine = new Map<number, number>();
  const whole = new Whole(frames);
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
    whole.event(event);
    if (event.event === 'done' || event.event === 'skipped' || event.event === 'failed')
      nextLine.delete(event.job);
    switch (event.event) {
      case 'queued':
        return print(`${name}: waiting`);
      case 'started':
        nextLine.set(event.job, performance.now() + lineInterval);
        return print(
          `${name}: ${whole.frame && `${whole.frame}, `}painting ${event.print ? `${event.print.replace(' x ', ' × ')}, ` : ''}${event.width}×${event.height} into ${event.output} (${event.engine}, ${event.device})${whole.timeLeft && `; ${whole.timeLeft}`}`,
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
        return print(`${name}: ${where}, loss ${losses.total.toPrecision(4)}, ${left}${whole.note}`);
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
      case 'follow-up': {
        const isBad = event.status === 'failed' || event.status === 'unknown';
        // That it waits for its turn is nothing new.
        if (event.status === 'waiting' && !event.reason) return;
        if (event.status === 'running' && event.attempts > 1) return;
        return (isBad ? warn : print)(`${name}: ${followUpNote(event)}`);
      }
      case 'idle':
        return print('waiting for pictures');
    }
  };
  return { event, preview: () => {}, message: warn, close: () => {} };
}

/** How far all pictures of this start are. */
class Whole {
  private readonly waiting = new Set<number>();
  private ended = 0;
  /** Not queued, since they were painted by an earlier start, say. */
  private settled = 0;
  private isSequence = false;
  private readonly durations: number[] = [];
  /** Seconds so far and left, by job; the time left is not known at the beginning of a picture. */
  private readonly current = new Map<number, { seconds: number; left?: number }>();

  /** @param frames how many frames the sequence has, if that is known */
  constructor(private readonly frames = 0) {}

  event(event: PaintEvent): void {
    switch (event.event) {
      case 'queued':
        // A picture that starts over is queued again.
        this.current.delete(event.job);
        this.waiting.add(event.job);
        break;
      case 'started':
        this.waiting.delete(event.job);
        this.current.set(event.job, { seconds: 0 });
        this.isSequence ||= event.weights.temporal !== undefined;
        break;
      case 'iteration':
        this.current.set(event.job, { seconds: event.seconds, left: event.secondsLeft });
        break;
      case 'done':
      case 'failed':
      case 'skipped':
        if (this.waiting.delete(event.job) || this.current.delete(event.job)) this.ended++;
        else this.settled++;
        if (event.event === 'done') this.durations.push(event.seconds);
    }
  }

  /** Pictures still to be begun. */
  private get more(): number {
    const frames = this.isSequence ? this.frames - this.settled - this.ended - this.current.size : 0;
    return Math.max(frames, this.waiting.size);
  }

  /** "frame 3 of 5"; empty if the pictures are no frames. */
  get frame(): string {
    if (!this.isSequence) return '';
    const number = this.settled + this.ended + 1;
    return `frame ${number} of ${number + this.more}`;
  }

  /** "; 2 of 5 done, about 3:20 left for all"; empty if the time left is. */
  get note(): string {
    const { timeLeft, ended, more, current, frame } = this;
    return timeLeft && `; ${frame || `${ended} of ${ended + current.size + more} done`}, ${timeLeft}`;
  }

  /** "about 3:20 left for all"; empty if there is only one picture, or the time is not known yet. */
  get timeLeft(): string {
    const { ended, more, durations } = this;
    const pace = durations.length > 0 ? sum(durations) / durations.length : undefined;
    const current = [...this.current.values()].flatMap(({ seconds, left = pace }) =>
      left === undefined ? [] : [{ seconds, left }],
    );
    if (ended + this.current.size + more < 2 || current.length === 0) return '';
    const each = pace ?? sum(current.map(({ seconds, left }) => seconds + left)) / current.length;
    const work = sum(current.map(({ left }) => left)) + more * each;
    return `about ${duration(work / current.length)} left for all`;
  }
}

const reasonOf = ({ source, reason }: { source: string; reason: string }) => shortReason(source, reason);

/** The sum of each term, and the total: the same four numbers as anishathalye/neural-style prints, in its order. */
function allLosses(losses: Losses): string {
  const parts = termKeys.flatMap((key) => {
    const value = losses[key];
    if (value === undefined) return [];
    return [[key, typeof value === 'number' ? value : sum(Object.values(value))] as const];
  });
  return [...parts, ['total', losses.total] as const]
    .map(([name, value]) => `${name} ${value.toPrecision(6)}`)
    .join(', ');
}
