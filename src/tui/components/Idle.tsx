/**
 * Shown while there is nothing to paint: the latest painting, and what to do next. As high as a painting's view, so that the
 * queue does not move.
 */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../../util/format.js';
import { heldNote, inboxOf } from '../inboxes.js';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';
import type { ScreenState } from '../state.js';
import { FilePicture } from './FilePicture.js';

type Props = Pick<ScreenState, 'waiting' | 'held' | 'finished'> & { layout: Layout };

export function Idle({ waiting, held, finished, layout }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const { arrangement, columns, picture, losses, airy } = layout;
  const body = arrangement === 'stacked' ? picture.rows + 1 + losses.rows : picture.rows;
  const rows = body + 3 + Number(airy);
  const latest = finished.find(({ status }) => status === 'done');
  const lines = linesOn(waiting, held);
  const caption = latest && `${basename(latest.detail)}  o opens it`;
  return (
    <Box
      flexDirection="column"
      height={rows}
      width={columns}
      flexShrink={0}
      alignItems="center"
      justifyContent="center"
      overflow="hidden"
    >
      {latest && (
        <FilePicture
          path={latest.detail}
          caption={caption}
          area={{ columns, rows: rows - lines.length - 1 }}
        />
      )}
      {latest && <Text> </Text>}
      {lines.map((line, i) => (
        <Text key={line} {...(i === 0 ? theme.strong : theme.faint)}>
          {clip(line, columns, glyphs)}
        </Text>
      ))}
    </Box>
  );
}

function linesOn(waiting: ScreenState['waiting'], held: ScreenState['held']): string[] {
  if (waiting.size === 0)
    return ['Waiting for pictures', 'Copy photos into the folder, or drop them onto this window.'];
  if (![...waiting.values()].every((source) => inboxOf(held, source))) return ['Starting'];
  const pictures = waiting.size === 1 ? '1 picture is' : `${waiting.size} pictures are`;
  return [`${pictures} held`, heldNote(held)];
}
