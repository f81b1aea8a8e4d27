/** Asks the terminal for its background and the size of its cells, before Ink listens to the keyboard. */
import { lumaOf } from '../image/luma.js';
import type { TerminalFacts } from './look.js';

/** Background, cell size, and a question that every terminal answers: after its answer nothing more is to come. */
const questions = '\x1b]11;?\x1b\\\x1b[16t\x1b[c';
const esc = '\x1b';
const background = new RegExp(`${esc}\\]11;rgb:(\\w+)/(\\w+)/(\\w+)(?:\x07|${esc}\\\\)`);
const cell = new RegExp(`${esc}\\[6;(\\d+);(\\d+)t`);
const last = new RegExp(`${esc}\\[\\?[\\d;]*c`);

/** Milliseconds; over a slow line an answer takes a good part of a second. */
const patience = 1000;

/** What it answers, as far as it does. What a person types meanwhile is put back. */
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
    // As Ink listens: a stream that flowed and was paused would not read for it again.
    stdin.on('readable', listen);
    stdout.write(questions);
  });
  stdin.setRawMode(false);
  const typed = withoutAnswers(heard);
  if (typed) stdin.unshift(Buffer.from(typed));
  return factsFrom(heard);
}

/** Of a text that holds a terminal's answers. */
export function factsFrom(answers: string): TerminalFacts {
  const [, ...channels] = background.exec(answers) ?? [];
  const [, height, width] = cell.exec(answers) ?? [];
  // Of however many digits a channel has.
  const [r, g, b] = channels.map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  const cellHeight = Number(height) / Number(width);
  return {
    bright: channels.length > 0 ? lumaOf(r, g, b) > 0.5 : undefined,
    cellHeight: cellHeight > 1 && cellHeight < 4 ? cellHeight : undefined,
  };
}

/** What is left of it for the keys. */
const withoutAnswers = (input: string) =>
  [background, cell, last].reduce((text, answer) => text.replace(answer, ''), input);

/** Whether what comes in as keys is an answer that took too long; Ink has taken its beginning off. */
export const isAnswer = (input: string) => /^11;rgb:|^\[6;\d+;\d+t$|^\[\?[\d;]*c$/.test(input);
