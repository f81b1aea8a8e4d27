/** The whole queue: what is being painted, waiting pictures, then the latest finished ones. The selected one is marked and kept in view. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, pad } from '../../util/format.js';
import { gap } from '../layout.js';
import { LookContext } from '../look.js';
import { describe, rowsOf, selectedRow, wordFor } from '../queue.js';
import type { ScreenState } from '../state.js';
import { FilePicture } from './FilePicture.js';
import { ResultPicture } from './ResultPicture.js';

const roles = {
  painting: 'accent',
  waiting: 'faint',
  done: 'good',
  failed: 'bad',
  skipped: 'faint',
} as const;

/** On narrower terminals the columns go to the names. */
const columnsForPicture = 100;
const pictureShare = 0.4;

interface Props {
  state: ScreenState;
  columns: number;
  rows: number;
}

export function QueuePane({ state, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const { waiting, counts, filter } = state;
  const all = rowsOf(state);
  const picked = selectedRow(state);
  const current = state.paintings.find(({ job }) => job === picked?.job);
  const free = rows - 1;
  const at = picked ? all.indexOf(all.find(({ job }) => job === picked.job)!) : 0;
  const from = Math.max(0, Math.min(at - Math.floor(free / 2), all.length - free));
  const summary = `waiting ${waiting.size}   done ${counts.done}   failed ${counts.failed}   skipped ${counts.skipped}`;
  const isWide = columns >= columnsForPicture;
  const picture = { columns: isWide ? Math.floor(columns * pictureShare) : 0, rows };
  const list = columns - picture.columns - (isWide ? gap : 0);
  return (
    <Box width={columns} height={rows} flexShrink={0} justifyContent="space-between" overflow="hidden">
      <Box flexDirection="column" width={list} flexShrink={0}>
        <Text wrap="truncate">
          <Text {...theme.strong}>{summary}</Text>
          {filter && <Text {...theme.accent}>{`   /${clip(filter, 20, glyphs)}`}</Text>}
        </Text>
        {all.length === 0 && <Text {...theme.faint}>{filter ? 'no such picture' : 'nothing yet'}</Text>}
        {all.slice(from, from + free).map((row) => {
          const chosen = row.job === picked?.job;
          return (
            <Text key={row.job} wrap="truncate" bold={chosen}>
              <Text {...(chosen ? theme.accent : {})}>{chosen ? glyphs.chosen : ' '}</Text>
              <Text {...theme[roles[row.status]]}>{wordFor(row).padEnd(9)}</Text>
              {pad(describe(row, list - 10, glyphs), list - 10, glyphs)}
            </Text>
          );
        })}
      </Box>
      {isWide &&
        picked &&
        (current ? (
          <ResultPicture painting={current} area={picture} caption={picked.name} />
        ) : (
          <FilePicture path={picked.picture} area={picture} caption={picked.name} />
        ))}
    </Box>
  );
}
