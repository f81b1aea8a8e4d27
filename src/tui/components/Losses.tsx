/** The losses, weighted, a row a term: value, share of the total as a bar, and the course of the run (log scale). */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { bar, pad, short, sparkline } from '../format.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import { type LossTerm, lossTerms } from '../terms.js';

const nameWidth = 15;
const valueWidth = 7;
const colours: Record<LossTerm['group'], string> = {
  total: 'white',
  content: 'green',
  style: 'magenta',
  tv: 'blue',
};

export function Losses({ painting, columns, rows }: { painting: Painting; columns: number; rows: number }) {
  const { glyphs } = useContext(LookContext);
  if (!painting.losses) return <Text dimColor>measuring content and styles</Text>;
  const { total } = painting.losses;
  const free = columns - nameWidth - valueWidth - 2;
  const barWidth = free < 24 ? Math.max(4, Math.floor(free / 2)) : Math.min(24, Math.floor(free * 0.4));
  const trendWidth = free - barWidth - 1;
  const terms = lossTerms(painting.losses);
  const spaced = rows >= 2 * terms.length + 1;
  return (
    <Box flexDirection="column" flexShrink={0} width={columns} height={rows} overflow="hidden">
      {terms.map((term) => (
        <Box key={term.key} flexShrink={0} marginBottom={spaced ? 1 : 0}>
          <Text wrap="truncate">
            <Text bold={term.group === 'total'}>{pad(term.key, nameWidth, glyphs)}</Text>
            {short(term.value).padStart(valueWidth)}
            {'  '}
            <Text color={colours[term.group]}>
              {bar(total > 0 ? term.value / total : 0, barWidth, glyphs)}
            </Text>{' '}
            <Text color={colours[term.group]}>
              {sparkline(painting.trends[term.key]?.points ?? [], trendWidth, glyphs)}
            </Text>
          </Text>
        </Box>
      ))}
    </Box>
  );
}
