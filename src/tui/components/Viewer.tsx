/** One picture of the queue, large: the painting, the photo, or both, and how it was painted. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, drawable, fromTo } from '../../util/format.js';
import { detailsOf } from '../details.js';
import { useRecipe } from '../hooks/useRecipe.js';
import type { Viewer as ViewerState } from '../input.js';
import { type CellArea, gap } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import { FilePicture } from './FilePicture.js';
import { ResultPicture } from './ResultPicture.js';

const nameWidth = 17;
/** From this width on, the facts are beside the picture; below it on narrower terminals. */
const columnsForBeside = 72;
const factsColumns = 44;

type Props = ViewerState & CellArea & { painting?: Painting };

export function Viewer({ record, mode, facts, painting, columns, rows }: Props) {
  const { theme, glyphs } = useContext(LookContext);
  const isBeside = columns >= columnsForBeside;
  const free = rows - 1;
  const text = {
    columns: isBeside ? Math.min(factsColumns, Math.floor(columns / 2)) : columns,
    rows: isBeside ? free : Math.ceil(free / 2),
  };
  const area = {
    columns: facts && isBeside ? columns - text.columns - gap : columns,
    rows: facts && !isBeside ? free - text.rows : free,
  };
  const output = record.status === 'done' ? record.output : null;
  const photo = basename(record.source);
  const title = output ? fromTo(photo, basename(output), columns, glyphs) : clip(photo, columns, glyphs);
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflow="hidden">
      <Text {...theme.strong}>{title}</Text>
      <Box flexDirection={isBeside ? 'row' : 'column'} justifyContent="space-between" width={columns}>
        <Pictures {...{ record, output, mode, painting, area }} />
        {facts && <Facts record={record} output={output} {...text} />}
      </Box>
    </Box>
  );
}

interface PicturesProps extends Pick<Props, 'record' | 'mode' | 'painting'> {
  output: string | null;
  area: CellArea;
}

/** Until it is painted, there is only the photo. */
function Pictures({ record, output, mode, painting, area }: PicturesProps) {
  const shown = output || painting ? mode : 'content';
  const half = { ...area, columns: Math.floor((area.columns - gap) / 2) };
  const place = shown === 'beside' ? half : area;
  const alone = shown !== 'beside';
  const before = <FilePicture path={record.source} area={place} caption="before" alone={alone} />;
  const after = output ? (
    <FilePicture path={output} area={place} caption="after" alone={alone} />
  ) : (
    painting && <ResultPicture painting={painting} area={place} caption="so far" alone={alone} />
  );
  if (shown === 'content') return before;
  if (shown === 'result') return after;
  return (
    <Box width={area.columns} flexShrink={0} justifyContent="space-between">
      {before}
      {after}
    </Box>
  );
}

function Facts({
  record,
  output,
  columns,
  rows,
}: Pick<Props, 'record'> & { output: string | null } & CellArea) {
  const { glyphs, theme } = useContext(LookContext);
  const recipe = useRecipe(output);
  return (
    <Box flexDirection="column" height={rows} width={columns} flexShrink={0} overflow="hidden">
      {detailsOf(record, recipe).map(([name, value]) => (
        <Box key={name} flexShrink={0}>
          <Box width={nameWidth} flexShrink={0}>
            <Text {...theme.faint}>{name}</Text>
          </Box>
          <Text wrap="wrap">{drawable(value, glyphs)}</Text>
        </Box>
      ))}
    </Box>
  );
}
