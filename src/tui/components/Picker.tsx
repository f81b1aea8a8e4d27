/** Styles to choose from: presets, then paintings. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, pad } from '../format.js';
import { LookContext } from '../look.js';
import type { Choice } from '../outlets.js';

interface Props {
  choices: readonly Choice[];
  chosen: number;
  columns: number;
  rows: number;
}

const nameWidth = 26;

export function Picker({ choices, chosen, columns, rows }: Props) {
  const { glyphs } = useContext(LookContext);
  const free = rows - 1;
  const from = Math.max(0, Math.min(chosen - Math.floor(free / 2), choices.length - free));
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Text bold>Styles</Text>
      {choices.slice(from, from + free).map((choice, i) => {
        const isChosen = from + i === chosen;
        return (
          <Text key={`${choice.kind} ${choice.picture} ${choice.name}`} wrap="truncate" bold={isChosen}>
            <Text color={isChosen ? 'cyan' : undefined}>
              {`${isChosen ? glyphs.chosen : ' '}${pad(choice.name, nameWidth, glyphs)} `}
            </Text>
            <Text dimColor>
              {clip(`${choice.kind}  ${choice.picture ?? ''}`, columns - nameWidth - 2, glyphs)}
            </Text>
          </Text>
        );
      })}
    </Box>
  );
}
