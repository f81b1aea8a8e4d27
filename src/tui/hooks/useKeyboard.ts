/**
 * Raw key presses and pasted text. Ink's useInput throws on some unknown keys, such as ctrl-F1, so this listens to Ink's emitter. That is
 * private API, hence the exact version of ink in package.json.
 */
import { useStdin } from 'ink';
import { useEffect, useRef } from 'react';
import { type KeyPress, keysOf } from '../keys.js';
import { type MouseEvent, mouseEventOf } from '../mouse.js';
import { PasteReader } from '../paste.js';
import { focusIn } from '../terminal.js';

export interface Listeners {
  press(keyPress: KeyPress): void;
  paste(text: string): void;
  /** The terminal got the focus; it says so if asked to. */
  focus(): void;
  mouse(event: MouseEvent): void;
}

export function useKeyboard(listeners: Listeners): void {
  const { setRawMode, internal_eventEmitter: keyboard } = useStdin();
  const latest = useRef(listeners);
  latest.current = listeners;
  useEffect(() => {
    setRawMode(true);
    return () => setRawMode(false);
  }, [setRawMode]);
  useEffect(() => {
    const reader = new PasteReader();
    const listen = (data: string) => {
      const read = reader.read(data);
      const mouse = mouseEventOf(data);
      if (data === focusIn) latest.current.focus();
      else if (mouse) latest.current.mouse(mouse);
      else if (read === 'key') for (const keyPress of keysOf(data)) latest.current.press(keyPress);
      else if (read) latest.current.paste(read.pasted);
    };
    keyboard.on('input', listen);
    return () => void keyboard.off('input', listen);
  }, [keyboard]);
}
