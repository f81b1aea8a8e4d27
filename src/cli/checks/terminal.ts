/** Checks the capabilities of the terminal. */
import chalk from 'chalk';
import supportsTerminalGraphics from 'supports-terminal-graphics';
import { smallestColumns, smallestRows } from '../../tui/layout.js';
import { canShowScreen, detectLook, localeVariable, terminalSize } from '../../tui/look.js';
import { unicode } from '../../util/format.js';
import { bad, type Finding, good, missing } from './finding.js';

export function checkTerminal(): Finding[] {
  const { env, stdout } = process;
  return [
    good('terminal', nameOf(env)),
    checkScreen(stdout.isTTY ? terminalSize(stdout) : undefined, env),
    checkColors(chalk.level, Boolean(stdout.isTTY), env),
    checkCharacters(env),
    checkImages(),
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

function checkImages(): Finding {
  const { kitty, iterm2 } = supportsTerminalGraphics.stdout;
  const protocols = [kitty && 'kitty', iterm2 && 'iTerm2'].filter(Boolean);
  if (protocols.length > 0) return good('image protocol', protocols.join(', '));
  return missing('image protocol', 'none known: pictures are drawn in colored blocks');
}
