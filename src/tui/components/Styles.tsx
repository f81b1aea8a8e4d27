/** The pictures that are painted in the style of, in a row or a column, each with its share. */
import { basename, extname } from 'node:path';
import { Box } from 'ink';
import { type CellArea, gap } from '../layout.js';
import type { Painting } from '../painting.js';
import { FilePicture } from './FilePicture.js';

/** Nothing can be made out on less. */
const least: CellArea = { columns: 14, rows: 5 };

interface Props {
  painting: Painting;
  room: CellArea;
  direction: 'row' | 'column';
}

export function Styles({ painting, room, direction }: Props) {
  const { styles, weights } = painting;
  const fit = direction === 'row' ? room.columns / least.columns : room.rows / least.rows;
  const shown = styles.slice(0, Math.max(1, Math.floor(fit)));
  const tile =
    direction === 'row'
      ? { ...room, columns: Math.floor((room.columns - gap * (shown.length - 1)) / shown.length) }
      : { ...room, rows: Math.floor(room.rows / shown.length) };
  return (
    <Box flexDirection={direction} width={room.columns} flexShrink={0} justifyContent="space-between">
      {shown.map((path, i) => (
        <FilePicture
          key={path + String(i)}
          path={path}
          room={tile}
          caption={`${basename(path, extname(path))} ${(weights.blend[i] ?? 1).toFixed(2)}`}
        />
      ))}
    </Box>
  );
}
