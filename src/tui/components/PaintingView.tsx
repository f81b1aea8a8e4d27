/** A picture in progress: name, progress, picture, losses and weights, arranged by the layout. */
import { Box } from 'ink';
import { knobsOf } from '../knobs.js';
import type { Layout } from '../layout.js';
import type { Painting } from '../painting.js';
import type { View } from '../view.js';
import { Gallery } from './Gallery.js';
import { Losses } from './Losses.js';
import { PicturePane } from './PicturePane.js';
import { Progress } from './Progress.js';
import { Space } from './Space.js';
import { StyleTable } from './StyleTable.js';
import { WeightsLine } from './WeightsLine.js';

interface Props {
  painting: Painting;
  /** Its place in a sequence. */
  frame?: { number: number; of: number };
  view: View;
  chosen: number;
  layout: Layout;
}

export function PaintingView({ painting, frame, view, chosen, layout }: Props) {
  const { arrangement, columns, airy } = layout;
  return (
    <>
      <Progress painting={painting} frame={frame} columns={columns} />
      <Space rows={Number(airy)} />
      {arrangement === 'gallery' ? (
        <Gallery painting={painting} mode={view.picture} layout={layout} />
      ) : (
        <Panes painting={painting} view={view} layout={layout} />
      )}
      <WeightsLine all={knobsOf(painting)} chosen={chosen} columns={columns} />
    </>
  );
}

/** Where there is no room for a gallery: picture and losses, or one of them. */
function Panes({ painting, view, layout }: Omit<Props, 'chosen' | 'frame'>) {
  const { arrangement, columns, picture } = layout;
  const pane = <PicturePane painting={painting} mode={view.picture} area={picture} />;
  const losses = <LossPane painting={painting} table={view.table} layout={layout} />;
  if (arrangement === 'one') return view.numbers ? losses : pane;
  if (arrangement === 'beside')
    return (
      <Box width={columns} height={picture.rows} flexShrink={0} justifyContent="space-between">
        {pane}
        {losses}
      </Box>
    );
  return (
    <>
      {pane}
      <Space rows={1} />
      {losses}
    </>
  );
}

export function LossPane({
  painting,
  table,
  layout,
}: {
  painting: Painting;
  table: boolean;
  layout: Layout;
}) {
  const Terms = table ? StyleTable : Losses;
  return <Terms painting={painting} {...layout.losses} />;
}
