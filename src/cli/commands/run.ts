/** stylize-tui run: paints one photo. Supports all options of anishathalye/neural-style. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { ProgressRecord, progressFiles } from '../../app/progress.js';
import { completed, Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { paintSession } from '../../app/session.js';
import { examine } from '../../examine/examiner.js';
import { formatOf } from '../../image/formats.js';
import type { Size } from '../../image/picture.js';
import { JobStore } from '../../queue/store.js';
import { contentBounds } from '../../render/inputs.js';
import type { Snapshots } from '../../render/messages.js';
import { requirePlaceholder } from '../../render/snapshot.js';
import type { Provenance } from '../../settings/provenance.js';
import type { Recipe } from '../../settings/recipe.js';
import type { Settings } from '../../settings/settings.js';
import { sum } from '../../transfer/losses.js';
import { UserError } from '../../util/errors.js';
import { hashFile } from '../../util/hash.js';
import {
  checkCount,
  checkRunning,
  explicitSettings,
  flag,
  givenSettings,
  number,
  paintingOptions,
  runningOptions,
  text,
} from '../flags/options.js';
import { checkOutputs, snapshotNames } from '../flags/outputs.js';

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
      .option('content', text('The photo'))
      .option('from', text('A painting whose recipe to repeat; flags override it'))
      .option('output', { ...text('The painting: .jpg, .png, .webp, .tif, .avif'), demandOption: true })
      .option('overwrite', flag('Replace an existing output'))
      .option(
        'checkpoint-output',
        text('Where to save snapshots while painting: foo_{}.jpg, foo_{:05}.jpg, foo_%04d.jpg'),
      )
      .option('checkpoint-iterations', number('Iterations between snapshots'))
      .option('print-iterations', number('Iterations between printed losses, without a screen'))
      .option('progress-write', flag('Write all losses to a CSV file next to the output'))
      .option('progress-plot', flag('Draw all losses in a PNG file next to the output'))
      .example('$0 run --content photo.jpg --styles a.jpg --output out.jpg', '')
      .example('$0 run --from out.jpg --output again.jpg', '') as unknown as Argv<RunFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const snapshots = snapshotsFrom(flags);
    const output = resolve(flags.output);
    formatOf(output);
    const repeated =
      flags.from === undefined ? undefined : await examine('provenance', { path: resolve(flags.from) });
    const given = flags.content ?? repeated?.content;
    if (given === undefined)
      throw new UserError('Which photo? Name it with --content, or a painting to repeat with --from.');
    const content = resolve(given);
    const explicit = await explicitSettings({ ...flags }, repeated?.settings);
    const settings = completed(explicit);
    const { hash, size } = await checkContent(content, settings);
    const recipes = new Recipes(explicit, givenSettings({ ...flags }));
    const recipe = await recipes.of({ settings: {} });
    if (repeated) await checkUnchanged(repeated, content, recipe, flags);
    const replay = isRepeated(flags, recipe, repeated) ? repeated : undefined;
    if (replay) checkReplay(flags.from!, replay, recipe, size);
    const { overwrite } = flags;
    const progress = progressFiles(output, { csv: flags.progressWrite, plot: flags.progressPlot });
    const outputs = {
      output,
      progress: Object.values(progress),
      snapshots: snapshotNames(settings.iterations, snapshots),
    };
    await checkOutputs(outputs, [content, ...Object.keys(recipe.files)], overwrite);

    const record = outputs.progress.length > 0 ? new ProgressRecord() : undefined;
    const store = new JobStore(':memory:');
    await paintSession({
      title: `run ${content} → ${output}`,
      flags,
      recipes,
      store,
      extras: { snapshots, replay },
      overwrite,
      outputFor: () => output,
      listener: record,
      feed: async (intake) => intake.add(content, hash, recipe),
    });
    store.close();
    await record?.write(progress);
  },
};

/**
 * @returns the photo's hash, and the size that it is painted at
 * @throws UserError unless the photo can be read and is large enough
 */
function checkContent(content: string, settings: Settings): Promise<{ hash: string; size: Size }> {
  return examine('picture', { path: content, bounds: contentBounds(settings) }).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(`--content ${error.message}`) : error;
  });
}

/** Whether a painting is repeated unchanged. The user's changes while painting are not repeated with other settings. */
function isRepeated(flags: RunFlags, recipe: Recipe, repeated: Provenance | undefined): boolean {
  const { network, ...changes } = givenSettings({ ...flags });
  const isSameNetwork = network === undefined || recipe.network === repeated?.network;
  return !flags.preset && !flags.content && isSameNetwork && Object.keys(changes).length === 0;
}

/** More than settings take, or than a person comes to by hand. */
const most = { iterations: 1e6, weight: 1e15 };

/**
 * Throws UserError for what no painting can have gone through: somebody else wrote that recipe.
 * @param asked the size that it was asked for
 */
function checkReplay(from: string, replay: Provenance, { layers, settings }: Recipe, asked: Size): void {
  const { painted, history, iterations } = replay;
  const isSmaller = !painted || (painted.width <= asked.width && painted.height <= asked.height);
  const areSane = history.every(({ weights, iterations = 1 }) => {
    if (iterations > most.iterations) return false;
    if (!weights) return true;
    const { blend, styleLayers = {}, ...terms } = weights;
    const numbers = [...Object.values(terms), ...Object.values(styleLayers)];
    return (
      blend.length === settings.styles.length &&
      sum(blend) > 0 &&
      sum(blend) <= most.weight &&
      numbers.every((weight) => weight <= most.weight) &&
      Object.keys(styleLayers).every((layer) => Object.hasOwn(layers.style, layer))
    );
  });
  if (isSmaller && areSane && iterations <= most.iterations) return;
  const what = isSmaller ? 'changes by hand that do not fit its settings' : 'a size larger than it asks for';
  throw new UserError(`${from}: its recipe cannot be repeated: it tells of ${what}.`);
}

function snapshotsFrom(flags: RunFlags): Snapshots | undefined {
  const { checkpointOutput: output, checkpointIterations: every } = flags;
  if ((output === undefined) !== (every === undefined))
    throw new UserError(
      '--checkpoint-output and --checkpoint-iterations need each other: use both or neither.',
    );
  if (output === undefined || every === undefined) return undefined;
  checkCount('checkpoint-iterations', every);
  requirePlaceholder(output);
  formatOf(output);
  return { output: resolve(output), every };
}

/** @throws UserError if a file of the repeated painting has changed, unless flags replace it */
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
      `${changed}: has changed since ${flags.from} was painted (it was SHA-256 ${files[changed]}). Restore it, or leave out --from.`,
    );
  }
  if (recipe.network !== network && flags.network === undefined) {
    throw new UserError(
      `${flags.from}: was painted with another network (SHA-256 ${network}). Name its file with --network, or use --network box for the bundled one.`,
    );
  }
}
