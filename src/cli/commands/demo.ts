/** stylize-tui demo: paints the bundled sample photos, and shows each beside its painting. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argv, CommandModule } from 'yargs';
import type { Listener } from '../../app/listener.js';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { shortPath } from '../../util/format.js';
import { dryRunFlag, printPlan } from '../dry-run.js';
import {
  checkContradictions,
  checkRunning,
  explicitSettings,
  paintingOptions,
  runningOptions,
  text,
} from '../flags/options.js';
import { type Shown, showSideBySide } from '../side-by-side.js';
import { planFolder, watchFolder } from './watch.js';

interface DemoFlags extends RunningFlags {
  output: string;
  dryRun: boolean;
  preset?: string[];
}

const samples = fileURLToPath(new URL('../../../samples/', import.meta.url));

export const demoCommand: CommandModule<object, DemoFlags> = {
  command: 'demo',
  describe: 'Paint the sample photos that come with the program',
  builder: (yargs) =>
    runningOptions(paintingOptions(yargs))
      .option('output', {
        ...text('Folder for the paintings'),
        alias: 'o',
        default: 'stylized-demo',
      })
      .option('dry-run', dryRunFlag)
      .example('$0 demo', '')
      .example('$0 demo --style great-wave --preset broad --size 256', '') as unknown as Argv<DemoFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const preset = ['draft', 'starry-night', ...(flags.preset ?? [])];
    const explicit = await explicitSettings({ ...flags, preset });
    checkContradictions({ ...flags }, explicit);
    const recipes = new Recipes(explicit);
    const outbox = resolve(flags.output);
    const once = { once: true, force: true, resumes: false };
    const folders = { inboxes: [samples], outbox };
    if (flags.dryRun) return printPlan(await planFolder({ ...folders, recipes, flags, ...once }), flags);
    const painted: Shown[] = [];
    const listener: Listener = {
      event: (event) => {
        if (event.event === 'done')
          painted.push(
            { path: event.source, caption: '' },
            { path: event.output, caption: shortPath(event.output) },
          );
      },
    };
    await watchFolder({ ...folders, recipes, flags, listener, ...once });
    if (painted.length > 0 && process.stdout.isTTY && !flags.json && !flags.quiet)
      await showSideBySide(painted, { pairs: true });
  },
};
