/** Last lines: what just happened or is asked, and the keys that matter now. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../format.js';
import { bindings } from '../keymap.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';

type Props = Pick<ScreenState, 'message' | 'asking' | 'stopping' | 'paintings' | 'slots'> & {
  shown?: Painting;
  columns: number;
};

export function Footer({ message, asking, stopping, paintings, slots, shown, columns }: Props) {
  const { glyphs } = useContext(LookContext);
  const question =
    paintings.length > 1
      ? `Quit while painting ${paintings.length}? watch resumes them.  y yes  n no`
      : 'Quit while painting? watch resumes it.  y yes  n no';
  const line = stopping ? 'Stopping' : asking ? question : message;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text color={asking || stopping ? 'yellow' : undefined} bold={asking}>
        {clip(line, columns, glyphs) || ' '}
      </Text>
      <Text dimColor wrap="truncate">
        {keysThatFit(columns, slots, shown)}
      </Text>
    </Box>
  );
}

/** Whole entries only; help and quit always. */
function keysThatFit(columns: number, slots: number, shown?: Painting): string {
  const useful = { painting: shown !== undefined, slots: shown !== undefined && slots > 1 };
  const entries = bindings
    .filter(({ label, needs }) => label && (!needs || useful[needs]))
    .map(({ keys, label, action }) => `${keys} ${action === 'pause' && shown?.paused ? 'resume' : label}`);
  const last = entries.splice(-2);
  while (entries.length > 0 && [...entries, ...last].join('  ').length > columns) entries.pop();
  return [...entries, ...last].join('  ');
}
