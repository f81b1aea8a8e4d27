/** Log lines for people; only the latest are kept. */
import { basename } from 'node:path';
import type { PaintEvent } from '../render/events.js';
import { duration, earlyStopNote, followUpNote, shortReason } from '../util/format.js';
import type { Numbers } from './knobs.js';

export interface LogLine {
  /** From 1, counting lines that were dropped too. */
  number: number;
  /** ISO 8601. */
  time: string;
  text: string;
  error: boolean;
  /** A change by hand: further ones of the same knobs take its line. `from`: the numbers before the first. */
  change?: { job: number; knobs: string; from: Numbers };
}

const keptLines = 300;

export function note(log: readonly LogLine[], line: Omit<LogLine, 'number'>): LogLine[] {
  const number = (log.at(-1)?.number ?? 0) + 1;
  return [...log.slice(1 - keptLines), { ...line, number }];
}

/** Logs a change by hand, in place of earlier ones of the same knobs in a row. */
export function noteChange(log: readonly LogLine[], line: Omit<LogLine, 'number'>): LogLine[] {
  const last = log.at(-1)?.change;
  const isSame = last && last.job === line.change?.job && last.knobs === line.change.knobs;
  return note(isSame ? log.slice(0, -1) : log, line);
}

/** The line for an event; undefined for events too frequent to log. */
export function lineOf(event: PaintEvent): Omit<LogLine, 'number'> | undefined {
  const text = textOf(event);
  return text === undefined
    ? undefined
    : {
        time: event.time,
        text,
        error: event.event === 'failed' || (event.event === 'follow-up' && event.status === 'failed'),
      };
}

function textOf(event: PaintEvent): string | undefined {
  if (event.event === 'idle') return 'Waiting for pictures';
  // Reported elsewhere: the screen has closed by then.
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
      return `${name}: done in ${duration(event.seconds)}${earlyStopNote(event)}, ${event.output}`;
    case 'skipped':
    case 'failed':
      return `${name}: ${event.event}, ${reasonOf(event)}`;
    case 'follow-up':
      return event.status === 'waiting' && !event.reason ? undefined : `${name}: ${followUpNote(event)}`;
  }
}

export const reasonOf = ({ source, reason }: { source: string; reason: string }) =>
  shortReason(source, reason);
