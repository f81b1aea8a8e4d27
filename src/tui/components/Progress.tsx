/** Two lines: input and output, then progress; the bar is divided where scales change. */
import { basename } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { bar, clip, divided, duration, timeLeft } from '../../util/format.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';

export function Progress({ painting, columns }: { painting: Painting; columns: number }) {
  const { glyphs, theme } = useContext(LookContext);
  const { source, output, width, height, print, scale, scales } = painting;
  const { iteration, iterations, share, scaleEnds, seconds, secondsLeft, losses, paused } = painting;
  const paper = print ? `${print.replace(' x ', ` ${glyphs.times} `)}, ` : '';
  const size = `${paper}${width}${glyphs.times}${height}  scale ${scale}/${scales}`;
  const available = Math.floor((columns - size.length - 2 - glyphs.arrow.length - 2) / 2);
  const names = `${clip(basename(source), available, glyphs)} ${glyphs.arrow} ${clip(basename(output), available, glyphs)}`;
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
