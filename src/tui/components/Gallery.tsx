/** For large terminals: content, picture and styles side by side. */
import { Box } from 'ink';
import type { Layout } from '../layout.js';
import type { Painting } from '../painting.js';
import type { PictureMode } from '../view.js';
import { FilePicture } from './FilePicture.js';
import { PicturePane } from './PicturePane.js';
import { Styles } from './Styles.js';

export function Gallery({
  painting,
  mode,
  layout,
}: {
  painting: Painting;
  mode: PictureMode;
  layout: Layout;
}) {
  const { columns, picture } = layout;
  const side = { columns: layout.side, rows: picture.rows };
  return (
    <Box width={columns} height={picture.rows} flexShrink={0} justifyContent="space-between">
      <FilePicture path={painting.source} area={side} caption="content" />
      <PicturePane painting={painting} mode={mode} area={picture} />
      <Styles painting={painting} area={side} direction="column" />
    </Box>
  );
}
