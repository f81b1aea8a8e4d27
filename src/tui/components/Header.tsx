/** The first line: program, what it is doing, engine and device. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { clip } from '../../util/format.js';
import { LookContext } from '../look.js';

export function Header({ title, engine, columns }: { title: string; engine: string; columns: number }) {
  const { glyphs, theme } = useContext(LookContext);
  const name = 'stylize-tui';
  const available = columns - stringWidth(name) - stringWidth(engine) - 4;
  return (
    <Box justifyContent="space-between" width={columns} flexShrink={0}>
      <Text wrap="truncate">
        <Text {...theme.accent} bold>
          {name}
        </Text>
        {'  '}
        {clip(title, Math.max(8, available), glyphs)}
      </Text>
      {available >= 8 && <Text {...theme.faint}>{engine}</Text>}
    </Box>
  );
}
