/** The last two lines: message or prompt, and key hints. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clipEnd } from '../../util/format.js';
import { hintsFor } from '../hints.js';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';
import { Message } from './Message.js';
import { Prompt } from './Prompt.js';

export function Footer({ state, shown, layout }: { state: ScreenState; shown?: Painting; layout: Layout }) {
  const { glyphs, theme } = useContext(LookContext);
  const reason = state.modal?.kind === 'prompt' ? state.modal.reason : undefined;
  return (
    <Box flexDirection="column" flexShrink={0}>
      {state.modal?.kind === 'prompt' ? (
        <Prompt {...state.modal} state={state} columns={layout.columns} />
      ) : (
        <Message {...state} columns={layout.columns} />
      )}
      {reason === undefined ? (
        <Text {...theme.faint} wrap="truncate">
          {hintsFor(state, layout, shown)}
        </Text>
      ) : (
        <Text {...theme.bad}>{clipEnd(reason, layout.columns, glyphs)}</Text>
      )}
    </Box>
  );
}
