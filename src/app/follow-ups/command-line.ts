/** Command lines of --exec: split into words by quoting rules first, and filled in after, so that a file's name never splits a word. */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, extname, join } from 'node:path';
import { split } from 'shlex';
import type { FollowUp } from '../../queue/follow-ups.js';
import { UserError } from '../../util/errors.js';
import { styleName } from '../../util/format.js';
import { closest } from '../../util/suggest.js';

export interface Command {
  /** As the flag has it. */
  line: string;
  /** With placeholders; for a shell, the line as it is. */
  words: readonly string[];
  shell: boolean;
}

const placeholders = {
  '--exec': ['output', 'source', 'name', 'style', 'job'],
  '--exec-failed': ['source', 'name', 'style', 'reason', 'job'],
} as const;

type Flag = keyof typeof placeholders;
type Name = (typeof placeholders)[Flag][number];

const placeholder = /\{(\w+)\}/g;

/** The environment variable that has a placeholder's value. */
const variable = (name: string) => `STYLIZE_${name.toUpperCase()}`;

/**
 * @param shell the line is for a shell, where values are environment variables
 * @throws UserError for a quote that is not closed, a placeholder that does not exist, or a command that is not installed
 */
export function parseCommand(flag: Flag, line: string, shell: boolean): Command {
  const known: readonly string[] = placeholders[flag];
  if (line.trim() === '') throw new UserError(`${flag}: expected a command, got nothing.`);
  if (shell) {
    const [whole, name] = [...line.matchAll(placeholder)].find(([, name]) => known.includes(name)) ?? [];
    if (name !== undefined)
      throw new UserError(
        `${flag} ${line}: for a shell, write "$${variable(name)}" in place of ${whole}, so that no file's name is read as a command.`,
      );
    if (process.platform === 'win32')
      throw new UserError(
        '--exec-shell: is not available on Windows. Name a program or a script without it.',
      );
    return { line, words: [line], shell };
  }
  const words = wordsOf(flag, line);
  for (const [whole, name] of line.matchAll(placeholder)) {
    if (known.includes(name)) continue;
    const near = closest(name, known);
    throw new UserError(
      `${flag} ${line}: there is no ${whole}.${near ? ` Did you mean {${near}}?` : ''} There are ${known.map((each) => `{${each}}`).join(', ')}.`,
    );
  }
  if (words[0].search(placeholder) < 0 && !isInstalled(words[0]))
    throw new UserError(
      `${flag} ${line}: there is no command ${words[0]}. Install it, or check its name.${words[0].includes(' ') ? '' : needsShell(line)}`,
    );
  return { line, words, shell };
}

/** The values of a row: absolute paths, and text without NUL. */
export function valuesOf({ job, source, output, styles, why }: FollowUp): Record<Name, string> {
  return {
    output: output ?? '',
    source,
    name: basename(source, extname(source)),
    style: styles.length > 0 ? styleName(styles) : '',
    reason: (why ?? '').replaceAll('\0', '?'),
    job: String(job),
  };
}

/** The program and its arguments. */
export function filled({ words, shell }: Command, values: Record<Name, string>): string[] {
  if (shell) return ['/bin/sh', '-c', ...words];
  return words.map((word) => word.replace(placeholder, (_, name: Name) => values[name]));
}

/** The values as environment variables, for shells and scripts. */
export const environment = (values: Record<Name, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [variable(name), value]));

function wordsOf(flag: Flag, line: string): string[] {
  try {
    // No shell expands it.
    return split(line).map((word) => word.replace(/^~(?=\/|$)/, () => homedir()));
  } catch {
    throw new UserError(`${flag} ${line}: a quotation mark is not closed.`);
  }
}

/** What only a shell understands is a common reason why a word is no command. */
const needsShell = (line: string) =>
  /[|<>&;*]|\$\w/.test(line) ? ' Pipes and variables need --exec-shell.' : '';

/** Whether a program can be started by this name: a path, or in one of the folders of PATH. */
function isInstalled(name: string): boolean {
  const isPath = /[\\/]/.test(name);
  const folders = isPath ? [''] : (process.env.PATH ?? '').split(delimiter);
  const endings = process.platform === 'win32' ? ['', ...(process.env.PATHEXT ?? '.EXE').split(';')] : [''];
  return folders.some((folder) => endings.some((ending) => isExecutable(join(folder, name) + ending)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
