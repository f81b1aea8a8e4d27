/** The picture pane: result, content, both, or the styles. */
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
  area,
}: {
  painting: Painting;
  mode: PictureMode;
  area: CellArea;
}) {
  if (mode === 'result') return <ResultPicture painting={painting} area={area} />;
  if (mode === 'content') return <FilePicture path={painting.source} area={area} caption="content" />;
  if (mode === 'style') return <Styles painting={painting} area={area} direction="row" />;
  const half = { ...area, columns: Math.floor((area.columns - gap) / 2) };
  return (
    <Box width={area.columns} flexShrink={0} justifyContent="space-between">
      <FilePicture path={painting.source} area={half} caption="content" />
      <ResultPicture painting={painting} area={half} caption="result" />
    </Box>
  );
}
