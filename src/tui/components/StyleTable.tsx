/** The weighted loss of every style at every layer: one row per layer, one column per style. */
import { basename, extname } from 'node:path';
import { Box, Text } from 'ink';
import { useContext } from 'react';
import stringWidth from 'string-width';
import { sum } from '../../transfer/losses.js';
import { clip, pad, shortNumber } from '../../util/format.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';

const nameWidth = 8;
/** Numbers take six columns at most; names may need more. */
const [narrowest, widest] = [7, 12];

export function StyleTable({
  painting,
  columns,
  rows,
}: {
  painting: Painting;
  columns: number;
  rows: number;
}) {
  const { glyphs, theme } = useContext(LookContext);
  if (!painting.losses) return <Text {...theme.faint}>measuring content and styles</Text>;
  const { styles: style } = painting.losses;
  if (!style)
    return (
      <Text {...theme.faint}>
        The blend of the styles is measured as one: none has a loss of its own (--style-loss gram has).
      </Text>
    );
  const { styles } = painting;
  const fair = Math.floor((columns - nameWidth) / (styles.length + 1));
  const columnWidth = Math.min(widest, Math.max(narrowest, fair));
  // Styles that do not fit are left out; the sum is always shown.
  const shown = styles.slice(0, Math.floor((columns - nameWidth) / columnWidth) - 1);
  const names = shown.map((path) => basename(path, extname(path)));
  const cell = (text: string) => {
    const clipped = clip(text, columnWidth - 1, glyphs);
    return ' '.repeat(columnWidth - stringWidth(clipped)) + clipped;
  };
  const number = (value: number) => shortNumber(value).padStart(columnWidth);
  const total = (i: number) => sum(Object.values(style).map((values) => values[i]));
  return (
    <Box flexDirection="column" flexShrink={0} width={columns} height={rows} overflow="hidden">
      <Text wrap="truncate" {...theme.faint}>
        {pad('style', nameWidth, glyphs) + names.map(cell).join('') + cell('all')}
      </Text>
      {Object.entries(style).map(([layer, values]) => (
        <Text key={layer} wrap="truncate">
          {pad(layer, nameWidth, glyphs)}
          <Text {...theme.style}>{shown.map((_, i) => number(values[i])).join('')}</Text>
          {number(sum(values))}
        </Text>
      ))}
      <Text wrap="truncate" bold>
        {pad('all', nameWidth, glyphs) + shown.map((_, i) => number(total(i))).join('')}
        {number(sum(Object.values(style).map(sum)))}
      </Text>
    </Box>
  );
}
