/** Asks the terminal what it can do, before Ink listens to the keyboard. */
import { execa } from 'execa';
import { lumaOf } from '../image/luma.js';
import type { TerminalFacts } from './look.js';

/**
 * Queries for the background, the size of cells, synchronized output, and how many colors and pixels sixels may have; then for
 * the kind of terminal, which every terminal answers: after that answer no other follows.
 */
const questions = '\x1b]11;?\x1b\\\x1b[16t\x1b[?2026$p\x1b[?1;1;0S\x1b[?2;1;0S\x1b[c';
const esc = '\x1b';
const background = new RegExp(`${esc}\\]11;rgb:(\\w+)/(\\w+)/(\\w+)(?:\x07|${esc}\\\\)`);
const cell = new RegExp(`${esc}\\[6;(\\d+);(\\d+)t`);
const synchronized = new RegExp(`${esc}\\[\\?2026;(\\d)\\$y`);
const sixelColors = new RegExp(`${esc}\\[\\?1;0;(\\d+)S`);
const sixelSize = new RegExp(`${esc}\\[\\?2;0;(\\d+);(\\d+)S`);
const noSixels = new RegExp(`${esc}\\[\\?[12];[123](?:;\\d+)*S`, 'g');
const last = new RegExp(`${esc}\\[\\?([\\d;]*)c`);

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

/** Asks the terminal to say when it gets the focus, and ends that. */
export const [startFocusMode, endFocusMode] = ['\x1b[?1004h', '\x1b[?1004l'];
export const focusIn = '\x1b[I';

/** Parses a terminal's answers. */
export function factsFrom(answers: string): TerminalFacts {
  const [, ...channels] = background.exec(answers) ?? [];
  const [, height, width] = cell.exec(answers) ?? [];
  // Channels may have one to four hex digits.
  const [r, g, b] = channels.map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  const cellHeight = Number(height) / Number(width);
  const isSane = cellHeight > 1 && cellHeight < 4;
  const [, kind = ''] = last.exec(answers) ?? [];
  const [, mode] = synchronized.exec(answers) ?? [];
  return {
    bright: channels.length > 0 ? lumaOf(r, g, b) > 0.5 : undefined,
    cellHeight: isSane ? cellHeight : undefined,
    cell: isSane ? { width: Number(width), height: Number(height) } : undefined,
    // Its first number is the kind of terminal, the others are what it can do.
    sixel: kind.split(';').slice(1).includes('4') ? sixelFrom(answers) : undefined,
    // On or off, now or for ever; 0 and 4 mean that it cannot be switched on.
    synchronized: ['1', '2', '3'].includes(mode),
  };
}

function sixelFrom(answers: string): TerminalFacts['sixel'] {
  const [, colors] = sixelColors.exec(answers) ?? [];
  const [, width, height] = sixelSize.exec(answers) ?? [];
  return {
    colors: Number(colors) > 1 ? Number(colors) : undefined,
    largest: Number(width) > 0 ? { width: Number(width), height: Number(height) } : undefined,
  };
}

/** Terminals that draw kitty's placeholders, by TERM or by the name they answer. */
const withPlaceholders = /kitty|ghostty/i;

/** The tmux around this program. */
export interface Tmux {
  /** It hands on what programs send to its terminal: `allow-passthrough`. */
  passes: boolean;
  /** Its terminal draws kitty's placeholders. */
  drawsPlaceholders: boolean;
}

/** Undefined outside tmux. If several terminals show the session, the one that was used last counts. */
export async function askTmux(env: NodeJS.ProcessEnv = process.env): Promise<Tmux | undefined> {
  if (!env.TMUX) return undefined;
  const format = '#{allow-passthrough} #{client_termname} #{client_termtype}';
  const pane = env.TMUX_PANE ? ['-t', env.TMUX_PANE] : [];
  const { stdout = '' } = await execa('tmux', ['display-message', '-p', ...pane, format], {
    reject: false,
    timeout: patience,
  });
  return { passes: /^(on|all|1) /.test(stdout), drawsPlaceholders: withPlaceholders.test(stdout) };
}

/** Whether pictures reach a terminal that draws kitty's placeholders through this tmux. */
export const handsOnPictures = (tmux: Tmux | undefined): boolean =>
  tmux?.passes === true && tmux.drawsPlaceholders;

/** The input without the answers: what was typed. */
const withoutAnswers = (input: string) =>
  [background, cell, synchronized, sixelColors, sixelSize, noSixels, last].reduce(
    (text, answer) => text.replace(answer, ''),
    input,
  );

/** Whether input is a late answer of the terminal; Ink has stripped its prefix. */
export const isAnswer = (input: string) =>
  /^11;rgb:|^\[6;\d+;\d+t$|^\[\?2026;\d\$y$|^\[\?[\d;]*[cS]$/.test(input);
