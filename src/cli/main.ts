/** Parses the command line, runs the command and sets the exit code. */
import yargs, { type Argv } from 'yargs';
import { UserError } from '../util/errors.js';
import { program } from '../util/program.js';
import { warn } from '../util/say.js';
import { doctorCommand } from './commands/doctor.js';
import { expandHome } from './flags/values.js';

/**
 * Exit codes. 0: success. 1: some pictures failed, or doctor found a problem. 2: wrong usage. 130 and 143: stopped by a
 * signal. 141: the reader of stdout closed it.
 */
const wrongUsage = 2;

const commands = ['watch', 'run', 'sweep', 'jobs', 'demo', 'presets', 'models', 'engine', 'doctor'];

export async function main(args: readonly string[]): Promise<void> {
  // The reader of our output has closed it, as `| head` does.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
  });
  const asked = args.find((arg) => commands.includes(arg));
  const help = [program.name, asked, '--help'].filter(Boolean).join(' ');
  const parser = yargs()
    .scriptName(program.name)
    .usage('$0 <command>\n\nPaints photos in the style of paintings, in the terminal.')
    .demandCommand(1, `Which command? Choose ${commands.slice(0, -1).join(', ')} or ${commands.at(-1)}.`)
    .strict()
    .parserConfiguration({ 'strip-dashed': true })
    .updateStrings({
      string: 'value',
      array: 'list',
      'Not enough arguments following: %s': '--%s needs a value.',
      'Invalid values:': 'No such value.',
      'Argument: %s, Given: %s, Choices: %s': '--%s %s: expected one of %s.',
    })
    .version(program.version)
    .wrap(Math.min(100, process.stdout.columns || 80))
    .fail((message, error) => {
      throw error ?? new UserError(`${message}\nSee ${help}.`);
    });
  try {
    // A script's --width=$WIDTH with an empty variable would be read as 0.
    const empty = args.find((arg) => /^--[\w-]+=$/.test(arg));
    if (empty) throw new UserError(`${empty} needs a value.`);
    if (asked !== doctorCommand.command) await addOthers(parser);
    await parser.command(doctorCommand).parseAsync(args.map(expandHome));
  } catch (error) {
    // yargs wraps errors of coerce functions.
    const isUsageError = error instanceof UserError || (error instanceof Error && error.name === 'YError');
    if (!isUsageError) throw error;
    warn(...`stylize-tui: ${error.message}`.split('\n'));
    process.exitCode = wrongUsage;
  }
}

/** Loaded separately from `doctor`, which must work if native libraries do not load. */
async function addOthers(parser: Argv): Promise<void> {
  try {
    (await import('./commands.js')).addCommands(parser);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new UserError(
      `A library cannot be loaded: ${reason}\nRun stylize-tui doctor to find out how to fix it.`,
    );
  }
}
