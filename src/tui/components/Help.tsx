/** Every key and what it does, from the key table. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../format.js';
import { bindings } from '../keymap.js';
import { LookContext } from '../look.js';

export function Help({ columns, rows }: { columns: number; rows: number }) {
  const { glyphs, theme } = useContext(LookContext);
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Text {...theme.strong}>Keys</Text>
      {bindings.map(({ action, keys, help }) => (
        <Text key={action}>
          <Text {...theme.accent}>{keys.padEnd(11)}</Text>
          {clip(help, columns - 11, glyphs)}
        </Text>
      ))}
    </Box>
  );
}
