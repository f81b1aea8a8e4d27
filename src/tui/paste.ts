/**
 * Bracketed paste: the terminal marks pasted and dropped text, which must not act as keys.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-Bracketed-Paste-Mode
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPictureName } from '../image/formats.js';

export const startPasteMode = '\x1b[?2004h';
export const endPasteMode = '\x1b[?2004l';

const begin = '\x1b[200~';
const end = '\x1b[201~';

/** Maximum number of characters; further ones are dropped. */
const maxLength = 100_000;

/** Separates pasted text from keys. */
export class PasteReader {
  private text: string | undefined;

  /**
   * @param data a sequence or text as Ink splits its input
   * @returns 'key' if it is not part of a paste; the whole text at the end of a paste; undefined within one
   */
  read(data: string): 'key' | { pasted: string } | undefined {
    if (data === begin) this.text = '';
    else if (this.text === undefined) return 'key';
    else if (data === end) {
      const pasted = this.text;
      this.text = undefined;
      return { pasted };
    } else this.text = (this.text + data).slice(0, maxLength);
    return undefined;
  }
}

/** Pasted text for an input line: a single line without control characters. */
export const lineOf = (pasted: string): string => pasted.replace(/\p{Cc}+/gu, ' ').trim();

/**
 * Paths in pasted text, as terminals and file managers write them: one or several, quoted, with escaped spaces, as file: URLs,
 * or a single path as it is. Empty if the text is something else.
 */
export function pathsIn(pasted: string): string[] {
  const whole = pasted.trim();
  if (isAbsolute(whole) && existsSync(whole)) return [whole];
  // URLs may contain quotes, but no spaces.
  const urls = whole.split(/\s+/);
  const words = (urls.every(isFileUrl) ? urls : wordsIn(whole)).map(toPath);
  return words.length > 0 && words.every((word) => word !== undefined) ? (words as string[]) : [];
}

/** Splits like a POSIX shell: at white space outside quotes. On Windows the backslash separates folders instead. */
function wordsIn(text: string): string[] {
  const escaped = process.platform === 'win32' ? '' : String.raw`|\\([\s\S])`;
  const part = new RegExp(String.raw`'([^']*)'|"([^"]*)"${escaped}|([^\s'"])`, 'y');
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match) {
      word = (word ?? '') + match.slice(1).join('');
      at = part.lastIndex;
    } else {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
    }
  }
  return word === undefined ? words : [...words, word];
}

const isFileUrl = (word: string) => /^file:/i.test(word);

function toPath(word: string): string | undefined {
  if (isFileUrl(word)) {
    try {
      return fileURLToPath(word);
    } catch {
      return undefined;
    }
  }
  if (/^~[\\/]/.test(word)) return join(homedir(), word.slice(2));
  const isPath = isAbsolute(word) || /^\.{1,2}[\\/]/.test(word) || isPictureName(word);
  return isPath ? word : undefined;
}
