/** stylize-tui demo: paints the bundled sample photos. */
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argv, CommandModule } from 'yargs';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { checkRunning, explicitSettings, runningOptions, text } from '../flags/options.js';
import { watchFolder } from './watch.js';

interface DemoFlags extends RunningFlags {
  output: string;
}

const samples = fileURLToPath(new URL('../../../samples/', import.meta.url));

export const demoCommand: CommandModule<object, DemoFlags> = {
  command: 'demo',
  describe: 'Paint the sample photos that come with the program',
  builder: (yargs) =>
    runningOptions(yargs).option('output', {
      ...text('Folder for the paintings'),
      default: 'stylized-demo',
    }) as unknown as Argv<DemoFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const recipes = new Recipes(await explicitSettings({ preset: ['draft', 'starry-night'] }));
    const outbox = resolve(flags.output);
    const once = { once: true, force: true, resumes: false };
    await watchFolder({ inbox: samples, outbox, recipes, flags, ...once });
    if (!flags.json && !flags.quiet)
      process.stdout.write(`The paintings are in ${relative('.', outbox) || '.'}.\n`);
  },
};
