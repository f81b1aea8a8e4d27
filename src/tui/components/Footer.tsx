/** Last lines: what just happened or is asked, and the keys that matter now. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip } from '../format.js';
import { bindings } from '../keymap.js';
import { LookContext } from '../look.js';
import type { ScreenState } from '../state.js';

type Props = Pick<ScreenState, 'message' | 'asking' | 'stopping' | 'paused'> & {
  busy: boolean;
  columns: number;
};

export function Footer({ message, asking, stopping, paused, busy, columns }: Props) {
  const { glyphs } = useContext(LookContext);
  const question = 'A picture is being painted. Quit? It starts again next time.  y yes  n no';
  const shown = stopping ? 'Stopping' : asking ? question : message;
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text color={asking || stopping ? 'yellow' : undefined} bold={asking}>
        {clip(shown, columns, glyphs) || ' '}
      </Text>
      <Text dimColor wrap="truncate">
        {keysThatFit(busy, paused, columns)}
      </Text>
    </Box>
  );
}

/** Whole entries only; help and quit always. */
function keysThatFit(busy: boolean, paused: boolean, columns: number): string {
  const entries = bindings
    .filter(({ label, painting }) => label && (busy || !painting))
    .map(({ keys, label, action }) => `${keys} ${action === 'pause' && paused ? 'resume' : label}`);
  const last = entries.splice(-2);
  while (entries.length > 0 && [...entries, ...last].join('  ').length > columns) entries.pop();
  return [...entries, ...last].join('  ');
}
