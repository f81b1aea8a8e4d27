/** The key table, filtered by the search. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, pad } from '../../util/format.js';
import { helpFor } from '../help.js';
import { LookContext } from '../look.js';

interface Props {
  text: string;
  first: number;
  columns: number;
  rows: number;
}

const keyWidth = 11;
/** Columns for command names; 0 where there is no room. */
const commandWidth = (columns: number) => (columns >= 120 ? 20 : 0);

export function Help({ text, first, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const lines = helpFor(text);
  const from = Math.max(0, Math.min(first, lines.length - (rows - 1)));
  const width = commandWidth(columns);
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Text wrap="truncate">
        <Text {...theme.strong}>Keys</Text>
        {text && <Text {...theme.accent}>{clip(`  ${text}`, columns - 12, glyphs)}</Text>}
        {lines.length === 0 && <Text {...theme.faint}> nothing</Text>}
      </Text>
      {lines.slice(from, from + rows - 1).map(({ keys, command, help }) => (
        <Text key={command} wrap="truncate">
          <Text {...theme.accent}>{pad(keys, keyWidth, glyphs)}</Text>
          {width > 0 && <Text {...theme.faint}>{pad(command, width, glyphs)}</Text>}
          {clip(!keys && width === 0 ? `${command}: ${help}` : help, columns - keyWidth - width, glyphs)}
        </Text>
      ))}
    </Box>
  );
}
