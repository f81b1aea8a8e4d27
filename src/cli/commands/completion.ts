/** stylize-tui completion: prints the script by which a shell completes commands, flags, files and names. */
import { basename } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { UserError } from '../../util/errors.js';
import { completionScript, type Shell, shells } from '../completion/scripts.js';
import { completionWords } from '../completion/words.js';

interface CompletionFlags {
  shell?: Shell;
}

/** @param commands what can be completed */
export const completionCommand = (
  commands: () => readonly CommandModule[],
): CommandModule<object, CompletionFlags> => ({
  command: 'completion [shell]',
  describe: 'Print a script that completes command lines',
  builder: (yargs) =>
    yargs
      .positional('shell', { choices: shells, describe: 'The shell; the one in use if left out' })
      .example('$0 completion bash > ~/.local/share/bash-completion/completions/stylize-tui', '')
      .example(
        '$0 completion fish > ~/.config/fish/completions/stylize-tui.fish',
        '',
      ) as unknown as Argv<CompletionFlags>,
  handler: async ({ shell = usedShell() }) => {
    process.stdout.write(completionScript(shell, await completionWords(commands())));
  },
});

function usedShell(): Shell {
  const name = basename(process.env.SHELL ?? '');
  const found = shells.find((shell) => shell === name);
  if (found) return found;
  throw new UserError(`Which shell? Name it: stylize-tui completion ${shells.join('|')}.`);
}
