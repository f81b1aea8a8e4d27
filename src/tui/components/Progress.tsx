/** Two lines: input and output, then progress; the bar is divided where scales change. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { bar, divided, duration, fromTo, timeLeft } from '../../util/format.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';

interface Props {
  painting: Painting;
  /** Its place in a sequence. */
  frame?: { number: number; of: number };
  columns: number;
}

export function Progress({ painting, frame, columns }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  const { source, output, width, height, print, scale, scales } = painting;
  const { iteration, iterations, share, scaleEnds, seconds, secondsLeft, losses, paused } = painting;
  const paper = print ? `${print.replace(' x ', ` ${glyphs.times} `)}, ` : '';
  const place = frame ? `frame ${frame.number} of ${frame.of}  ` : '';
  const size = `${place}${paper}${width}${glyphs.times}${height}  scale ${scale}/${scales}`;
  const names = fromTo(basename(source), basename(output), columns - size.length - 2, glyphs);
  const count = `${String(iteration).padStart(String(iterations).length)}/${iterations}`;
  const part = share === undefined ? '' : `  ${losses ? 'next' : 'measuring'} ${Math.floor(100 * share)}%`;
  const times = paused
    ? `${count}  PAUSED`
    : `${count}${part}  ${duration(seconds)}  ${timeLeft(secondsLeft, glyphs)}`;
  const ends = scaleEnds.map((end) => end / iterations);
  const barWidth = Math.max(4, columns - Math.max(times.length, 26) - 2);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box justifyContent="space-between" width={columns}>
        <Text {...theme.strong}>{names}</Text>
        <Text {...theme.faint}>{size}</Text>
      </Box>
      <Text wrap="truncate">
        <Text {...(paused ? theme.notice : theme.accent)}>
          {divided(bar(iteration / iterations, barWidth, glyphs, true), ends, glyphs)}
        </Text>
        {'  '}
        <Text {...(paused ? theme.notice : {})}>{times}</Text>
      </Text>
    </Box>
  );
}
