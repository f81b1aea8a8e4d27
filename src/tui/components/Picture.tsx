/** One picture, as large as its room and in proportion, with a line below it that says what it is. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../../util/format.js';
import { type Image, usePicture } from '../hooks/usePicture.js';
import { type CellArea, cellSize } from '../layout.js';
import { LookContext } from '../look.js';
import type { Protocol } from '../native.js';

export interface PictureProps {
  image?: Image;
  /** Pixels, for the proportions. */
  width: number;
  height: number;
  room: CellArea;
  /** Takes a row of the room. */
  caption?: string;
  /** Said where there is no picture. */
  missing: string;
  protocol?: Protocol;
}

export function Picture({ image, width, height, room, caption, missing, protocol }: PictureProps) {
  const { glyphs, theme, cellHeight } = useContext(LookContext);
  const rows = room.rows - (caption === undefined ? 0 : 1);
  const size = cellSize(width, height, { columns: room.columns, rows }, cellHeight);
  const mark = usePicture(image, size, protocol);
  return (
    <Box {...box(room)} flexDirection="column" alignItems="center">
      <Box {...box(size)} justifyContent={image ? undefined : 'center'}>
        {image ? <Text>{mark}</Text> : <Text {...theme.faint}>{clip(missing, size.columns, glyphs)}</Text>}
      </Box>
      {caption !== undefined && <Text {...theme.faint}>{clip(caption, room.columns, glyphs)}</Text>}
    </Box>
  );
}

const box = ({ columns, rows }: CellArea) =>
  ({ width: columns, height: rows, flexShrink: 0, overflow: 'hidden' }) as const;
