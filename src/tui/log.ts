/** What happened, as lines for a person; the latest ones are kept. */
import { basename } from 'node:path';
import type { PaintEvent } from '../queue/events.js';
import { duration, reasonBeside, settled } from '../util/format.js';

export interface LogLine {
  /** Counted from 1, over all that were ever noted. */
  number: number;
  /** ISO 8601. */
  time: string;
  text: string;
  error: boolean;
}

const keptLines = 300;

export function note(log: readonly LogLine[], line: Omit<LogLine, 'number'>): LogLine[] {
  const number = (log.at(-1)?.number ?? 0) + 1;
  return [...log.slice(1 - keptLines), { ...line, number }];
}

/** What an event means, undefined for those too many to be told one by one. */
export function lineOf(event: PaintEvent): Omit<LogLine, 'number'> | undefined {
  const text = textOf(event);
  return text === undefined ? undefined : { time: event.time, text, error: event.event === 'failed' };
}

function textOf(event: PaintEvent): string | undefined {
  if (event.event === 'idle') return 'Waiting for pictures';
  // Told by other means: the screen has closed by then.
  if (event.event === 'sheet') return undefined;
  const name = basename(event.source);
  switch (event.event) {
    case 'queued':
      return `${name}: waiting`;
    case 'started':
      return `${name}: painting on ${event.device}`;
    case 'iteration':
    case 'working':
      return undefined;
    case 'snapshot':
      return `Snapshot saved: ${event.output}`;
    case 'paused':
    case 'resumed':
      return `${name}: ${event.event} after ${event.iteration} iterations`;
    case 'waiting':
      return `${name}: waiting, ${reasonOf(event)}`;
    case 'done':
      return `${name}: done in ${duration(event.seconds)}${settled(event)}, ${event.output}`;
    case 'skipped':
    case 'failed':
      return `${name}: ${event.event}, ${reasonOf(event)}`;
  }
}

export const reasonOf = ({ source, reason }: { source: string; reason: string }) =>
  reasonBeside(source, reason);
