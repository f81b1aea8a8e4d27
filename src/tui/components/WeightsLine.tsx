/** The weights, with the chosen one marked: what + and − change. Only what fits around the chosen one is shown. */
import { Text } from 'ink';
import { useContext } from 'react';
import { short } from '../../util/format.js';
import type { Knob } from '../knobs.js';
import { LookContext } from '../look.js';

export function WeightsLine({
  all,
  chosen,
  columns,
}: {
  all: readonly Knob[];
  chosen: number;
  columns: number;
}) {
  const { glyphs, theme } = useContext(LookContext);
  const texts = all.map(({ name, kind, value }, i) => {
    const shown = kind === 'weight' ? short(value) : value.toFixed(2);
    return `${i === chosen ? glyphs.chosen : ' '}${name.length > 16 ? name.slice(0, 15) + glyphs.ellipsis : name} ${shown}`;
  });
  // Whole entries only: from the first from which the chosen one is still in view.
  let first = 0;
  const widthFrom = (start: number) =>
    texts.slice(start, chosen + 1).reduce((sum, text) => sum + text.length + 2, 0);
  while (first < chosen && widthFrom(first) > columns) first++;
  let used = 0;
  const shown = texts.slice(first).filter((text) => {
    used += text.length + 2;
    return used <= columns + 2;
  });
  return (
    <Text wrap="truncate">
      {shown.map((text, i) => (
        <Text key={all[first + i].name + String(first + i)}>
          <Text {...(first + i === chosen ? theme.accent : {})} bold={first + i === chosen}>
            {text}
          </Text>
          {'  '}
        </Text>
      ))}
    </Text>
  );
}
