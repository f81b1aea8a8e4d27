/** Keys one by one, as a person pressed them. */
import type { Key } from 'ink';
import { isAnswer } from './terminal.js';

/** A control sequence that Ink knows no key for, without its escape: a function key, or an answer of the terminal. */
const unknown = /^(\[[0-?]*[ -/]*[@-~]|O[A-Z])$/;

/** Keys that come in one go, from a fast hand or a slow line, are one text to Ink. */
export function keysOf(input: string, key: Key): { input: string; key: Key }[] {
  if (input.length < 2) return [{ input, key }];
  if (unknown.test(input) || isAnswer(input)) return [];
  return [...input].map((char) => ({ input: letterOf(char), key: { ...key, ...meaningOf(char) } }));
}

const isControl = (char: string) => char < ' ' && char !== '\t' && char !== '\r';

/** Ctrl-A to Ctrl-Z are the characters 1 to 26. */
const letterOf = (char: string) => (isControl(char) ? String.fromCharCode(char.charCodeAt(0) + 96) : char);

const meaningOf = (char: string): Partial<Key> => ({
  tab: char === '\t',
  return: char === '\r',
  backspace: char === '\b' || char === '\x7f',
  ctrl: isControl(char) && char !== '\b',
});

type Editing = Pick<Key, 'ctrl' | 'meta' | 'backspace' | 'delete'>;

/** Text after a key: a character more or less, a word less, or none. Undefined where the key is none of these. */
export function edit(text: string, input: string, key: Editing): string | undefined {
  // Terminals differ in which of the two the backspace key sends.
  if (key.backspace || key.delete) return [...text].slice(0, -1).join('');
  if (key.ctrl && input === 'u') return '';
  if (key.ctrl && input === 'w') return text.replace(/\S+\s*$/, '');
  return key.ctrl || key.meta || input < ' ' ? undefined : text + input;
}
