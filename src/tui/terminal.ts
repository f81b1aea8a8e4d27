/** Asks the terminal for its background and the size of its cells, before Ink listens to the keyboard. */
import { lumaOf } from '../image/luma.js';
import type { TerminalFacts } from './look.js';

/** Queries for background and cell size, then one that every terminal answers: after that answer no other follows. */
const questions = '\x1b]11;?\x1b\\\x1b[16t\x1b[c';
const esc = '\x1b';
const background = new RegExp(`${esc}\\]11;rgb:(\\w+)/(\\w+)/(\\w+)(?:\x07|${esc}\\\\)`);
const cell = new RegExp(`${esc}\\[6;(\\d+);(\\d+)t`);
const last = new RegExp(`${esc}\\[\\?[\\d;]*c`);

/** Milliseconds; over a slow connection an answer can take most of a second. */
const patience = 1000;

/** The terminal's answers, if any. Keys typed meanwhile are put back into stdin. */
export async function askTerminal(
  stdin: NodeJS.ReadStream = process.stdin,
  stdout: NodeJS.WriteStream = process.stdout,
): Promise<TerminalFacts> {
  let heard = '';
  stdin.setRawMode(true);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(finish, patience);
    function listen() {
      for (let data = stdin.read(); data !== null; data = stdin.read()) heard += data.toString();
      if (last.test(heard)) finish();
    }
    function finish() {
      clearTimeout(timer);
      stdin.off('readable', listen);
      resolve();
    }
    // Read with 'readable', as Ink does: once a stream has flowed and been paused, Ink gets no more input from it.
    stdin.on('readable', listen);
    stdout.write(questions);
  });
  stdin.setRawMode(false);
  const typed = withoutAnswers(heard);
  if (typed) stdin.unshift(Buffer.from(typed));
  return factsFrom(heard);
}

/** Parses a terminal's answers. */
export function factsFrom(answers: string): TerminalFacts {
  const [, ...channels] = background.exec(answers) ?? [];
  const [, height, width] = cell.exec(answers) ?? [];
  // Channels may have one to four hex digits.
  const [r, g, b] = channels.map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  const cellHeight = Number(height) / Number(width);
  return {
    bright: channels.length > 0 ? lumaOf(r, g, b) > 0.5 : undefined,
    cellHeight: cellHeight > 1 && cellHeight < 4 ? cellHeight : undefined,
  };
}

/** The input without the answers: what was typed. */
const withoutAnswers = (input: string) =>
  [background, cell, last].reduce((text, answer) => text.replace(answer, ''), input);

/** Whether input is a late answer of the terminal; Ink has stripped its prefix. */
export const isAnswer = (input: string) => /^11;rgb:|^\[6;\d+;\d+t$|^\[\?[\d;]*c$/.test(input);
