/** stylize-tui run: paints one photo. Its options are the ancestor's, and more. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { formatOf } from '../image/formats.js';
import { makeFolder } from '../image/write.js';
import { readProvenance } from '../image/xmp.js';
import { Ledger } from '../jobs/ledger.js';
import { makeRecipe, type Recipe } from '../jobs/recipe.js';
import { checkpointName, requirePlaceholder } from '../render/checkpoint.js';
import type { Checkpoints } from '../render/messages.js';
import { UserError } from '../settings/errors.js';
import { hashFile } from '../settings/hash.js';
import type { Provenance } from '../settings/provenance.js';
import {
  checkCount,
  paintingOptions,
  type RunningFlags,
  runningOptions,
  settingsFrom,
  settingsGiven,
} from './options.js';
import { ProgressRecord } from './progress.js';
import { paintSession } from './session.js';

interface RunFlags extends RunningFlags {
  content?: string;
  from?: string;
  output: string;
  overwrite: boolean;
  preset?: string[];
  network?: string;
  checkpointOutput?: string;
  checkpointIterations?: number;
  progressWrite: boolean;
  progressPlot: boolean;
}

export const runCommand: CommandModule<object, RunFlags> = {
  command: 'run',
  describe: 'Paint one photo',
  builder: (yargs) =>
    runningOptions(paintingOptions(yargs))
      .option('content', { type: 'string', describe: 'The photo' })
      .option('from', { type: 'string', describe: 'A painting whose recipe is repeated; flags win over it' })
      .option('output', {
        type: 'string',
        demandOption: true,
        describe: 'The painting: .jpg, .png, .webp, .tif, .avif',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an existing output' })
      .option('checkpoint-output', {
        type: 'string',
        describe: 'Where to save the picture on the way: foo_{}.jpg, foo_{:05}.jpg, foo_%04d.jpg',
      })
      .option('checkpoint-iterations', { type: 'number', describe: 'How often to save it' })
      .option('print-iterations', {
        type: 'number',
        describe: 'Without a screen: print the losses this often',
      })
      .option('progress-write', {
        type: 'boolean',
        default: false,
        describe: 'Write all losses beside the output (CSV)',
      })
      .option('progress-plot', {
        type: 'boolean',
        default: false,
        describe: 'Draw all losses beside the output (PNG)',
      })
      .example('$0 run --content photo.jpg --styles a.jpg --output out.jpg', '')
      .example('$0 run --from out.jpg --output again.jpg', '') as unknown as Argv<RunFlags>,
  handler: async (flags) => {
    checkCount('threads', flags.threads);
    checkCount('slots', flags.slots);
    checkCount('print-iterations', flags.printIterations);
    const checkpoints = checkpointsFrom(flags);
    const repeated = flags.from === undefined ? undefined : await readProvenance(resolve(flags.from));
    const given = flags.content ?? repeated?.content;
    if (given === undefined)
      throw new UserError('Which photo? --content names it, or --from a painting to repeat.');
    const content = resolve(given);
    const output = resolve(flags.output);
    const { overwrite, progressWrite: csv, progressPlot: plot } = flags;
    const settings = await settingsFrom({ ...flags }, repeated?.settings);
    await checkOutput(output, overwrite);
    const recipe = await makeRecipe(settings);
    if (repeated) await checkUnchanged(repeated, content, recipe, flags);
    checkOriginals([content, ...Object.keys(recipe.files)], output, settings.iterations, checkpoints);
    // What a person did to a picture's weights says nothing about a picture with other settings.
    const asItWas = !flags.preset && !flags.content && Object.keys(settingsGiven({ ...flags })).length === 0;
    const replay = asItWas ? repeated : undefined;

    const record = csv || plot ? new ProgressRecord() : undefined;
    const ledger = new Ledger(':memory:');
    await paintSession({
      title: `run ${content} → ${output}`,
      flags,
      ledger,
      recipe,
      extras: { checkpoints, replay },
      overwrite,
      outputFor: () => output,
      also: (event) => record?.event(event),
      feed: async (painter) => {
        await painter.add(content);
        painter.finish();
      },
    });
    ledger.close();
    await record?.write(output, { csv, plot });
  },
};

/** Throws UserError before work starts that could not be saved. */
async function checkOutput(output: string, overwrite: boolean): Promise<void> {
  formatOf(output);
  if (!overwrite && existsSync(output))
    throw new UserError(`${output}: the file exists already. Choose another name, or pass --overwrite.`);
  await makeFolder(dirname(output));
}

function checkpointsFrom(flags: RunFlags): Checkpoints | undefined {
  const { checkpointOutput: output, checkpointIterations: every } = flags;
  if ((output === undefined) !== (every === undefined))
    throw new UserError(
      '--checkpoint-output and --checkpoint-iterations need each other: give both or neither.',
    );
  if (output === undefined || every === undefined) return undefined;
  checkCount('checkpoint-iterations', every);
  requirePlaceholder(output);
  formatOf(output);
  return { output: resolve(output), every };
}

/** Overwriting, and checkpoints, which replace what has their name, stop at what the painting is made from. */
function checkOriginals(
  originals: readonly string[],
  output: string,
  iterations: number,
  checkpoints?: Checkpoints,
): void {
  const fail = (flag: string, path: string): never => {
    throw new UserError(`${flag}: would replace ${path}. Originals are never altered.`);
  };
  if (originals.includes(output)) fail('--output', output);
  if (!checkpoints) return;
  const { output: pattern, every } = checkpoints;
  const saved = Array.from({ length: Math.floor(iterations / every) + 1 }, (_, i) => i * every);
  for (const iteration of [...saved, iterations]) {
    const name = checkpointName(pattern, iteration);
    if (originals.includes(name)) fail('--checkpoint-output', name);
  }
}

/** Throws UserError if a file that a painting was made of is another one now, unless flags name another anyway. */
async function checkUnchanged(
  { files, network }: Provenance,
  content: string,
  recipe: Recipe,
  flags: RunFlags,
): Promise<void> {
  const found: Record<string, string> = { ...recipe.files };
  if (existsSync(content)) found[content] = await hashFile(content);
  const changed = Object.keys(files).find((path) => path in found && found[path] !== files[path]);
  if (changed) {
    throw new UserError(
      `${changed}: is another file than the one that ${flags.from} was made of (SHA-256 ${files[changed]}). Put that back, or leave out --from.`,
    );
  }
  if (recipe.network !== network && flags.network === undefined) {
    throw new UserError(
      `${flags.from}: was painted with another network (SHA-256 ${network}). Name its file with --network, or --network box for the program's own.`,
    );
  }
}
