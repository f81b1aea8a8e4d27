/** The log, latest line last; long lines wrap. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { drawable } from '../../util/format.js';
import type { LogLine } from '../log.js';
import { LookContext } from '../look.js';

interface Props {
  lines: readonly LogLine[];
  columns: number;
  rows: number;
  heading: string;
  /** Lines scrolled up from the end. */
  back?: number;
}

export function Log({ lines, columns, rows, heading, back = 0 }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const end = lines.length - back;
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflow="hidden">
      <Text {...theme.strong}>{heading}</Text>
      <Box flexDirection="column" height={rows - 1} justifyContent="flex-end" overflow="hidden">
        {lines.slice(Math.max(0, end - rows + 1), end).map(({ number, time, text, error }) => (
          <Box key={number} flexShrink={0} width={columns}>
            <Box width={10} flexShrink={0}>
              <Text {...theme.faint}>{clockTime(time)}</Text>
            </Box>
            <Text {...(error ? theme.bad : {})}>{drawable(error ? `! ${text}` : text, glyphs)}</Text>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

/** 14:03:59, local time. */
const clockTime = (time: string) => new Date(time).toTimeString().slice(0, 8);
