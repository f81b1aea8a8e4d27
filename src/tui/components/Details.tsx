/** Everything known about one picture of the queue. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import type { JobRecord } from '../../queue/job.js';
import { drawable } from '../../util/format.js';
import { detailsOf } from '../details.js';
import { LookContext } from '../look.js';

const nameWidth = 17;

interface Props {
  record: JobRecord;
  columns: number;
  rows: number;
}

export function Details({ record, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  return (
    <Box flexDirection="column" height={rows} width={columns} flexShrink={0} overflow="hidden">
      <Text {...theme.strong}>{`Job ${record.id}`}</Text>
      {detailsOf(record).map(([name, value]) => (
        <Box key={name} flexShrink={0}>
          <Box width={nameWidth} flexShrink={0}>
            <Text {...theme.faint}>{name}</Text>
          </Box>
          <Text wrap="wrap">{drawable(value, glyphs)}</Text>
        </Box>
      ))}
    </Box>
  );
}
