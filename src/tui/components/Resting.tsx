/** Nothing to paint: as many rows as a painting takes, so that the queue stays where it is. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';

export function Resting({ layout }: { layout: Layout }) {
  const { theme } = useContext(LookContext);
  const { arrangement, columns, picture, losses, airy } = layout;
  const body = arrangement === 'stacked' ? picture.rows + 1 + losses.rows : picture.rows;
  return (
    <Box
      height={body + 3 + Number(airy)}
      flexShrink={0}
      alignItems="center"
      justifyContent="center"
      width={columns}
    >
      <Text {...theme.faint}>Waiting for pictures</Text>
    </Box>
  );
}
