/** The terminal's size, kept up to date; at once, so that no frame of the old size is drawn on the new screen. */
import { useStdout } from 'ink';
import { useCallback, useSyncExternalStore } from 'react';
import { terminalSize } from '../look.js';

export function useTerminalSize(): { columns: number; rows: number } {
  const { stdout } = useStdout();
  const subscribe = useCallback(
    (listener: () => void) => {
      stdout.on('resize', listener);
      return () => void stdout.off('resize', listener);
    },
    [stdout],
  );
  const columns = useSyncExternalStore(subscribe, () => terminalSize(stdout).columns);
  const rows = useSyncExternalStore(subscribe, () => terminalSize(stdout).rows);
  return { columns, rows };
}
