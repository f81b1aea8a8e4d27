/** One line per slot: picture, progress, time left and device. The one shown is marked. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { bar, type Glyphs, pad, timeLeft } from '../../util/format.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import type { ScreenState } from '../state.js';

/** Minimum width of a bar; where there is less room, the device is left out. */
const shortestBar = 6;
/** The width of "estimating…", so that the bars keep their length. */
const timeWidth = 11;

type Props = Pick<ScreenState, 'paintings' | 'slots'> & { shown?: Painting; columns: number; rows: number };

export function Slots({ paintings, slots, shown, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const visible = slots > rows ? rows - 1 : slots;
  // Scrolled down only as far as needed to show the selected slot.
  const first = Math.max(1, (shown?.slot ?? 1) - visible + 1);
  const numbers = Array.from({ length: visible }, (_, i) => first + i);
  const widths = measure(paintings, String(slots).length, columns, glyphs);

  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      {numbers.map((slot) => {
        const painting = paintings.find((painting) => painting.slot === slot);
        const chosen = slot === shown?.slot;
        const number = (chosen ? glyphs.chosen : ' ') + String(slot).padStart(widths.number);
        if (!painting) return <Text key={slot} {...theme.faint}>{`${number} no picture at the moment`}</Text>;
        const { iteration, iterations, paused } = painting;
        return (
          <Text key={slot} wrap="truncate">
            <Text {...(chosen ? theme.accent : {})} bold={chosen}>
              {`${number} ${pad(nameOf(painting), widths.name, glyphs)}`}
            </Text>
            {'  '}
            <Text {...(paused ? theme.notice : theme.accent)}>
              {bar(iteration / iterations, widths.bar, glyphs, true)}
            </Text>
            {`  ${countOf(painting).padStart(widths.count)}  `}
            <Text {...(paused ? theme.notice : {})}>{timeOf(painting, glyphs).padStart(widths.time)}</Text>
            {widths.device > 0 && <Text {...theme.faint}>{`  ${painting.device}`}</Text>}
          </Text>
        );
      })}
      {visible < slots && (
        <Text {...theme.faint}>{`${' '.repeat(widths.number + 2)}${slots - visible} more slots`}</Text>
      )}
    </Box>
  );
}

/** Column widths, the same in every line: the bar gets what the others leave. */
function measure(paintings: readonly Painting[], number: number, columns: number, glyphs: Glyphs) {
  const widest = (part: (painting: Painting) => string) =>
    Math.max(0, ...paintings.map((painting) => stringWidth(part(painting))));
  const name = Math.min(Math.floor(columns / 5), widest(nameOf));
  const count = widest(countOf);
  const time = Math.max(
    timeWidth,
    widest((painting) => timeOf(painting, glyphs)),
  );
  const device = widest((painting) => painting.device);
  // Two spaces before each part; the marker and a space around the number.
  const alone = columns - (1 + number + 1 + name) - 2 - (2 + count) - (2 + time);
  const beside = alone - (2 + device);
  const widths = { number, name, count, time };
  return beside < shortestBar ? { ...widths, bar: alone, device: 0 } : { ...widths, bar: beside, device };
}

const nameOf = ({ source }: Painting) => basename(source);
const countOf = ({ iteration, iterations }: Painting) => `${iteration}/${iterations}`;

const timeOf = ({ paused, secondsLeft }: Painting, glyphs: Glyphs) =>
  paused ? 'PAUSED' : timeLeft(secondsLeft, glyphs);
