/** Thumbnails of the latest paintings in a row, newest first. */
import { Box } from 'ink';
import { useContext } from 'react';
import { type CellArea, gap } from '../layout.js';
import { LookContext } from '../look.js';
import type { Finished } from '../state.js';
import { FilePicture } from './FilePicture.js';

/** Most photos are 3:2. */
const proportions = 1.5;

export function History({ done, columns, rows }: { done: readonly Finished[] } & CellArea) {
  const { cellHeight } = useContext(LookContext);
  const each = { columns: Math.round(proportions * cellHeight * rows), rows };
  const count = Math.floor((columns + gap) / (each.columns + gap));
  return (
    <Box width={columns} height={rows} flexShrink={0} gap={gap} overflow="hidden">
      {done.slice(0, count).map(({ job, detail }) => (
        <FilePicture key={job} path={detail} area={each} />
      ))}
    </Box>
  );
}
