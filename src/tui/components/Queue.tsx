/** How many pictures wait, are done and failed; then the next ones, and what became of the latest. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../format.js';
import { LookContext } from '../look.js';
import type { Finished, ScreenState } from '../state.js';

const colours: Record<Finished['status'], string> = { done: 'green', failed: 'red', skipped: 'yellow' };

type Props = Pick<ScreenState, 'waiting' | 'finished' | 'counts'> & { columns: number; rows: number };

export function Queue({ waiting, finished, counts, columns, rows }: Props) {
  const { glyphs } = useContext(LookContext);
  const names = [...waiting];
  const summary = `waiting ${waiting.size}   done ${counts.done}   failed ${counts.failed}   skipped ${counts.skipped}`;
  const free = rows - 1;
  // Both lists get half; what one leaves over goes to the other.
  const next = names.slice(0, Math.max(Math.ceil(free / 2), free - finished.length));
  const latest = finished.slice(0, free - next.length);
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Text bold>{clip(summary, columns, glyphs)}</Text>
      {next.map(([job, name]) => (
        <Text key={job} dimColor wrap="truncate">
          {`${'waiting'.padEnd(9)}${clip(name, columns - 9, glyphs)}`}
        </Text>
      ))}
      {latest.map(({ job, name, status, detail, note = '' }) => (
        <Text key={`${status} ${job}`} wrap="truncate">
          <Text color={colours[status]}>{status.padEnd(9)}</Text>
          {clip(describe(name, status, detail, glyphs.arrow) + note, columns - 9, glyphs)}
        </Text>
      ))}
    </Box>
  );
}

function describe(name: string, status: Finished['status'], detail: string, arrow: string): string {
  return status === 'done' ? `${name} ${arrow} ${basename(detail)}` : `${name}: ${detail}`;
}
