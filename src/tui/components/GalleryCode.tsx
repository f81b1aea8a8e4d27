/** The gallery's address for phones, as a QR code where there is room and the terminal has blocks. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import { encode } from 'uqr';
import { clip } from '../../util/format.js';
import { keyFor } from '../keymap.js';
import type { CellArea } from '../layout.js';
import { LookContext } from '../look.js';

/** Modules around a code, by which scanners find it. */
const border = 2;

export function GalleryCode({ url, columns, rows }: { url: string } & CellArea) {
  const { glyphs, theme, colors } = useContext(LookContext);
  const isHere = new URL(url).hostname === 'localhost';
  const lines = glyphs.parts && !isHere ? codeLines(url) : [];
  const fits = lines.length > 0 && lines.length + 2 <= rows && lines[0].length <= columns;
  // With colors it is black on white whatever the terminal's are; without, bright where the terminal's text is.
  const style = colors > 0 ? { color: '#ffffff', backgroundColor: '#000000' } : {};
  const larger = lines.length > 0 ? 'Make the terminal larger to see it as a code for phones.' : '';
  const why = isHere
    ? 'Only this machine can open it. --gallery-host 0.0.0.0 shows it to phones too.'
    : larger;
  return (
    <Box
      flexDirection="column"
      width={columns}
      height={rows}
      alignItems="center"
      justifyContent="center"
      overflow="hidden"
    >
      {fits &&
        lines.map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no state
          <Text key={i} wrap="truncate" {...style}>
            {line}
          </Text>
        ))}
      {!fits && why && <Text wrap="wrap">{why}</Text>}
      <Text {...theme.strong} wrap={fits ? 'truncate' : 'wrap'}>
        {url}
      </Text>
      <Text {...theme.faint}>
        {clip(`${keyFor('gallery')} back  ${keyFor('copy')} copy`, columns, glyphs)}
      </Text>
    </Box>
  );
}

/** Two modules in each cell; light ones are drawn. */
function codeLines(url: string): string[] {
  const { data, size } = encode(url, { ecc: 'L', border });
  const isLight = (x: number, y: number) => !(data[y]?.[x] ?? false);
  return Array.from({ length: Math.ceil(size / 2) }, (_, row) =>
    Array.from({ length: size }, (_, x) => {
      const [upper, lower] = [isLight(x, 2 * row), isLight(x, 2 * row + 1)];
      return upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
    }).join(''),
  );
}
