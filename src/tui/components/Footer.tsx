/** Last lines: what just happened, is asked or typed, and the keys that matter now. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../format.js';
import { hintsFor } from '../hints.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';
import { Prompt } from './Prompt.js';

export function Footer({ state, shown, columns }: { state: ScreenState; shown?: Painting; columns: number }) {
  const { glyphs } = useContext(LookContext);
  const { message, over, stopping, paintings } = state;
  const asking = over?.kind === 'quit';
  const question =
    paintings.length > 1
      ? `Quit while painting ${paintings.length}? watch resumes them.  y yes  n no`
      : 'Quit while painting? watch resumes it.  y yes  n no';
  const line = stopping ? 'Stopping' : asking ? question : message;
  return (
    <Box flexDirection="column" flexShrink={0}>
      {over?.kind === 'prompt' ? (
        <Prompt {...over} state={state} columns={columns} />
      ) : (
        <Text color={asking || stopping ? 'yellow' : undefined} bold={asking} wrap="truncate">
          {clip(line, columns, glyphs) || ' '}
        </Text>
      )}
      <Text dimColor wrap="truncate">
        {hintsFor(state, shown, columns)}
      </Text>
    </Box>
  );
}
