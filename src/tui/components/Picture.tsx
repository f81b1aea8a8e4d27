/** A picture, scaled to fit, with an optional caption below. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, clipEnd } from '../../util/format.js';
import { type Image, usePicture } from '../hooks/usePicture.js';
import { type CellArea, cellSize } from '../layout.js';
import { LookContext } from '../look.js';
import { largestArea } from '../native.js';

export interface PictureProps {
  image?: Image;
  /** Pixels, for the aspect ratio. */
  width: number;
  height: number;
  area: CellArea;
  /** Takes one row of `area`. */
  caption?: string;
  /** Shown where there is no picture. */
  missing: string;
  /** It is all there is on the screen. */
  alone?: boolean;
}

export function Picture({ image, width, height, area, caption, missing, alone }: PictureProps) {
  const look = useContext(LookContext);
  const { glyphs, theme, cellHeight } = look;
  const rows = area.rows - (caption === undefined ? 0 : 1);
  const size = cellSize(width, height, largestArea(look, { columns: area.columns, rows }), cellHeight);
  const mark = usePicture(image, size, alone);
  return (
    <Box {...box(area)} flexDirection="column" alignItems="center">
      {image ? (
        <Box {...box(size)}>
          <Text>{mark}</Text>
        </Box>
      ) : (
        <Box {...box({ ...area, rows: size.rows })} justifyContent="center">
          <Text {...theme.faint}>{clipEnd(missing, area.columns, glyphs)}</Text>
        </Box>
      )}
      {caption !== undefined && <Text {...theme.faint}>{clip(caption, area.columns, glyphs)}</Text>}
    </Box>
  );
}

const box = ({ columns, rows }: CellArea) =>
  ({ width: columns, height: rows, flexShrink: 0, overflow: 'hidden' }) as const;
