/**
 * The weighted losses, one row per term: value, share of the total as a bar, trend of the whole run (log scale), and the
 * change over the last iterations.
 */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { bar, type Glyphs, pad, relativeChange, shortNumber, sparkline } from '../../util/format.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';
import type { Painting } from '../painting.js';
import { lossRows } from '../terms.js';
import { emptyTrend, recentChange, recentSpan } from '../trend.js';

const nameWidth = 15;
const valueWidth = 7;
const changeWidth = 7;
const percentWidth = 5;
const shortestBar = 4;
/** From this width on, the share is shown as a number too. */
const percentFrom = 60;

type Props = { painting: Painting } & CellArea;

export function Losses({ painting, columns, rows }: Props) {
  const { glyphs, theme } = useContext(LookContext);
  if (!painting.losses) return <Measuring columns={columns} />;
  const { total } = painting.losses;
  const all = lossRows(painting.losses);
  const terms = all.length > rows ? all.slice(0, rows - 1) : all;
  const widths = measure(columns);
  const spaced = rows >= 2 * all.length + 1;
  return (
    <Box flexDirection="column" flexShrink={0} width={columns} height={rows} overflow="hidden">
      {rows > all.length && widths.percent > 0 && <Text {...theme.faint}>{heading(widths, glyphs)}</Text>}
      {terms.map((term) => {
        const trend = painting.trends[term.key] ?? emptyTrend;
        const share = total > 0 ? term.value / total : 0;
        return (
          <Box key={term.key} flexShrink={0} marginTop={spaced ? 1 : 0}>
            <Text wrap="truncate">
              <Text bold={term.group === 'total'}>{pad(term.key, nameWidth, glyphs)}</Text>
              {shortNumber(term.value).padStart(valueWidth)}
              {widths.percent > 0 && `${Math.round(100 * share)}%`.padStart(widths.percent)}
              <Text {...theme[term.group]}>
                {widths.bar > 0 && `  ${bar(share, widths.bar, glyphs)}`}
                {widths.trend > 0 && ` ${sparkline(trend.points, widths.trend, glyphs).padEnd(widths.trend)}`}
              </Text>
              {changeOf(recentChange(trend))}
            </Text>
          </Box>
        );
      })}
      {terms.length < all.length && <Text {...theme.faint}>{`${all.length - terms.length} more terms`}</Text>}
    </Box>
  );
}

/** Column widths: bar and trend get what the others leave; where that is too little, there is no bar. */
function measure(columns: number) {
  const percent = columns >= percentFrom ? percentWidth : 0;
  const free = columns - nameWidth - valueWidth - percent - changeWidth;
  if (free - 3 < shortestBar) return { percent, bar: 0, trend: Math.max(0, free - 1) };
  const bar = Math.min(24, Math.max(shortestBar, Math.floor((free - 3) * 0.4)));
  return { percent, bar, trend: free - 3 - bar };
}

function heading(widths: ReturnType<typeof measure>, glyphs: Glyphs): string {
  const name = pad('loss', nameWidth, glyphs);
  const share = pad('share', widths.percent + widths.bar, glyphs);
  const trend = pad('course', widths.trend, glyphs);
  return `${name}${'value'.padStart(valueWidth)}  ${share} ${trend}${`last ${recentSpan}`.padStart(changeWidth)}`;
}

const changeOf = (share: number | undefined) =>
  (share === undefined ? '' : relativeChange(share)).padStart(changeWidth);

function Measuring({ columns }: { columns: number }) {
  const { theme } = useContext(LookContext);
  return (
    <Box width={columns} flexShrink={0}>
      <Text {...theme.faint} wrap="truncate">
        measuring content and styles
      </Text>
    </Box>
  );
}
