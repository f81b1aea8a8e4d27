/**
 * Raw key presses. Ink's useInput throws on some unknown keys, such as ctrl-F1, so this listens to Ink's emitter. That is
 * private API, hence the exact version of ink in package.json.
 */
import { useStdin } from 'ink';
import { useEffect, useRef } from 'react';
import { type KeyPress, keysOf } from '../keys.js';

export function useKeyboard(press: (keyPress: KeyPress) => void): void {
  const { setRawMode, internal_eventEmitter: keyboard } = useStdin();
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    setRawMode(true);
    return () => setRawMode(false);
  }, [setRawMode]);
  useEffect(() => {
    const listen = (data: string) => keysOf(data).forEach((keyPress) => void latest.current(keyPress));
    keyboard.on('input', listen);
    return () => void keyboard.off('input', listen);
  }, [keyboard]);
}
