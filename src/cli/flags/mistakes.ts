/** Mistakes on the command line: what is wrong, and the one thing to do. */
import { existsSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { UserError } from '../../util/errors.js';
import { program } from '../../util/program.js';
import { didYouMean } from '../../util/suggest.js';
import { type Described, describeCommand, spellings } from './catalog.js';
import { kebab } from './values.js';

/** All commands, in the order of the help. Names only, since the commands load native libraries. */
export const commandNames = [
  'run',
  'watch',
  'video',
  'work',
  'queue',
  'sweep',
  'compare',
  'gallery',
  'jobs',
  'demo',
  'presets',
  'config',
  'models',
  'engine',
  'completion',
  'doctor',
] as const;

const everywhere = ['--help', '-h', '--version', '-v'];

const isFlag = (arg: string) => /^-[^\d.]/.test(arg);

/**
 * Puts the command first. Without one, photos to paint mean `run`.
 * @throws UserError if neither a command nor a photo is given
 */
export function commandFirst(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !isFlag(arg));
  const word = args[at];
  if (commandNames.some((name) => name === word)) return [word, ...args.toSpliced(at, 1)];
  if (args.some((arg) => everywhere.includes(arg))) return args;
  if (args.length === 0)
    throw new UserError(
      `Which photo? ${program.name} photo.jpg --style starry-night paints one; ${program.name} --help lists all commands.`,
    );
  const isWord = at === 0 && /^[\w-]+$/.test(word) && !existsSync(word);
  if (isWord)
    throw new UserError(
      `${word}: there is no such command or file.${didYouMean(word, commandNames)}\nSee ${program.name} --help.`,
    );
  return ['run', ...args];
}

/** @throws UserError for a flag that the command does not have, or one without its value */
export function checkFlags(
  args: readonly string[],
  commands: readonly CommandModule[],
  asked: string | undefined,
): void {
  const { options } = describe(commands, asked);
  const known = [...spellings(options), ...everywhere];
  const needy = spellings(new Map([...options].filter(([, { requiresArg }]) => requiresArg)));
  const end = args.indexOf('--');
  for (const [i, arg] of args.entries()) {
    if (i === end) break;
    if (!isFlag(arg)) continue;
    const [flag] = arg.split('=');
    if (!known.includes(flag) && !known.includes(kebab(flag)))
      throw unknownFlag(flag, known, commands, asked);
    const isLast = args[i + 1] === undefined || isFlag(args[i + 1]);
    // A script's --width=$WIDTH with an empty variable would be read as 0.
    if (arg === `${flag}=` || (arg === flag && isLast && needy.includes(kebab(flag))))
      throw new UserError(`${arg} needs a value.\nSee ${helpOf(asked)}.`);
  }
}

function unknownFlag(
  flag: string,
  known: readonly string[],
  commands: readonly CommandModule[],
  asked: string | undefined,
): UserError {
  const others = commandNames.filter(
    (name) => name !== asked && spellings(describe(commands, name).options).includes(flag),
  );
  // A single letter is near every other one.
  const near =
    flag.length > 2
      ? didYouMean(
          flag,
          known.filter((name) => name.length > 2),
        )
      : '';
  const hint = near || (others.length > 0 ? ` It is a flag of ${others.join(', ')}.` : '');
  return new UserError(`${flag}: there is no such flag.${hint}\nSee ${helpOf(asked)}.`);
}

/** What is wrong, for a message of yargs; a message of our own, which yargs passes on, stays as it is. */
export function explainMistake(
  message: string,
  [, word]: readonly string[],
  commands: readonly CommandModule[],
  asked: string | undefined,
): string {
  const { options, positionals, subcommands, examples } = describe(commands, asked);
  const subcommand = subcommands.find(({ usage }) => nameOf(usage) === word)?.usage;
  const withHelp = (sentence: string) => `${sentence}\nSee ${helpOf(asked)}.`;
  const [, flags] = /^Missing required arguments?: (.*)/.exec(message) ?? [];
  if (flags) {
    const wanted = flags.split(', ').map((name) => `--${name} (${options.get(name)?.describe})`);
    return withHelp(`${asked} needs ${wanted.join(' and ')}.`);
  }
  if (message.startsWith('Not enough non-option arguments')) {
    const usage = subcommand ?? String(commandOf(commands, asked)?.command);
    const wanted = [...usage.matchAll(/<(\w+)/g)].map(
      ([, name]) => `<${name}> (${positionals.get(name)?.describe ?? name})`,
    );
    const example = examples.find((line) => line.split(' ').includes(nameOf(usage)));
    return withHelp(
      `${subcommand ? `${asked} ` : ''}${nameOf(usage)} needs ${wanted.join(' and ')}.${example ? ` For example: ${example.replace('$0', program.name)}` : ''}`,
    );
  }
  const [, unknown] = /^Unknown arguments?: (.*)/.exec(message) ?? [];
  if (unknown) {
    const names = subcommands.map(({ usage }) => nameOf(usage));
    return withHelp(
      `${unknown}: ${asked} has no use for it.${word && !subcommand ? didYouMean(word, names) : ''}`,
    );
  }
  const [, flag, given, choices] = /Argument: (.*?), Given: (.*?), Choices: (.*)/.exec(message) ?? [];
  if (flag) {
    const [value, all] = [given, choices].map((text) => text.replaceAll('"', ''));
    const name = options.has(flag) ? `--${flag}` : flag;
    return withHelp(`${name} ${value}: expected one of ${all}.${didYouMean(value, all.split(', '))}`);
  }
  return message;
}

/** "convert" for "convert <file> <out>" */
export const nameOf = (usage: string) => usage.split(' ')[0];

const commandOf = (commands: readonly CommandModule[], asked: string | undefined) =>
  commands.find(({ command }) => nameOf(String(command)) === asked);

const nothing: Described = { options: new Map(), positionals: new Map(), subcommands: [], examples: [] };

const describe = (commands: readonly CommandModule[], asked: string | undefined): Described => {
  const command = commandOf(commands, asked);
  return command ? describeCommand(command.builder) : nothing;
};

const helpOf = (asked: string | undefined) => [program.name, asked, '--help'].filter(Boolean).join(' ');
