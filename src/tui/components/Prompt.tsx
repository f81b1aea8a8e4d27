/** The input line. */
import { Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { pad } from '../../util/format.js';
import type { Purpose } from '../input.js';
import { knobsOf } from '../knobs.js';
import { LookContext } from '../look.js';
import { shown } from '../painting.js';
import type { ScreenState } from '../state.js';

interface Props {
  purpose: Purpose;
  text: string;
  state: ScreenState;
  columns: number;
}

export function Prompt({ purpose, text, state, columns }: Props) {
  const { glyphs } = useContext(LookContext);
  const painting = shown(state);
  const knob = painting && knobsOf(painting)[state.chosen];
  const begin = { number: `${knob?.name ?? ''} = `, command: ':', filter: '/' }[purpose];
  const available = columns - stringWidth(begin) - 1;
  // Long text is cut at its beginning, so that the cursor stays in view.
  let end = text;
  while (stringWidth(end) > available) end = [...end].slice(1).join('');
  return (
    <Text bold wrap="truncate">
      {begin + end}
      <Text inverse>{pad('', 1, glyphs)}</Text>
    </Text>
  );
}
