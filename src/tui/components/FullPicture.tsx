/** The picture alone, filling the screen, in the best quality the terminal offers, with one line below. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../../util/format.js';
import { keyFor } from '../keymap.js';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { PictureMode } from '../view.js';
import { PicturePane } from './PicturePane.js';
import { ResultPicture } from './ResultPicture.js';

export function FullPicture({
  painting,
  mode,
  layout,
}: {
  painting: Painting;
  mode: PictureMode;
  layout: Layout;
}) {
  const { glyphs, theme } = useContext(LookContext);
  const { columns, rows } = layout;
  const area = { columns, rows: rows - 1 };
  const { source, iteration, iterations, paused } = painting;
  const where = `${iteration}/${iterations}${paused ? ' PAUSED' : ''}`;
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      {mode === 'result' ? (
        <ResultPicture painting={painting} area={area} alone />
      ) : (
        <PicturePane painting={painting} mode={mode} area={area} />
      )}
      <Text {...theme.faint} wrap="truncate">
        {clip(
          `${basename(source)}  ${where}  ${keyFor('full')} back  ${keyFor('picture')} compare`,
          columns,
          glyphs,
        )}
      </Text>
    </Box>
  );
}
