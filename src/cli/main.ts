/** Parses the command line, runs the command and sets the exit code. */
import { constants } from 'node:os';
import yargs, { type CommandModule } from 'yargs';
import { UserError } from '../util/errors.js';
import { program } from '../util/program.js';
import { warn } from '../util/say.js';
import { doctorCommand } from './commands/doctor.js';
import { type Config, camel, currentConfig, loadConfig } from './config.js';
import { checkFlags, commandFirst, commandNames, explainMistake } from './flags/mistakes.js';
import { americanSpelling, expandHome, kebab } from './flags/values.js';

/**
 * Exit codes. 0: success. 1: some pictures failed, or doctor found a problem. 2: wrong usage. 130 and 143: stopped by a
 * signal. 141: the reader of stdout closed it.
 */
const wrongUsage = 2;

export async function main(args: readonly string[]): Promise<void> {
  // The reader of our output has closed it, as `| head` does.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
  });
  // Until a painting session handles signals.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      warn('Stopped before the end.');
      process.exit(128 + constants.signals[signal]);
    });
  try {
    await runCommandLine(args);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    warn(...`stylize-tui: ${error.message}`.split('\n'));
    process.exitCode = wrongUsage;
  }
}

/** @throws UserError for a mistake of the user */
export async function runCommandLine(given: readonly string[]): Promise<void> {
  const args = commandFirst(given.map((arg) => expandHome(americanSpelling(arg))));
  const asked = commandNames.find((name) => name === args[0]);
  const commands = asked === doctorCommand.command ? [doctorCommand as CommandModule] : await allCommands();
  checkFlags(args, commands, asked);
  const parser = yargs()
    .scriptName(program.name)
    .locale('en')
    .usage(usage)
    .strict()
    .parserConfiguration({ 'strip-dashed': true })
    .updateStrings({ string: 'value', array: 'list' })
    .version(program.version)
    .alias({ help: 'h', version: 'v' })
    .wrap(Math.min(100, process.stdout.columns || 80))
    .fail((message, error) => {
      // yargs' own errors, and those of coerce functions, which it wraps.
      if (error && error.name !== 'YError') throw error;
      throw new UserError(explainMistake(error?.message ?? message, args, commands, asked));
    });
  for (const command of commands) parser.command(command);
  const config = await configFor(asked);
  try {
    await parser.config(config.flags).parseAsync(args);
  } catch (error) {
    const [, flag] = (error instanceof UserError && /--([\w-]+)/.exec(error.message)) || [];
    const isConfigured =
      flag !== undefined && [config.flags, config.settings].some((part) => camel(flag) in part);
    // What a flag is blamed for may not have been typed.
    if (!isConfigured || args.some((arg) => arg.split('=')[0] === `--${flag}`)) throw error;
    throw new UserError(`${(error as Error).message}\n--${flag} is from ${config.path}.`);
  }
}

/** The defaults of a command that paints, from the user's config file. */
async function configFor(asked: string | undefined): Promise<Config> {
  if (asked === undefined || asked === doctorCommand.command) return currentConfig();
  // Where libraries cannot be loaded, allCommands() says so.
  const loaded = await import('./commands/config.js').catch(() => undefined);
  if (!loaded) return currentConfig();
  const { paintingFlags } = loaded;
  const own = paintingFlags.get(asked);
  if (!own) return currentConfig();
  const config = await loadConfig(asked, paintingFlags);
  const flags = Object.entries(config.flags).filter(([key]) => own.has(kebab(key)));
  return { ...config, flags: Object.fromEntries(flags) };
}

const usage = `$0 <photos..> --style <painting>
$0 <command>

Paints photos in the style of paintings, in the terminal.`;

/** Loaded separately from `doctor`, which must work if native libraries do not load. */
async function allCommands(): Promise<CommandModule[]> {
  try {
    const { commands } = await import('./commands.js');
    return [...commands, doctorCommand as CommandModule];
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new UserError(
      `A library cannot be loaded: ${reason}\nRun stylize-tui doctor to find out how to fix it.`,
    );
  }
}
