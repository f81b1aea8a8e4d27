/** Shown while there is nothing to paint; as high as a painting's view, so that the queue does not move. */
import { Box, Text } from 'ink';
import { useContext } from 'react';
import type { Layout } from '../layout.js';
import { LookContext } from '../look.js';

export function Idle({ layout }: { layout: Layout }) {
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
