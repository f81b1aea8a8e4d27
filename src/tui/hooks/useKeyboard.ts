/**
 * Raw key presses and pasted text. Ink's useInput throws on some unknown keys, such as ctrl-F1, so this listens to Ink's emitter. That is
 * private API, hence the exact version of ink in package.json.
 */
import { useStdin } from 'ink';
import { useEffect, useRef } from 'react';
import { type KeyPress, keysOf } from '../keys.js';
import { PasteReader } from '../paste.js';

export function useKeyboard(press: (keyPress: KeyPress) => void, paste: (text: string) => void): void {
  const { setRawMode, internal_eventEmitter: keyboard } = useStdin();
  const latest = useRef({ press, paste });
  latest.current = { press, paste };
  useEffect(() => {
    setRawMode(true);
    return () => setRawMode(false);
  }, [setRawMode]);
  useEffect(() => {
    const reader = new PasteReader();
    const listen = (data: string) => {
      const read = reader.read(data);
      if (read === 'key') for (const keyPress of keysOf(data)) latest.current.press(keyPress);
      else if (read) latest.current.paste(read.pasted);
    };
    keyboard.on('input', listen);
    return () => void keyboard.off('input', listen);
  }, [keyboard]);
}
