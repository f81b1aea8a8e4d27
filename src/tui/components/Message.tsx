/** The message or question line; failures stay until they have been seen. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { clip, clipEnd } from '../../util/format.js';
import { LookContext } from '../look.js';
import type { ScreenState } from '../state.js';

type Props = Pick<ScreenState, 'message' | 'pending' | 'unseen' | 'modal' | 'stopping' | 'paintings'> & {
  columns: number;
};

export function Message({ message, pending, unseen, modal, stopping, paintings, columns }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  if (stopping || modal?.kind === 'quit')
    return (
      <Text {...theme.notice}>
        {clipEnd(stopping ? 'Stopping' : question(paintings.length), columns, glyphs)}
      </Text>
    );
  const failed = unseen.count > 0 ? `! ${unseen.count} failed, l shows` : '';
  const available = columns - (failed ? failed.length + 2 : 0);
  const latest = pending.at(-1);
  if (latest) {
    const { text, keys } = latest;
    // The keys are kept whole; the count of failures makes room for them.
    return <Text {...theme.notice}>{`${clip(text, columns - keys.length - 2, glyphs)}  ${keys}`}</Text>;
  }
  return (
    <Box width={columns} justifyContent="space-between" flexShrink={0}>
      <Text {...(message ? {} : theme.bad)}>{clipEnd(message || unseen.last, available, glyphs) || ' '}</Text>
      <Text {...theme.bad}>{failed}</Text>
    </Box>
  );
}

const question = (paintings: number) =>
  paintings > 1
    ? `Quit while painting ${paintings}? watch resumes them.  y yes  n no`
    : 'Quit while painting? watch resumes it.  y yes  n no';
