/** The picture so far, in the middle of its room. */
import { Box, Text } from 'ink';
import { useDrawing } from '../hooks/useDrawing.js';
import { cellSize, type Layout } from '../layout.js';
import type { Painting } from '../painting.js';

interface Props {
  painting: Painting;
  room: Layout['picture'];
}

export function PictureView({ painting, room }: Props) {
  const { columns, rows } = cellSize(painting.width, painting.height, room);
  const drawing = useDrawing(painting.preview, columns, rows);
  return (
    <Box width={room.columns} height={room.rows} flexShrink={0} justifyContent="center" overflow="hidden">
      {drawing ? (
        <Box width={columns} height={rows} flexShrink={0}>
          <Text wrap="truncate">{drawing.text}</Text>
        </Box>
      ) : (
        !painting.preview && <Text dimColor>no picture yet</Text>
      )}
    </Box>
  );
}
