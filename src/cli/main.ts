/** The command line: which command was asked for, and which exit code it ends with. */
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { UserError } from '../settings/errors.js';
import { demoCommand } from './demo.js';
import { runCommand } from './run.js';
import { watchCommand } from './watch.js';

/** 0: all painted. 1: some pictures failed. 2: wrong usage. 130 and 143: stopped by a signal. */
const wrongUsage = 2;

export async function main(args: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const program = yargs()
    .scriptName('stylize-tui')
    .usage('$0 <command>\n\nPaints photos in the style of paintings, in the terminal.')
    .command(watchCommand)
    .command(runCommand)
    .command(demoCommand)
    .demandCommand(1, 'Which command? There are watch, run and demo.')
    .strict()
    .parserConfiguration({ 'duplicate-arguments-array': false, 'strip-dashed': true })
    .version(version)
    .wrap(Math.min(100, process.stdout.columns || 80))
    .fail((message, error) => {
      throw error ?? new UserError(`${message}\nstylize-tui --help tells more.`);
    });
  try {
    await program.parseAsync([...args]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`stylize-tui: ${error.message}\n`);
    process.exitCode = wrongUsage;
  }
}
