/** The picture so far, in the middle of its room. */
import { Box, Text } from 'ink';
import type { Preview } from '../../jobs/events.js';
import { useDrawing } from '../hooks/useDrawing.js';
import { cellSize, type Layout } from '../layout.js';
import type { Painting } from '../state.js';

interface Props {
  painting: Painting;
  preview: Preview | undefined;
  room: Layout['picture'];
}

export function PictureView({ painting, preview, room }: Props) {
  const { columns, rows } = cellSize(painting.width, painting.height, room);
  const drawing = useDrawing(preview, columns, rows);
  return (
    <Box width={room.columns} height={room.rows} flexShrink={0} justifyContent="center" overflow="hidden">
      {drawing ? (
        <Box width={columns} height={rows} flexShrink={0}>
          <Text wrap="truncate">{drawing.text}</Text>
        </Box>
      ) : (
        <Text dimColor>the picture comes with the first iteration</Text>
      )}
    </Box>
  );
}
