/** Checks what the terminal can do, and the keys. */
import { existsSync } from 'node:fs';
import chalk from 'chalk';
import { readKeys } from '../../tui/chosen-keys.js';
import { smallestColumns, smallestRows } from '../../tui/layout.js';
import {
  canShowScreen,
  detectLook,
  localeVariable,
  protocolFor,
  type TerminalFacts,
  terminalSize,
} from '../../tui/look.js';
import type { Protocol } from '../../tui/native.js';
import { askTerminal, askTmux, handsOnPictures, type Tmux } from '../../tui/terminal.js';
import { folders } from '../../util/folders.js';
import { unicode } from '../../util/format.js';
import { bad, type Finding, good, missing } from './finding.js';

export async function checkTerminal(): Promise<Finding[]> {
  const { env, stdin, stdout } = process;
  const facts = canShowScreen() ? await askTerminal() : undefined;
  // It was read for the answers, and would keep the program.
  if (facts) stdin.pause().unref();
  return [
    good('terminal', nameOf(env)),
    checkScreen(stdout.isTTY ? terminalSize(stdout) : undefined, env),
    checkColors(chalk.level, Boolean(stdout.isTTY), env),
    checkCharacters(env),
    checkPictures(facts, await askTmux(), chalk.level, env),
    await checkKeys(folders.keys),
  ];
}

function nameOf(env: NodeJS.ProcessEnv): string {
  const program = [env.TERM_PROGRAM, env.TERM_PROGRAM_VERSION].filter(Boolean).join(' ');
  return [`TERM ${env.TERM ?? 'is not set'}`, program, env.TMUX && !/tmux/.test(program) ? 'tmux' : '']
    .filter(Boolean)
    .join(', ');
}

/** @param size in cells; undefined if stdout is not a terminal */
export function checkScreen(
  size: { columns: number; rows: number } | undefined,
  env: NodeJS.ProcessEnv,
): Finding {
  const name = 'screen';
  if (!size) return missing(name, 'stdout is not a terminal: plain lines instead');
  const { columns, rows } = size;
  const found = `${columns}×${rows}`;
  if (columns < smallestColumns || rows < smallestRows) {
    const least = `${smallestColumns}×${smallestRows}`;
    return bad(name, `${found}: too small`, `enlarge the window to ${least} or more`);
  }
  if (env.TERM === 'dumb')
    return missing(name, `${found}, TERM is dumb: plain lines instead`, 'export TERM=xterm-256color');
  if (!canShowScreen()) return missing(name, `${found}, stdin is not a terminal: plain lines instead`);
  return good(name, found);
}

/** @param level as in chalk, 0 to 3 */
export function checkColors(level: number, isTerminal: boolean, env: NodeJS.ProcessEnv): Finding {
  const name = 'colors';
  if (level > 0) return good(name, ['', '16', '256', 'truecolor'][level]);
  if (env.NO_COLOR) return missing(name, 'none: NO_COLOR is set', 'unset NO_COLOR');
  if (env.FORCE_COLOR) return missing(name, `none: FORCE_COLOR is ${env.FORCE_COLOR}`, 'unset FORCE_COLOR');
  if (!isTerminal) return missing(name, 'none: stdout is not a terminal');
  return missing(name, `none: TERM is ${env.TERM ?? 'not set'}`, 'export TERM=xterm-256color');
}

export function checkCharacters(env: NodeJS.ProcessEnv): Finding {
  const variable = localeVariable(env);
  const from = variable ? `${variable} is ${env[variable]}` : 'no locale is set';
  if (detectLook(env).glyphs === unicode) return good('characters', `Unicode, ${from}`);
  if (env.TERM === 'linux')
    return missing('characters', 'ASCII, TERM is linux', 'use a desktop terminal, or SSH');
  return missing('characters', `ASCII, ${from}`, `export ${variable ?? 'LANG'}=C.UTF-8`);
}

const pictureWays: Record<Protocol, string> = {
  kitty: "in full resolution, with kitty's graphics",
  placeholders: "in full resolution, with kitty's graphics through tmux (allow-passthrough is on)",
  iterm2: "in colored blocks; alone (v) in full resolution, with iTerm2's inline images",
  sixel: 'in colored blocks; alone (v) in full resolution, as sixels',
};

/**
 * How pictures are shown on the screen.
 * @param facts what the terminal answered; undefined if there is no screen
 */
export function checkPictures(
  facts: TerminalFacts | undefined,
  tmux: Tmux | undefined,
  colors: number,
  env: NodeJS.ProcessEnv,
): Finding {
  const name = 'pictures';
  if (!facts) return missing(name, 'none: there is no screen');
  const protocol = protocolFor({ ...facts, placeholders: handsOnPictures(tmux) }, env);
  if (protocol) return good(name, pictureWays[protocol]);
  const how = colors > 0 ? 'in colored blocks' : 'in characters';
  if (env.STY) return missing(name, `${how}: screen hands on no others`);
  if (!tmux) return missing(name, `${how}: the terminal knows no graphics`);
  if (!tmux.drawsPlaceholders)
    return missing(name, `${how}: within tmux only the graphics of kitty and Ghostty work`);
  return missing(name, `${how}: tmux's allow-passthrough is off`, 'tmux set -g allow-passthrough on');
}

/** @param path of the user's own keys, keys.json */
export async function checkKeys(path: string): Promise<Finding> {
  const name = 'keys';
  const { problems } = await readKeys(path);
  if (problems.length > 0) return missing(name, problems.join(' '), `edit ${path}`);
  return good(name, existsSync(path) ? `as in ${path}` : 'the usual ones');
}
