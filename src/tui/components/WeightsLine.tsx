/** The adjustable weights, with the selected one marked and kept in view. */
import { Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { clipEnd, shortNumber } from '../../util/format.js';
import type { Knob } from '../knobs.js';
import { LookContext } from '../look.js';

/** Columns: the longest name before it is cut, and the space between two knobs. */
const longestName = 16;
const gap = 2;

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
    const shown = kind === 'weight' ? shortNumber(value) : value.toFixed(2);
    return `${i === chosen ? glyphs.chosen : ' '}${clipEnd(name, longestName, glyphs)} ${shown}`;
  });
  // Whole entries only, scrolled just far enough for the selected one to fit.
  let first = 0;
  const widthFrom = (start: number) =>
    texts.slice(start, chosen + 1).reduce((sum, text) => sum + stringWidth(text) + gap, 0);
  while (first < chosen && widthFrom(first) > columns) first++;
  let used = 0;
  const shown = texts.slice(first).filter((text) => {
    used += stringWidth(text) + gap;
    return used <= columns + gap;
  });
  return (
    <Text wrap="truncate">
      {shown.map((text, i) => (
        <Text key={all[first + i].name + String(first + i)}>
          <Text {...(first + i === chosen ? theme.accent : {})} bold={first + i === chosen}>
            {text}
          </Text>
          {' '.repeat(gap)}
        </Text>
      ))}
    </Text>
  );
}
