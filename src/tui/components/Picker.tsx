/** The style picker: presets and paintings, with a preview of the selected one. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { pad } from '../../util/format.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';
import type { Choice } from '../screen-actions.js';
import { FilePicture } from './FilePicture.js';

type Props = { choices: readonly Choice[]; chosen: number } & CellArea;

const nameWidth = 24;
const kindWidth = 'painting'.length;
const listWidth = 1 + nameWidth + 1 + kindWidth + 2;

export function Picker({ choices, chosen, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const free = rows - 1;
  const from = Math.max(0, Math.min(chosen - Math.floor(free / 2), choices.length - free));
  const picture = choices[chosen]?.picture;
  return (
    <Box height={rows} width={columns} flexShrink={0} overflow="hidden">
      <Box flexDirection="column" width={listWidth} flexShrink={0}>
        <Text {...theme.strong}>Styles</Text>
        {choices.slice(from, from + free).map(({ name, kind, picture }, i) => {
          const isChosen = from + i === chosen;
          return (
            <Text key={`${kind} ${name} ${picture}`} wrap="truncate" bold={isChosen}>
              <Text {...(isChosen ? theme.accent : {})}>
                {`${isChosen ? glyphs.chosen : ' '}${pad(name, nameWidth, glyphs)} `}
              </Text>
              <Text {...theme.faint}>{kind}</Text>
            </Text>
          );
        })}
      </Box>
      {picture && <FilePicture path={picture} area={{ columns: columns - listWidth, rows }} />}
    </Box>
  );
}
