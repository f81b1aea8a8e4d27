/** All that is known about one picture of the queue. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import type { JobRecord } from '../../jobs/job.js';
import { localMinute } from '../../settings/moment.js';
import { duration, printable, short } from '../format.js';
import { LookContext } from '../look.js';
import { lossTerms } from '../terms.js';

const nameWidth = 17;

interface Props {
  record: JobRecord;
  columns: number;
  rows: number;
}

export function Details({ record, columns, rows }: Props) {
  const { glyphs } = useContext(LookContext);
  const lines = linesOf(record).filter(([, value]) => value !== null && value !== undefined);
  return (
    <Box flexDirection="column" height={rows} width={columns} flexShrink={0} overflow="hidden">
      <Text bold>{`Job ${record.id}`}</Text>
      {lines.map(([name, value]) => (
        <Box key={name} flexShrink={0}>
          <Box width={nameWidth} flexShrink={0}>
            <Text dimColor>{name}</Text>
          </Box>
          <Text wrap="wrap">{printable(value!).replaceAll('…', glyphs.ellipsis)}</Text>
        </Box>
      ))}
    </Box>
  );
}

function linesOf(record: JobRecord): [string, string | null | undefined][] {
  const { status, source, output, reason, attempts, seconds, losses } = record;
  const { queuedAt, startedAt, finishedAt } = record;
  const moment = (time: string | null) => time && localMinute(time);
  return [
    ['status', status],
    ['photo', source],
    ['painting', output],
    ['reason', reason],
    ['came', moment(queuedAt)],
    ['begun', moment(startedAt)],
    ['ended', moment(finishedAt)],
    ['painted for', seconds === null ? null : duration(seconds)],
    ['tries', attempts > 1 ? String(attempts) : null],
    ...(losses ? lossTerms(losses) : []).map(({ key, value }): [string, string] => [key, short(value)]),
  ];
}
