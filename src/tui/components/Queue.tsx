/** Counts, then the next pictures, the latest finished ones, and thumbnails of paintings. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, clipEnd, duration } from '../../util/format.js';
import { inboxOf, nameOf } from '../inboxes.js';
import { type CellArea, gap } from '../layout.js';
import { LookContext } from '../look.js';
import { frameOf, secondsForAll } from '../pace.js';
import { describe, wordFor } from '../queue.js';
import type { ScreenState } from '../state.js';
import { History } from './History.js';

const roles = { done: 'good', failed: 'bad', skipped: 'faint' } as const;

type Props = Pick<
  ScreenState,
  'waiting' | 'inboxes' | 'held' | 'finished' | 'counts' | 'paintings' | 'pace' | 'frames'
> &
  CellArea & { history: number };

export function Queue({ columns, rows, history, ...state }: Props) {
  const { waiting, inboxes, held, finished, counts, paintings, pace } = state;
  const { glyphs, theme } = useContext(LookContext);
  const done = history > 0 ? finished.filter(({ status }) => status === 'done') : [];
  const waits = [...waiting].map(([job, source]) => ({ job, source, isHeld: !!inboxOf(held, source) }));
  const free = waits.filter(({ isHeld }) => !isHeld);
  const frame = frameOf(state);
  const more = frame ? frame.of - frame.number : free.length;
  const seconds = more > 0 ? secondsForAll(paintings, more, pace) : undefined;
  const left = seconds === undefined ? '' : `${duration(seconds)} left`;
  const [summary, time] = heading(waiting.size, counts, left, columns);
  const lines = rows - 1 - (done.length > 0 ? history + 1 : 0);
  const ended = counts.done + counts.failed + counts.skipped;
  // Each list gets half of the rows; rows that one does not use go to the other.
  const inTurn = [...free, ...waits.filter(({ isHeld }) => isHeld)];
  const next = inTurn.slice(0, Math.max(Math.ceil(lines / 2), lines - finished.length));
  const latest = finished.slice(0, lines - next.length);
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflow="hidden">
      <Box justifyContent="space-between" width={columns} flexShrink={0}>
        <Text {...theme.strong}>{clipEnd(summary, columns, glyphs)}</Text>
        <Text>{time}</Text>
      </Box>
      {next.map(({ job, source, isHeld }) => (
        <Text key={job} {...theme.faint} wrap="truncate">
          {wordFor({ status: 'waiting', isHeld }).padEnd(9)}
          {clip(nameOf(source, inboxes), columns - 9, glyphs)}
        </Text>
      ))}
      {latest.map((finished, i) => (
        // A retried job may be listed twice.
        <Text key={finished.status + String(ended - i)} wrap="truncate">
          <Text {...theme[roles[finished.status]]}>{finished.status.padEnd(9)}</Text>
          {describe(finished, columns - 9, glyphs)}
        </Text>
      ))}
      {done.length > 0 && (
        <>
          <Box flexGrow={1} />
          <History done={done} columns={columns} rows={history} />
        </>
      )}
    </Box>
  );
}

/** Counts and time left: the longest wording that fits, with a gap between the two. */
function heading(
  waiting: number,
  counts: ScreenState['counts'],
  left: string,
  columns: number,
): [counts: string, time: string] {
  const parts = Object.entries({ waiting, ...counts });
  const join = (parts: [string, number][]) => parts.map(([word, count]) => `${word} ${count}`).join('   ');
  const all = join(parts);
  const some = join(parts.filter(([word, count]) => count > 0 || word === 'waiting'));
  const wordings: [string, string][] = [
    [all, left && `${left} in all`],
    [some, left && `${left} in all`],
    [some, left],
  ];
  const fits = ([counts, time]: [string, string]) =>
    counts.length + (time ? gap + time.length : 0) <= columns;
  return wordings.find(fits) ?? [some, ''];
}
