/** How many pictures wait, are done and failed; then the next ones, and what became of the latest. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, clipEnd, duration } from '../format.js';
import type { Room } from '../layout.js';
import { LookContext } from '../look.js';
import { secondsForAll } from '../pace.js';
import type { Finished, ScreenState } from '../state.js';

const roles = { done: 'good', failed: 'bad', skipped: 'faint' } as const;

type Props = Pick<ScreenState, 'waiting' | 'finished' | 'counts' | 'paintings' | 'pace'> & Room;

export function Queue({ waiting, finished, counts, paintings, pace, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const names = [...waiting];
  const seconds = waiting.size > 0 ? secondsForAll(paintings, waiting.size, pace) : undefined;
  const left = seconds === undefined ? '' : `${duration(seconds)} left in all`;
  const summary = summaryOf(waiting.size, counts, columns - left.length);
  const free = rows - 1;
  const ended = counts.done + counts.failed + counts.skipped;
  // Both lists get half; what one leaves over goes to the other.
  const next = names.slice(0, Math.max(Math.ceil(free / 2), free - finished.length));
  const latest = finished.slice(0, free - next.length);
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflow="hidden">
      <Box justifyContent="space-between" width={columns} flexShrink={0}>
        <Text {...theme.strong}>{clip(summary, columns - left.length, glyphs)}</Text>
        <Text>{left}</Text>
      </Box>
      {next.map(([job, name]) => (
        <Text key={job} {...theme.faint} wrap="truncate">
          {`${'waiting'.padEnd(9)}${clip(name, columns - 9, glyphs)}`}
        </Text>
      ))}
      {latest.map(({ name, status, detail, remark = '' }, i) => (
        // A job that is tried again may end twice.
        <Text key={status + String(ended - i)} wrap="truncate">
          <Text {...theme[roles[status]]}>{status.padEnd(9)}</Text>
          {clipEnd(describe(name, status, detail, glyphs.arrow) + remark, columns - 9, glyphs)}
        </Text>
      ))}
    </Box>
  );
}

/** Where the words do not fit, those for which there is nothing are left out. */
function summaryOf(waiting: number, counts: ScreenState['counts'], columns: number): string {
  const parts = Object.entries({ waiting, ...counts });
  const join = (parts: [string, number][]) => parts.map(([word, count]) => `${word} ${count}`).join('   ');
  const whole = join(parts);
  return whole.length < columns
    ? whole
    : join(parts.filter(([word, count]) => count > 0 || word === 'waiting'));
}

function describe(name: string, status: Finished['status'], detail: string, arrow: string): string {
  return status === 'done' ? `${name} ${arrow} ${basename(detail)}` : `${name}: ${detail}`;
}
