/** stylize-tui run: paints photos. Supports all options of anishathalye/neural-style. */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { followUpPlan } from '../../app/follow-ups/runner.js';
import type { Intake } from '../../app/intake.js';
import { isPainting, photoOf } from '../../app/outbox.js';
import { ProgressRecord, progressFiles } from '../../app/progress.js';
import { completed, Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { paintSession } from '../../app/session.js';
import { choosePlacements } from '../../engine/choose.js';
import { examine, Unusable } from '../../examine/examiner.js';
import { formatOf } from '../../image/formats.js';
import type { Size } from '../../image/picture.js';
import { stateFile } from '../../queue/job.js';
import { JobStore } from '../../queue/store.js';
import { contentBounds } from '../../render/inputs.js';
import type { FormerFrame, Snapshots } from '../../render/messages.js';
import { partialName, requirePlaceholder } from '../../render/snapshot.js';
import { usualPreset } from '../../settings/presets.js';
import type { Provenance } from '../../settings/provenance.js';
import type { Recipe } from '../../settings/recipe.js';
import type { Settings } from '../../settings/settings.js';
import { sum } from '../../transfer/losses.js';
import { UserError } from '../../util/errors.js';
import { shortPath, styleName } from '../../util/format.js';
import { hashFile } from '../../util/hash.js';
import { warn } from '../../util/say.js';
import { dryRunFlag, type Planned, printPlan } from '../dry-run.js';
import { type Enlargement, enlargementOf } from '../enlargement.js';
import { type FollowUpOptions, followUpOptions, followUpsFrom, withFolders } from '../flags/follow-ups.js';
import {
  checkContradictions,
  checkCount,
  checkRunning,
  checkSequence,
  explicitSettings,
  flag,
  givenSettings,
  number,
  paintingOptions,
  runningOptions,
  text,
} from '../flags/options.js';
import { checkOutputs, makeFolders, snapshotNames } from '../flags/outputs.js';
import { kebab } from '../flags/values.js';
import {
  freeName,
  isPattern,
  type NameParts,
  pathFrom,
  patternOf,
  photoDate,
  sizeName,
  usualPattern,
} from '../names.js';
import { findPhotos, type Photo } from '../photos.js';

interface RunFlags extends RunningFlags, FollowUpOptions {
  photos?: string[];
  content?: string;
  from?: string;
  enlarge?: string;
  output?: string;
  overwrite: boolean;
  dryRun: boolean;
  preset?: string[];
  network?: string;
  styles?: string[];
  checkpointOutput?: string;
  checkpointIterations?: number;
  progressWrite: boolean;
  progressPlot: boolean;
}

export const runCommand: CommandModule<object, RunFlags> = {
  command: 'run [photos..]',
  describe: 'Paint photos; the word run can be left out',
  builder: (yargs) =>
    followUpOptions(runningOptions(paintingOptions(yargs)))
      .positional('photos', {
        type: 'string',
        array: true,
        describe: "Photos, folders of photos, or patterns such as '*.jpg'",
      })
      .option('content', text('A photo, as in photos'))
      .option('from', text('A painting whose recipe to repeat; flags override it'))
      .option(
        'enlarge',
        text(
          'With --from: enlarge that painting and keep its strokes: 4x, its longest side, or a print size',
        ),
      )
      .option('output', {
        ...text(
          `The painting, a folder, or a pattern of {name}, {style}, {preset}, {size}, {date} and {n} (${usualPattern})`,
        ),
        alias: 'o',
      })
      .option('overwrite', flag('Replace existing paintings'))
      .option('dry-run', dryRunFlag)
      .option(
        'checkpoint-output',
        text('Where to save snapshots while painting: foo_{}.jpg, foo_{:05}.jpg, foo_%04d.jpg'),
      )
      .option('checkpoint-iterations', number('Iterations between snapshots'))
      .option('print-iterations', number('Iterations between printed losses, without a screen'))
      .option('progress-write', flag('Write all losses to a CSV file next to the output'))
      .option('progress-plot', flag('Draw all losses in a PNG file next to the output'))
      .example('$0 photo.jpg --style starry-night', '')
      .example('$0 *.jpg --style a.jpg --output paintings/', '')
      .example('$0 run --content photo.jpg --styles a.jpg b.jpg --blend 0.7 0.3 --output out.jpg', '')
      .example('$0 run --from out.jpg --output again.jpg', '')
      .example('$0 run --from out.jpg --enlarge 4x', '') as unknown as Argv<RunFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const asked = followUpsFrom(flags);
    const snapshots = snapshotsFrom(flags);
    const repeated =
      flags.from === undefined ? undefined : await examine('provenance', { path: resolve(flags.from) });
    const words = [flags.content ?? [], flags.photos ?? []].flat();
    const enlargement = await enlargementFor(flags, repeated);
    flags.output ??= enlargement?.output;
    if (words.length === 0) words.push(await unsaidPhoto(flags, repeated));
    const { photos, problems } = await findPhotos(words);
    if (photos.length > 1) refuseForSeveral(flags);
    const explicit = await explicitSettings({ ...flags }, enlargement?.settings ?? repeated?.settings);
    checkContradictions({ ...flags }, explicit);
    checkSequence(flags, explicit);
    const settings = completed(explicit);
    const recipes = new Recipes(explicit, givenSettings({ ...flags }));
    const recipe = await recipes.of({ settings: {} });
    if (repeated) await checkUnchanged(repeated, photos[0].path, recipe, flags);
    const replay = !enlargement && isRepeated(flags, recipe, repeated) ? repeated : undefined;
    const outputs = new PlannedOutputs(flags, photos, recipe, snapshots);
    // What is wrong with the only photo is a mistake of the user; one of many costs no other.
    const only = photos.length === 1 ? await prepare(photos[0], outputs, settings) : undefined;
    if (replay && only && 'size' in only) checkReplay(flags.from!, replay, recipe, only.size);
    const progress = only && 'output' in only ? progressFiles(only.output, progressFrom(flags)) : {};
    const record = Object.keys(progress).length > 0 ? new ProgressRecord() : undefined;
    warn(...problems);
    if (flags.dryRun) {
      const plan: Planned[] = [];
      for (const photo of photos)
        plan.push(await planOf(photo, recipe, async () => only ?? prepare(photo, outputs, settings)));
      return printPlan(plan, flags);
    }
    const followUps = asked && (await withFolders(asked));
    const store = new JobStore(':memory:');
    if (followUps) store.followUps.plan = followUpPlan(followUps);
    const { sequence } = settings;
    await paintSession({
      title: `run ${photos.length === 1 ? shortPath(photos[0].path) : `${photos.length} photos`}`,
      flags,
      recipes,
      store,
      // A large picture takes long: it goes on where it was stopped.
      stateFor: enlargement && ((job) => stateFile(dirname(outputs.of(job.source)), job)),
      extras: { snapshots, replay, keepsPartial: !enlargement },
      overwrite: flags.overwrite,
      allowDuplicates: true,
      outputFor: ({ source }) => outputs.of(source),
      listener: {
        event: (event) => {
          record?.event(event);
          if (event.event === 'done') outputs.painted.set(event.source, event.output);
        },
      },
      placements: sequence ? await choosePlacements({ ...flags, slots: 1 }, (line) => warn(line)) : undefined,
      followUps,
      frames: sequence ? photos.length : undefined,
      formerFrame: ({ source, recipe: { settings } }) =>
        settings.sequence ? (replay?.former ?? outputs.frameBefore(source)) : undefined,
      feed: async (intake, stopped) => {
        for (const photo of photos) {
          if (stopped.aborted) return;
          await take(intake, photo, recipe, async () => only ?? prepare(photo, outputs, settings));
        }
      },
    });
    store.close();
    if (problems.length > 0) process.exitCode ||= 1;
    await record?.write(progress);
  },
};

/** @throws UserError for --enlarge without a painting, or with flags that it excludes */
async function enlargementFor(
  flags: RunFlags,
  repeated: Provenance | undefined,
): Promise<Enlargement | undefined> {
  const { enlarge, from } = flags;
  if (enlarge === undefined) return undefined;
  if (!repeated) throw new UserError('--enlarge needs --from: the painting to enlarge.');
  const given = givenSettings({ ...flags });
  const excluded = ['size', 'width', 'printSize', 'initial', 'initialNoiseblend', 'start', 'scales'].find(
    (name) => name in given,
  );
  if (excluded)
    throw new UserError(`--${kebab(excluded)} and --enlarge exclude each other: use one of them.`);
  return enlargementOf(from!, repeated, enlarge);
}

/** The photo if none is named: that of the painting to repeat. An enlarged painting can be its own. */
async function unsaidPhoto(
  { styles, enlarge, from }: RunFlags,
  repeated: Provenance | undefined,
): Promise<string> {
  const photo = repeated && (await photoOf(await realpath(from!), repeated));
  if (photo !== undefined && enlarge !== undefined && !existsSync(photo)) {
    warn(`${photo}: is not there. The painting itself is the content, so detail of the photo is missing.`);
    return from!;
  }
  if (photo !== undefined) return photo;
  const hint =
    (styles?.length ?? 0) > 1 ? '\n--styles takes all words that follow it; --style takes one.' : '';
  throw new UserError(`Which photo? For example: stylize-tui photo.jpg --style starry-night${hint}`);
}

/** @throws UserError for flags whose files belong to one painting */
function refuseForSeveral(flags: RunFlags): void {
  for (const name of ['from', 'checkpointOutput', 'progressWrite', 'progressPlot'] as const)
    if (flags[name]) throw new UserError(`--${kebab(name)}: is for one photo only. Paint each separately.`);
}

const progressFrom = ({ progressWrite, progressPlot }: RunFlags) => ({
  csv: progressWrite,
  plot: progressPlot,
});

/** A photo that can be painted, or why it is skipped. */
type Prepared = { hash: string; size: Size; output: string } | { skipped: string };

/** @throws UserError if the photo cannot be painted, or its painting cannot be written */
async function prepare(photo: Photo, outputs: PlannedOutputs, settings: Settings): Promise<Prepared> {
  const { path, isNamed } = photo;
  const { hash, size, isPainting, taken } = await examine('picture', {
    path,
    bounds: contentBounds(settings),
  });
  if (isPainting && !isNamed)
    return { skipped: `${path}: was painted by stylize-tui. Name the file itself to paint it again.` };
  const output = await outputs.choose(photo, hash, taken);
  return typeof output === 'string' ? { hash, size, output } : output;
}

async function planOf(
  { path: source }: Photo,
  recipe: Recipe,
  prepared: () => Promise<Prepared>,
): Promise<Planned> {
  try {
    const found = await prepared();
    return 'skipped' in found ? { source, reason: found.skipped } : { source, recipe, ...found };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { source, reason: error.message };
  }
}

async function take(
  intake: Intake,
  { path }: Photo,
  recipe: Recipe,
  prepared: () => Promise<Prepared>,
): Promise<void> {
  try {
    const found = await prepared();
    if ('skipped' in found) await intake.skip(path, found.skipped);
    else await intake.add(path, found.hash, recipe);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    await intake.reject(path, error instanceof Unusable ? error.hash : '', error.message);
  }
}

/** Chooses the name of each photo's painting. */
class PlannedOutputs {
  private readonly pattern: string;
  /** By photo. */
  private readonly chosen = new Map<string, string>();
  /** The paintings that are finished, by photo. */
  readonly painted = new Map<string, string>();

  /** @throws UserError if --output cannot be used */
  constructor(
    private readonly flags: RunFlags,
    private readonly photos: readonly Photo[],
    private readonly recipe: Recipe,
    private readonly snapshots: Snapshots | undefined,
  ) {
    this.pattern = patternOf(flags.output, photos.length);
    formatOf(this.pattern);
  }

  of(photo: string): string {
    return this.chosen.get(photo)!;
  }

  /** The nearest photo before this one that is painted. */
  frameBefore(source: string): FormerFrame | undefined {
    const before = this.photos.slice(
      0,
      this.photos.findIndex(({ path }) => path === source),
    );
    const photo = before.findLast(({ path }) => this.painted.has(path))?.path;
    return photo === undefined ? undefined : { photo, painting: this.painted.get(photo)! };
  }

  /**
   * Checks everything that will be written for a photo, and creates folders.
   * @param taken when, in local time, if the photo says so
   * @returns the path of its painting, or why it is skipped: it is painted already
   * @throws UserError if something cannot or must not be written
   */
  async choose(photo: Photo, hash: string, taken?: string): Promise<string | { skipped: string }> {
    const { flags, recipe, snapshots } = this;
    const { overwrite } = flags;
    const first = pathFrom(this.pattern, this.partsOf(photo, taken));
    // A name that is made from the photo's can be made differently; one that the user wrote cannot.
    const isMade = flags.output === undefined || isPattern(this.pattern);
    const job = { output: first, sourceHash: hash, settingsHash: recipe.hash };
    if (isMade && !overwrite && existsSync(first) && (await isPainting(job))) {
      this.painted.set(photo.path, first);
      return {
        skipped: `${photo.path}: is painted already: ${shortPath(first)}. --overwrite paints it again.`,
      };
    }
    const others = new Set(this.chosen.values());
    const isTaken = (path: string) => others.has(path) || (isMade && !overwrite && existsSync(path));
    const output = freeName(first, isTaken);
    this.chosen.set(photo.path, output);
    const written = {
      output,
      partial: partialName(output),
      progress: Object.values(progressFiles(output, progressFrom(flags))),
      snapshots: snapshotNames(recipe.settings.iterations, snapshots),
    };
    const originals = [...this.photos.map(({ path }) => path), ...Object.keys(recipe.files)];
    await checkOutputs(written, originals, overwrite);
    if (!flags.dryRun) await makeFolders(written);
    return output;
  }

  private partsOf(photo: Photo, taken: string | undefined): NameParts {
    const { photos, recipe, flags } = this;
    return {
      name: basename(photo.path, extname(photo.path)),
      style: styleName(recipe.settings.styles),
      preset: flags.preset?.map((name) => basename(name, '.json')).join('+') ?? usualPreset,
      size: sizeName(recipe.settings),
      date: photoDate(photo.path, taken),
      n: String(photos.indexOf(photo) + 1).padStart(String(photos.length).length, '0'),
    };
  }
}

/** Whether a painting is repeated unchanged. The user's changes while painting are not repeated with other settings. */
function isRepeated(flags: RunFlags, recipe: Recipe, repeated: Provenance | undefined): boolean {
  const { network, ...changes } = givenSettings({ ...flags });
  const isSameNetwork = network === undefined || recipe.network === repeated?.network;
  const isSamePhoto = flags.content === undefined && !flags.photos?.length;
  const isAsLong = flags.within === undefined;
  return !flags.preset && isSamePhoto && isAsLong && isSameNetwork && Object.keys(changes).length === 0;
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
  { files, network, former }: Provenance,
  content: string,
  recipe: Recipe,
  flags: RunFlags,
): Promise<void> {
  const found: Record<string, string> = { ...recipe.files };
  for (const path of former ? [former.photo, former.painting] : []) {
    if (!existsSync(path))
      throw new UserError(`${path}: ${flags.from} begins with this file, which is gone. Restore it.`);
    found[path] = await hashFile(path);
  }
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
