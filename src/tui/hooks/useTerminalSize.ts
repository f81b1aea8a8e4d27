/** The terminal's size, updated synchronously, so that no frame of the old size is drawn after a resize. */
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
