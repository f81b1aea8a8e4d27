/** stylize-tui run: paints one photo. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { formatOf } from '../image/formats.js';
import { Ledger } from '../jobs/ledger.js';
import { makeRecipe } from '../jobs/recipe.js';
import { UserError } from '../settings/errors.js';
import { checkThreads, paintingOptions, type RunningFlags, runningOptions, settingsFrom } from './options.js';
import { paintSession } from './session.js';

interface RunFlags extends RunningFlags {
  content: string;
  styles?: string[];
  output: string;
  overwrite: boolean;
}

export const runCommand: CommandModule<object, RunFlags> = {
  command: 'run',
  describe: 'Paint one photo',
  builder: (yargs) =>
    runningOptions(paintingOptions(yargs))
      .option('content', { type: 'string', demandOption: true, describe: 'The photo' })
      .option('output', {
        type: 'string',
        demandOption: true,
        describe: 'The painting: .jpg, .png, .webp, .tif, .avif',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an existing output' })
      .example('$0 run --content photo.jpg --styles a.jpg --output out.jpg', '') as Argv<RunFlags>,
  handler: async (flags) => {
    checkThreads(flags.threads);
    const { overwrite } = flags;
    const content = resolve(flags.content);
    const output = resolve(flags.output);
    formatOf(output);
    if (output === content)
      throw new UserError(`--output ${output}: is the photo itself. Originals are never altered.`);
    if (!overwrite && existsSync(output)) {
      throw new UserError(`${output}: the file exists already. Choose another name, or pass --overwrite.`);
    }
    const recipe = await makeRecipe(flags.styles ?? [], await settingsFrom({ ...flags }));
    const ledger = new Ledger(':memory:');
    await paintSession({
      title: `run ${content} → ${output}`,
      flags,
      ledger,
      recipe,
      overwrite,
      outputFor: () => output,
      feed: async (painter) => {
        await painter.add(content);
        painter.finish();
      },
    });
    ledger.close();
  },
};
