/** The style pictures in a row or a column, each with its share. */
import { basename, extname } from 'node:path';
import { Box } from 'ink';
import { type CellArea, gap } from '../layout.js';
import type { Painting } from '../painting.js';
import { FilePicture } from './FilePicture.js';

/** The smallest size at which a picture is recognizable. */
const least: CellArea = { columns: 14, rows: 5 };

interface Props {
  painting: Painting;
  area: CellArea;
  direction: 'row' | 'column';
}

export function Styles({ painting, area, direction }: Props) {
  const { styles, weights } = painting;
  const fit = direction === 'row' ? area.columns / least.columns : area.rows / least.rows;
  const shown = styles.slice(0, Math.max(1, Math.floor(fit)));
  const tile =
    direction === 'row'
      ? { ...area, columns: Math.floor((area.columns - gap * (shown.length - 1)) / shown.length) }
      : { ...area, rows: Math.floor(area.rows / shown.length) };
  return (
    <Box flexDirection={direction} width={area.columns} flexShrink={0} justifyContent="space-between">
      {shown.map((path, i) => (
        <FilePicture
          key={path + String(i)}
          path={path}
          area={tile}
          caption={`${basename(path, extname(path))} ${(weights.blend[i] ?? 1).toFixed(2)}`}
        />
      ))}
    </Box>
  );
}
