/** The style picker: paintings and presets, with a preview of the selected one, its share, and whom it is for. */
import { basename, extname } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, clipEnd, pad } from '../../util/format.js';
import { type CellArea, gap } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import { isPath, type Picker as PickerState, shownChoices } from '../picker.js';
import type { Choice } from '../screen-actions.js';
import { FilePicture } from './FilePicture.js';

type Props = PickerState & CellArea & { painting?: Painting };

const nameWidth = 24;
/** From this width on, the list has room for what there is to say about each. */
const columnsForAbout = 120;

const headings = { painting: 'paintings', preset: 'presets', folder: 'folders' };

export function Picker({ painting, columns, rows, ...picker }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const { text, chosen, following } = picker;
  const choices = shownChoices(picker);
  const choice = choices.at(chosen);
  const list = columns >= columnsForAbout ? Math.floor(columns / 2) : Math.min(nameWidth + 2, columns - 20);
  const free = rows - 4;
  const area = { columns: columns - list - gap, rows: free };
  const lines = choices.flatMap((choice, i) =>
    choice.kind === choices[i - 1]?.kind
      ? [{ choice, i }]
      : [{ heading: headings[choice.kind] }, { choice, i }],
  );
  const at = lines.findIndex((line) => 'i' in line && line.i === chosen);
  const from = Math.max(0, Math.min(at - Math.floor(free / 2), lines.length - free));
  const none = isPath(text) ? 'no picture or folder begins like this' : 'no style has this name';
  return (
    <Box flexDirection="column" height={rows} width={columns} flexShrink={0} overflow="hidden">
      <Text wrap="truncate">
        <Text {...theme.strong}>{following ? 'A style for what follows' : 'A style for this picture'}</Text>
        {text && <Text {...theme.accent}>{`  ${clip(text, columns - 30, glyphs)}`}</Text>}
      </Text>
      <Text> </Text>
      <Box justifyContent="space-between" width={columns} height={free} flexShrink={0}>
        <Box flexDirection="column" width={list} flexShrink={0}>
          {choices.length === 0 && <Text {...theme.faint}>{clipEnd(none, list, glyphs)}</Text>}
          {lines.slice(from, from + free).map((line) => {
            if ('heading' in line)
              return (
                <Text key={line.heading} {...theme.faint}>
                  {line.heading}
                </Text>
              );
            const { name, kind, picture, about } = line.choice;
            const isChosen = line.i === chosen;
            return (
              <Text key={`${kind} ${name} ${picture}`} wrap="truncate" bold={isChosen}>
                <Text {...(isChosen ? theme.accent : {})}>
                  {`${isChosen ? glyphs.chosen : ' '}${pad(name, Math.min(nameWidth, list - 2), glyphs)} `}
                </Text>
                {list > 2 * nameWidth && (
                  <Text {...theme.faint}>{clip(about, list - nameWidth - 2, glyphs)}</Text>
                )}
              </Text>
            );
          })}
        </Box>
        {choice?.picture && choice.kind !== 'folder' && <FilePicture path={choice.picture} area={area} />}
      </Box>
      <Text>{choice ? clip(choice.about, columns, glyphs) : ' '}</Text>
      <Text {...theme.strong}>
        {choice ? clipEnd(effect(choice, picker, painting), columns, glyphs) : ' '}
      </Text>
    </Box>
  );
}

/** What enter would do with the selected entry. */
function effect(choice: Choice, { share }: PickerState, painting?: Painting): string {
  if (choice.kind === 'folder') return 'enter opens it';
  if (choice.kind === 'preset') return 'flags and numbers set by hand stay';
  if (share >= 1 || !painting) return 'alone';
  const { styles, weights } = painting;
  const others = styles
    .map((path, i) => ({ path, share: weights.blend[i] ?? 1 }))
    .filter(({ path }) => path !== choice.picture);
  const rest = others.reduce((sum, { share }) => sum + share, 0);
  const names = others.map(({ path, share: value }) => {
    const part = rest > 0 ? (value / rest) * (1 - share) : (1 - share) / others.length;
    return `${basename(path, extname(path))} ${part.toFixed(2)}`;
  });
  return names.length > 0 ? `share ${share.toFixed(2)}, beside ${names.join(', ')}` : 'alone';
}
