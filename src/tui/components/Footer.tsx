/** The last two lines: message or prompt, and key hints. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { hintsFor } from '../hints.js';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';
import { Message } from './Message.js';
import { Prompt } from './Prompt.js';

export function Footer({ state, shown, layout }: { state: ScreenState; shown?: Painting; layout: Layout }) {
  const { theme } = useContext(LookContext);
  return (
    <Box flexDirection="column" flexShrink={0}>
      {state.modal?.kind === 'prompt' ? (
        <Prompt {...state.modal} state={state} columns={layout.columns} />
      ) : (
        <Message {...state} columns={layout.columns} />
      )}
      <Text {...theme.faint} wrap="truncate">
        {hintsFor(state, layout, shown)}
      </Text>
    </Box>
  );
}
