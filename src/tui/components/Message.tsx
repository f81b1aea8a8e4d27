/** The message or question line; failures stay until they have been seen. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { clip, clipEnd } from '../../util/format.js';
import { heldNote } from '../inboxes.js';
import { keyFor } from '../keymap.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';

type Props = Pick<
  ScreenState,
  'message' | 'pending' | 'unseen' | 'held' | 'modal' | 'finishing' | 'stopping' | 'paintings'
> & {
  columns: number;
};

export function Message({ columns, ...state }: Props) {
  const { message, pending, unseen, held, modal, finishing, stopping, paintings } = state;
  const { glyphs, theme } = useContext(LookContext);
  if (stopping || modal?.kind === 'quit') {
    if (modal?.kind !== 'quit') return <Text {...theme.notice}>Stopping</Text>;
    const ask = (name?: string) => quitQuestion(paintings, modal.resumes, name);
    const name = clip(basename(paintings.at(0)?.source ?? ''), columns - stringWidth(ask('')), glyphs);
    return <Text {...theme.notice}>{clipEnd(ask(name), columns, glyphs)}</Text>;
  }
  const failed = unseen.count > 0 ? `! ${unseen.count} failed, ${keyFor('log')} shows` : '';
  const available = columns - (failed ? failed.length + 2 : 0);
  const text = message || (finishing ? finishingNote(paintings) : unseen.last || heldNote(held));
  const latest = pending.at(-1);
  if (latest) {
    const { text, keys } = latest;
    // The keys are kept whole; the count of failures makes room for them.
    return <Text {...theme.notice}>{`${clipEnd(text, columns - keys.length - 2, glyphs)}  ${keys}`}</Text>;
  }
  return (
    <Box width={columns} justifyContent="space-between" flexShrink={0}>
      <Text {...(text === unseen.last ? theme.bad : {})}>{clipEnd(text, available, glyphs) || ' '}</Text>
      <Text {...theme.bad}>{failed}</Text>
    </Box>
  );
}

/** Asks before pictures in progress are left, and says what becomes of them; `name` is that of a single one. */
export function quitQuestion(paintings: readonly Painting[], resumes: boolean, name?: string): string {
  const [first] = paintings;
  // They may end while the question is open.
  if (!first) return 'Quit?';
  const one = `${name ?? basename(first.source)} (${first.iteration} of ${first.iterations})`;
  if (resumes)
    return paintings.length > 1
      ? `Quit? ${paintings.length} pictures resume here at the next start.`
      : `Quit? ${one} resumes here at the next start.`;
  return paintings.length > 1
    ? `Quit? ${paintings.length} pictures are not finished.`
    : `Quit? ${one} is not finished.`;
}

/** Shown from the choice to finish until the end. */
function finishingNote(paintings: readonly Painting[]): string {
  const paused = paintings.some(({ paused }) => paused) ? ' It is paused: space resumes.' : '';
  return `Quitting after ${paintings.length > 1 ? `these ${paintings.length} pictures` : 'this picture'}.${paused}`;
}
