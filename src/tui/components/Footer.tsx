/** Last lines: what just happened or is asked, and the keys that matter now. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { bindings } from '../keymap.js';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';
import { Message } from './Message.js';

export function Footer({ state, shown, layout }: { state: ScreenState; shown?: Painting; layout: Layout }) {
  const { theme } = useContext(LookContext);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Message {...state} columns={layout.columns} />
      <Text {...theme.faint} wrap="truncate">
        {keysThatFit(state, layout, shown)}
      </Text>
    </Box>
  );
}

/** Whole entries only; help and quit always. */
function keysThatFit(
  { slots, view }: ScreenState,
  { arrangement, columns }: Layout,
  shown?: Painting,
): string {
  const painting = shown !== undefined;
  const useful = { painting, slots: painting && slots > 1, one: painting && arrangement === 'one' };
  const labels: Partial<Record<string, string>> = {
    pause: shown?.paused ? 'resume' : undefined,
    numbers: view.numbers ? 'picture' : undefined,
  };
  const entries = bindings
    .filter(({ label, needs }) => label && (!needs || useful[needs]))
    .map(({ keys, label, action }) => `${keys} ${labels[action] ?? label}`);
  const last = entries.splice(-2);
  while (entries.length > 0 && [...entries, ...last].join('  ').length > columns) entries.pop();
  return [...entries, ...last].join('  ');
}
