/** What the picture's pane shows: the result, the content, both, or the styles. */
import { Box } from 'ink';
import { type CellArea, gap } from '../layout.js';
import type { Painting } from '../painting.js';
import type { PictureMode } from '../view.js';
import { FilePicture } from './FilePicture.js';
import { ResultPicture } from './ResultPicture.js';
import { Styles } from './Styles.js';

export function PicturePane({
  painting,
  mode,
  room,
}: {
  painting: Painting;
  mode: PictureMode;
  room: CellArea;
}) {
  if (mode === 'result') return <ResultPicture painting={painting} room={room} />;
  if (mode === 'content') return <FilePicture path={painting.source} room={room} caption="content" />;
  if (mode === 'style') return <Styles painting={painting} room={room} direction="row" />;
  const half = { ...room, columns: Math.floor((room.columns - gap) / 2) };
  return (
    <Box width={room.columns} flexShrink={0} justifyContent="space-between">
      <FilePicture path={painting.source} room={half} caption="content" />
      <ResultPicture painting={painting} room={half} caption="result" />
    </Box>
  );
}
