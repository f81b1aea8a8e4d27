/** Parses raw input into key presses. */
import type { Key } from 'ink';
import { isAnswer } from './terminal.js';

export interface KeyPress {
  /** The character, if any; with ctrl, the letter. */
  input: string;
  key: Key;
}

const none: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

/** Escape sequences of keys, without the escape. */
const sequences: Record<string, Partial<Key>> = {
  '[A': { upArrow: true },
  '[B': { downArrow: true },
  '[C': { rightArrow: true },
  '[D': { leftArrow: true },
  OA: { upArrow: true },
  OB: { downArrow: true },
  OC: { rightArrow: true },
  OD: { leftArrow: true },
  '[1;2A': { upArrow: true, shift: true },
  '[1;2B': { downArrow: true, shift: true },
  '[a': { upArrow: true, shift: true },
  '[b': { downArrow: true, shift: true },
  '[5~': { pageUp: true },
  '[6~': { pageDown: true },
  '[H': { home: true },
  '[F': { end: true },
  OH: { home: true },
  OF: { end: true },
  '[1~': { home: true },
  '[4~': { end: true },
  '[7~': { home: true },
  '[8~': { end: true },
  '[3~': { delete: true },
  '[Z': { tab: true, shift: true },
};

const esc = '\x1b';

/**
 * @param data one escape sequence, or text that arrived in one chunk: typed quickly, over a slow connection, or pasted
 * @returns nothing for unknown keys and for answers of the terminal
 */
export function keysOf(data: string): KeyPress[] {
  if (data === esc) return [{ input: '', key: { ...none, escape: true } }];
  if (data.startsWith(esc)) {
    const sequence = data.slice(1);
    const found = sequences[sequence];
    if (found) return [{ input: '', key: { ...none, ...found } }];
    return [...sequence].length === 1 ? [{ input: sequence, key: { ...none, meta: true } }] : [];
  }
  return isAnswer(data) ? [] : [...data].map(pressOf);
}

function pressOf(char: string): KeyPress {
  if (char === '\t') return { input: '', key: { ...none, tab: true } };
  if (char === '\r' || char === '\n') return { input: '', key: { ...none, return: true } };
  if (char === '\b' || char === '\x7f') return { input: '', key: { ...none, backspace: true } };
  if (char >= ' ') return { input: char, key: none };
  // Ctrl-A to Ctrl-Z are the characters 1 to 26.
  return { input: String.fromCharCode(char.charCodeAt(0) + 96), key: { ...none, ctrl: true } };
}

/** The text after an editing key; undefined for any other key. */
export function edit(text: string, { input, key }: KeyPress): string | undefined {
  if (key.backspace || key.delete) return [...text].slice(0, -1).join('');
  if (key.ctrl && input === 'u') return '';
  if (key.ctrl && input === 'w') return text.replace(/\S+\s*$/, '');
  return key.ctrl || key.meta || input === '' ? undefined : text + input;
}
