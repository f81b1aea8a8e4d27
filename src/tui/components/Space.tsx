/** Blank lines between two panes. */
import { Box } from 'ink';

export const Space = ({ rows }: { rows: number }) => rows > 0 && <Box height={rows} flexShrink={0} />;
