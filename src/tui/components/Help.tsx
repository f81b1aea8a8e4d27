/** The key table, filtered by the search. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, pad, wrapped } from '../../util/format.js';
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
  const width = commandWidth(columns);
  const entries = helpFor(text);
  // Sentences wrap; the list is scrolled by whole entries.
  const lines = entries.slice(first).flatMap(({ keys, command, help }) => {
    const sentence = !keys && width === 0 ? `${command}: ${help}` : help;
    return wrapped(sentence, columns - keyWidth - width).map((part, i) =>
      i === 0 ? { keys, command, part } : { keys: '', command: '', part },
    );
  });
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Text wrap="truncate">
        <Text {...theme.strong}>Keys</Text>
        {text && <Text {...theme.accent}>{clip(`  ${text}`, columns - 12, glyphs)}</Text>}
        {entries.length === 0 && <Text {...theme.faint}> nothing</Text>}
      </Text>
      {lines.slice(0, rows - 1).map(({ keys, command, part }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no state
        <Text key={i} wrap="truncate">
          <Text {...theme.accent}>{pad(keys, keyWidth, glyphs)}</Text>
          {width > 0 && <Text {...theme.faint}>{pad(command, width, glyphs)}</Text>}
          {part}
        </Text>
      ))}
    </Box>
  );
}
