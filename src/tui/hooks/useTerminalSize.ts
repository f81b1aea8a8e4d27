/** The terminal's size, kept up to date. */
import { useStdout } from 'ink';
import { useEffect, useState } from 'react';
import { terminalSize } from '../look.js';

export function useTerminalSize(): { columns: number; rows: number } {
  const { stdout } = useStdout();
  const [size, setSize] = useState(() => terminalSize(stdout));
  useEffect(() => {
    const update = () => setSize(terminalSize(stdout));
    stdout.on('resize', update);
    return () => void stdout.off('resize', update);
  }, [stdout]);
  return size;
}
