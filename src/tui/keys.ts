/** Keys one by one, as a person pressed them. */
import type { Key } from 'ink';
import { isAnswer } from './terminal.js';

export interface KeyPress {
  /** The character, if it is one; with ctrl the letter. */
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

/** What terminals send after an escape. */
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
  '[3~': { delete: true },
  '[Z': { tab: true, shift: true },
};

const esc = '\x1b';

/**
 * @param data one control sequence, or text that came in one go: from a fast hand, a slow line, or pasted
 * @returns nothing for keys that mean nothing here, and for what a terminal answers
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

/** Text after a key: a character more or less, a word less, or none. Undefined where the key is none of these. */
export function edit(text: string, { input, key }: KeyPress): string | undefined {
  if (key.backspace || key.delete) return [...text].slice(0, -1).join('');
  if (key.ctrl && input === 'u') return '';
  if (key.ctrl && input === 'w') return text.replace(/\S+\s*$/, '');
  return key.ctrl || key.meta || input === '' ? undefined : text + input;
}
