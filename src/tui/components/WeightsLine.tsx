/** The adjustable weights, with the selected one marked and kept in view. */
import { Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { clip, shortNumber } from '../../util/format.js';
import type { Knob } from '../knobs.js';
import { LookContext } from '../look.js';

/** Columns: the longest name where there is no room for all, and the space between two knobs. */
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
  const describe = ({ name, kind, value }: Knob, i: number, width: number) => {
    const shown = kind === 'weight' ? shortNumber(value) : value.toFixed(2);
    return `${i === chosen ? glyphs.chosen : ' '}${clip(name, width, glyphs)} ${shown}`;
  };
  const whole = all.map((knob, i) => describe(knob, i, columns));
  // Names are only cut where not all fit.
  const texts = widthOf(whole) <= columns ? whole : all.map((knob, i) => describe(knob, i, longestName));
  const { first, end } = windowAround(texts, chosen, columns);
  const shown = texts.slice(first, end);
  return (
    <Text wrap="truncate">
      {first > 0 && <Text {...theme.faint}>{glyphs.ellipsis.padEnd(gap)}</Text>}
      {shown.map((text, i) => (
        <Text key={all[first + i].name + String(first + i)}>
          <Text {...(first + i === chosen ? theme.accent : {})} bold={first + i === chosen}>
            {text}
          </Text>
          {' '.repeat(first + i + 1 < texts.length ? gap : 0)}
        </Text>
      ))}
      {end < texts.length && <Text {...theme.faint}>{glyphs.ellipsis}</Text>}
    </Text>
  );
}

const widthOf = (texts: readonly string[]) =>
  texts.reduce((sum, text) => sum + stringWidth(text), 0) + gap * Math.max(0, texts.length - 1);

/** The entries that fit, scrolled just far enough to show the chosen one, with room for the marks of what is left out. */
function windowAround(texts: readonly string[], chosen: number, columns: number) {
  const widthFrom = (first: number, end: number) =>
    widthOf(texts.slice(first, end)) + (first > 0 ? gap : 0) + (end < texts.length ? gap + 1 : 0);
  let first = 0;
  while (first < chosen && widthFrom(first, chosen + 1) > columns) first++;
  let end = texts.length;
  while (end > chosen + 1 && widthFrom(first, end) > columns) end--;
  return { first, end };
}
