/** stylize-tui watch: paints the photos in a folder, and those that arrive. */
import { access, constants, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Argv, CommandModule } from 'yargs';
import { type FollowUpFlags, followUpPlan } from '../../app/follow-ups/runner.js';
import type { GalleryFlags, openGallery } from '../../app/gallery.js';
import type { Intake } from '../../app/intake.js';
import type { Listener } from '../../app/listener.js';
import { inOutbox, jobStorePath } from '../../app/outbox.js';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { paintSession } from '../../app/session.js';
import { ofSharedQueue, openOwned, type SharedFlags, sharedAddress } from '../../app/shared.js';
import type { Address } from '../../cluster/address.js';
import { choosePlacements } from '../../engine/choose.js';
import { examine } from '../../examine/examiner.js';
import { outputExtension } from '../../image/formats.js';
import { type Arrival, openInbox } from '../../inbox/inbox.js';
import type { Overrides } from '../../inbox/sidecar.js';
import { judgePicture, type Seen } from '../../inbox/stability.js';
import { isThere } from '../../queue/database.js';
import { stateFile } from '../../queue/job.js';
import type { QueuedJob } from '../../queue/queue.js';
import { JobStore } from '../../queue/store.js';
import { contentBounds } from '../../render/inputs.js';
import type { Recipe } from '../../settings/recipe.js';
import { type Settings, wantedSide } from '../../settings/settings.js';
import { makeFolder } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { shortPath, styleName } from '../../util/format.js';
import { isBelow, isGone } from '../../util/read-file.js';
import { warn } from '../../util/say.js';
import { isReadTrouble, isTemporary, retryUntilAvailable, unlessTransient } from '../../util/transient.js';
import { dryRunFlag, type Planned, printPlan } from '../dry-run.js';
import { type FollowUpOptions, followUpOptions, followUpsFrom, withFolders } from '../flags/follow-ups.js';
import {
  checkContradictions,
  checkRunning,
  checkSequence,
  explicitSettings,
  flag,
  number,
  ownSettings,
  paintingOptions,
  runningOptions,
  sharedOptions,
  text,
} from '../flags/options.js';
import { globs, last } from '../flags/values.js';
import { checkInboxes, type Inbox, inboxNames, inboxOf, openInboxes, requireFolders } from '../inboxes.js';
import { hasFolder, nameFrom, patternExtension, photoDate, sizeName, watchPattern } from '../names.js';

interface WatchFlags extends RunningFlags, SharedFlags, FollowUpOptions {
  inbox: string[];
  preset?: string[];
  output?: string;
  name?: string;
  once: boolean;
  force: boolean;
  dryRun: boolean;
  recursive: boolean;
  poll: boolean;
  include?: string[];
  exclude?: string[];
  repaint: boolean;
  duplicates: 'skip' | 'paint';
  sidecarLimit: number;
  gallery?: number;
  galleryHost: string;
  galleryTitle: string;
}

export const watchCommand: CommandModule<object, WatchFlags> = {
  command: 'watch <inbox..>',
  describe: 'Paint the photos in a folder, and those that arrive',
  builder: (yargs) =>
    sharedOptions(followUpOptions(runningOptions(paintingOptions(yargs))))
      .positional('inbox', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Folder with the photos; several have one --output',
      })
      .option('output', { ...text('Folder for the paintings (<inbox>/stylized)'), alias: 'o' })
      .option('name', {
        ...text('Names of the paintings, a pattern of {name}, {style}, {size} and {date:yyyy-MM-dd}'),
        coerce: (values: string | string[]) => watchPattern(last(values)),
      })
      .option('once', flag('Paint the photos that are there, and exit'))
      .option('dry-run', dryRunFlag)
      .option('recursive', flag('Include subfolders; paintings keep their relative paths'))
      .option('include', {
        ...text(
          "Paint only photos that match, such as 'IMG_*.jpg' or '2026/**'; @eaDir takes in a system folder",
        ),
        array: true,
        coerce: globs,
      })
      .option('exclude', {
        ...text('Leave out photos and folders that match, such as raw'),
        array: true,
        coerce: globs,
      })
      .option('repaint', flag('Also paint pictures that were painted by stylize-tui'))
      .option('poll', flag('Poll every few seconds, for network shares that do not report new files'))
      .option('duplicates', {
        ...text('What to do with the same picture under another name'),
        choices: ['skip', 'paint'],
        default: 'skip',
      })
      .option('force', flag('Paint photos again that were painted before'))
      .option('sidecar-limit', {
        ...number('How many times the work of the flags a sidecar may ask for; 0: ignore sidecars'),
        default: usualSidecarLimit,
      })
      .option('gallery', {
        type: 'string',
        coerce: toPort,
        describe: `Show the paintings in browsers meanwhile, at this port (${usualPort})`,
      })
      .option('gallery-host', {
        ...text('Address to serve it at; 0.0.0.0: also to phones and others in the network'),
        default: '127.0.0.1',
      })
      .option('gallery-title', { ...text('Heading of its pages'), default: 'Paintings' })
      .example('$0 watch ./inbox --style starry-night', '')
      .example('$0 watch ./inbox --style a.jpg,b.jpg --blend 0.7,0.3', '')
      .example(
        '$0 watch ./phone ./camera --output ./paintings --style starry-night',
        '',
      ) as unknown as Argv<WatchFlags>,
  handler: async (flags) => {
    const address = await sharedAddress(flags);
    if (address && flags.within !== undefined)
      throw new UserError(
        '--within: cannot be used with --queue, since other machines paint at their own pace.',
      );
    // With a shared queue, painting may be left to others.
    checkRunning(flags, address ? 0 : 1);
    const explicit = await explicitSettings({ ...flags });
    checkContradictions({ ...flags }, explicit);
    checkSequence(flags, explicit);
    const recipes = new Recipes(explicit, await ownSettings({ ...flags }));
    const inboxes = flags.inbox.map((path) => resolve(path));
    if (inboxes.length > 1 && !flags.output)
      throw new UserError(
        `watch ${inboxNames(inboxes)}: several inboxes need --output, a folder for the paintings of all.`,
      );
    if (inboxes.length > 1 && explicit.sequence)
      throw new UserError('--sequence: the frames are those of one inbox. Watch each by itself.');
    const outbox = flags.output ? resolve(flags.output) : join(inboxes[0], 'stylized');
    const { name, once, force, recursive, poll, include, exclude, repaint, duplicates, sidecarLimit } = flags;
    const followUps = followUpsFrom(flags);
    if (!(sidecarLimit >= 0)) throw new UserError('--sidecar-limit: expected a number from 0 up.');
    if (address && name !== undefined && patternExtension(name))
      throw new UserError(
        `--name ${name}: with --queue, paintings are files of the same kind as their photos. Leave out ${patternExtension(name)}.`,
      );
    const options = {
      ...{ name, once, force, recursive, poll, include, exclude, repaint },
      ...{ duplicates, sidecarLimit, followUps },
    };
    const { gallery: port, galleryHost: host, galleryTitle: title } = flags;
    const gallery = port === undefined ? undefined : { port, host, title };
    if (flags.dryRun)
      return printPlan(
        await planFolder({ inboxes, outbox, recipes, flags, ...options }),
        flags,
        nothingIn(inboxes, recursive),
      );
    await watchFolder({
      inboxes,
      outbox,
      recipes,
      flags,
      ...options,
      gallery,
      ...(address && { server: { ...flags, address } }),
    });
  },
};

export interface WatchFolder {
  /** For the screen. */
  title?: string;
  /** Absolute; one or several. */
  inboxes: readonly string[];
  outbox: string;
  recipes: Recipes;
  flags: RunningFlags;
  /** Pattern of the paintings' names, checked by watchPattern(); that of the photo if undefined. */
  name?: string;
  once: boolean;
  force: boolean;
  recursive?: boolean;
  poll?: boolean;
  include?: readonly string[];
  exclude?: readonly string[];
  repaint?: boolean;
  duplicates?: 'skip' | 'paint';
  sidecarLimit?: number;
  followUps?: FollowUpFlags;
  /** A queue that other machines share. */
  server?: SharedFlags & { address: Address };
  /** Shows the paintings in browsers. */
  gallery?: GalleryFlags;
  /** Whether pictures that are stopped while they are painted resume at the next start. */
  resumes?: boolean;
  /** Receives every event. */
  listener?: Listener;
  /** How many frames a sequence has, if that is known. */
  frames?: number;
}

/** The port of a gallery. */
const usualPort = 8734;

/** @throws UserError for a value that is no port: the inbox, say, if it follows the flag */
function toPort(values: string | string[]): number | undefined {
  const value = last(values);
  if (value === undefined) return undefined;
  const port = value === '' ? usualPort : Number(value);
  if (/^\d*$/.test(value) && port <= 65_535) return port;
  throw new UserError(
    `--gallery ${value}: expected a port up to 65535, or nothing. Put the inbox before it, or write --gallery=${usualPort}.`,
  );
}

/** Enough for `best` at 2048 pixels where flags say `draft`, not for days. */
const usualSidecarLimit = 200;

const nothingIn = (inboxes: readonly string[], recursive: boolean) =>
  `${inboxNames(inboxes)}: there are no photos in ${inboxes.length > 1 ? 'these folders' : 'this folder'}${recursive ? '' : ' (--recursive includes subfolders)'}.`;

/** What watchFolder() would paint first. Names of paintings are not reserved, so several photos may get the same. */
export async function planFolder({
  inboxes: given,
  outbox,
  recipes,
  ...options
}: WatchFolder): Promise<Planned[]> {
  const { name, recursive = false, include, exclude, repaint, force } = options;
  const { sidecarLimit = usualSidecarLimit } = options;
  const aside = movesOf(options);
  await requireFolders(given);
  for (const inbox of given) await recipes.withoutSidecars(inbox);
  const inboxes = await openInboxes(given, outbox, recursive || hasFolder(name ?? ''), aside);
  const store = isThere(jobStorePath(outbox)) ? new JobStore(jobStorePath(outbox)) : undefined;
  const recipeOf = limitedRecipes(recipes, sidecarLimit, (overrides) => recipes.of(overrides));
  const accept = async (overrides: Overrides) => contentBounds((await recipeOf(overrides)).settings);
  const rules = { accept, repaint, sidecars: sidecarLimit > 0 };
  const planPhoto = async (
    inbox: Inbox,
    source: string,
    sourceHash: string,
    recipe: Recipe,
  ): Promise<Planned> => {
    const { hash: settingsHash, formerHashes } = recipe;
    const photo = { source, sourceHash, settingsHash, askedHash: settingsHash, formerHashes };
    const past = force ? undefined : store?.history.settled(photo);
    if (past) return { source, reason: past.why };
    const bounds = contentBounds(recipe.settings);
    const { size, taken } = await examine('picture', { path: source, within: inbox.folder, bounds });
    return { source, recipe, size, output: wantedOutput(inbox, name, { source, recipe }, taken) };
  };
  const plan: Planned[] = [];
  const places = { outbox, aside, recursive, include, exclude, byName: recipes.flags.sequence };
  const planInbox = async (inbox: Inbox) => {
    const arrivals = openInbox(
      { ...rules, ...places, folder: inbox.folder, once: true, say: warn },
      new AbortController().signal,
    );
    for await (const arrival of arrivals) {
      if (arrival.kind === 'gone') continue;
      const { path: source } = arrival;
      if (arrival.kind !== 'picture') {
        plan.push({ source, reason: arrival.reason });
        continue;
      }
      try {
        plan.push(await planPhoto(inbox, source, arrival.hash, await recipeOf(arrival.overrides)));
      } catch (error) {
        // Changed just now.
        if (!(error instanceof UserError)) throw error;
        plan.push({ source, reason: error.message });
      }
    }
  };
  for (const inbox of inboxes)
    await planInbox(inbox).catch((error: unknown) => {
      if (!(error instanceof UserError) || inboxes.length === 1) throw error;
      warn(error.message);
    });
  store?.close();
  return plan;
}

/** Recipes of photos, except those whose sidecars ask for too much: anyone who drops photos can drop sidecars. */
function limitedRecipes(
  { flags }: Recipes,
  sidecarLimit: number,
  recipeOf: (overrides: Overrides) => Promise<Recipe>,
): (overrides: Overrides) => Promise<Recipe> {
  const usualWork = workOf(flags);
  return async (overrides) => {
    const recipe = await recipeOf(overrides);
    const factor = workOf(recipe.settings) / usualWork;
    if (overrides.from !== undefined && factor > sidecarLimit)
      throw new UserError(
        `${overrides.from}: asks for ${Math.ceil(factor)} times the work of the flags (size × size × iterations), at most ${sidecarLimit} is allowed. --sidecar-limit changes that.`,
      );
    return recipe;
  };
}

/** Paints the photos of a folder into another one, which also holds the job store. */
export async function watchFolder({
  recipes,
  flags,
  once,
  force,
  poll,
  ...given
}: WatchFolder): Promise<void> {
  const { name, recursive = false, duplicates = 'skip', include, exclude, repaint, resumes = true } = given;
  const { sidecarLimit = usualSidecarLimit } = given;
  /** Whether paintings may go into subfolders of the outbox. */
  const hasFolders = recursive || hasFolder(name ?? '');
  await requireFolders(given.inboxes);
  // Check the flags before anything is written.
  for (const inbox of given.inboxes) await recipes.withoutSidecars(inbox);
  await makeFolder(given.outbox);
  const outbox = await realpath(given.outbox);
  const followUps = given.followUps && (await withFolders(given.followUps));
  const aside = movesOf({ followUps });
  const inboxes = await openInboxes(given.inboxes, outbox, hasFolders, aside);
  const isOnly = inboxes.length === 1;
  let isAnyAway = false;
  /** Photos of several inboxes are taken in one after the other, so that a photo that is in two of them is noticed. */
  const turn = pLimit(1);
  let say = (text: string) => warn(text);
  let stopped: AbortSignal | undefined;
  const recipeOf = limitedRecipes(recipes, sidecarLimit, (overrides) =>
    recipes.ofPhoto(overrides, {
      report: ({ message }) => say(`${message} Waiting until it can be read.`),
      signal: stopped,
    }),
  );
  const accept = async (overrides: Overrides) => contentBounds((await recipeOf(overrides)).settings);
  const take = async (intake: Intake, arrival: Arrival) => {
    if (arrival.kind === 'link' || arrival.kind === 'painting' || arrival.kind === 'away')
      return turn(() => intake.skip(arrival.path, arrival.reason));
    // A file that was put back meanwhile is examined again.
    if (arrival.kind === 'gone') return turn(() => intake.gone(arrival.paths.filter(isGone)));
    const { path, hash } = arrival;
    if (arrival.kind === 'bad') return turn(() => intake.reject(path, hash, arrival.reason));
    try {
      // Files of the recipe may go away in this very moment.
      const recipe = await retryUntilAvailable(() => recipeOf(arrival.overrides), {
        when: isReadTrouble,
        report: ({ message }) => say(message),
        signal: stopped,
      });
      await turn(() => intake.add(path, hash, recipe));
    } catch (error) {
      // A style was removed just now.
      if (!(error instanceof UserError)) throw error;
      await turn(() => intake.reject(path, hash, error.message));
    }
  };
  await inOutbox(
    outbox,
    async (store, lease) => {
      const { history } = store;
      const { sequence } = recipes.flags;
      const rules = { seen: seenIn(store), accept, repaint, sidecars: sidecarLimit > 0 };
      const inboxFor = (source: string) => inboxOf(inboxes, source) ?? inboxes[0];
      const add = async (intake: Intake, path: string) =>
        take(intake, { path, ...(await judgePicture(path, { ...rules, folder: inboxFor(path).folder })) });
      const retry = async (intake: Intake) => {
        let trouble: unknown;
        for (const { id, source } of history.retries()) {
          try {
            await add(intake, source);
            history.endRetry(id);
          } catch (error) {
            // The job keeps its mark, and the others go on.
            if (!isTemporary(error)) throw error;
            trouble = error;
          }
        }
        if (trouble) throw trouble;
      };
      const outputFor = (job: QueuedJob) => {
        // A retried photo may have been moved, or come from an inbox that is not watched now.
        const moved = aside.find((folder) => isBelow(job.source, folder));
        const inbox = moved ? undefined : inboxOf(inboxes, job.source);
        const root = inbox ?? { folder: moved ?? outbox, outbox };
        return store.freeOutput(wantedOutput(root, name, job, store.seen.takenAt(job.sourceHash)));
      };
      /** Takes in the photos of an inbox. One of several that is away holds up no other. */
      const feedFrom = async (inbox: Inbox, intake: Intake, signal: AbortSignal) => {
        const places = { link: inbox.given, outbox, aside, recursive, include, exclude, byName: sequence };
        const options = { ...rules, ...places, once, poll, say };
        while (true) {
          try {
            for await (const arrival of openInbox({ ...options, folder: inbox.folder }, signal))
              await take(intake, arrival);
          } catch (error) {
            if (isOnly || !(error instanceof UserError)) throw error;
            say(`${error.message} The other inboxes go on.`);
            isAnyAway = true;
          }
          if (once || signal.aborted) return;
          const open = async () => {
            const real = await realpath(inbox.given);
            await access(real, constants.R_OK);
            return real;
          };
          const real = await retryUntilAvailable(open, {
            when: () => true,
            // Said already.
            report: isOnly ? ({ message }) => say(message) : undefined,
            signal,
          }).catch((error: unknown) => {
            if (!signal.aborted) throw error;
          });
          if (real === undefined) return;
          const isElsewhere = real !== inbox.folder;
          inbox.folder = real;
          checkInboxes(inboxes, outbox, hasFolders, aside);
          if (isElsewhere && real !== inbox.given)
            say(`${shortPath(inbox.given)}: now leads to ${real}, which is watched instead.`);
          else say(`${shortPath(inbox.given)}: is back.`);
        }
      };
      const { server } = given;
      const print = (text: string) => say(text);
      const oneAtATime = sequence ? { ...flags, slots: 1 } : undefined;
      const placements = (server || oneAtATime) && (await choosePlacements(oneAtATime ?? flags, print));
      const sourceOf = (name: string, hash: string) =>
        store.seen.pathsOf(hash)[0] ?? join(inboxes[0].folder, name);
      const owner = { jobs: store, placements: placements ?? [], outbox, outputFor, sourceOf, say: print };
      const gallery = given.gallery && (await showGallery(given.gallery, outbox, history, print));
      const opening = server && openOwned(server.address, server, owner);
      // A server that still listens would keep the program.
      opening?.catch(() => gallery?.close());
      const shared = await opening;
      const painting = paintSession({
        title:
          given.title ??
          `${once ? 'paint' : 'watch'} ${isOnly ? inboxNames(given.inboxes) : inboxes.map(({ name }) => name).join(', ')} → ${shortPath(given.outbox)}`,
        flags,
        recipes,
        store,
        force,
        // A frame may be the same as the one before it.
        allowDuplicates: duplicates === 'paint' || sequence,
        formerFrame: sequence ? (job) => history.frameBefore(job) : undefined,
        longRunning: !once,
        frames: given.frames,
        listener: given.listener ?? gallery?.listener,
        gallery: gallery?.url,
        inboxes: isOnly ? undefined : inboxes,
        nothing: nothingIn(given.inboxes, recursive),
        placements,
        ...(shared
          ? ofSharedQueue(shared)
          : { outbox, outputFor, stateFor: resumes ? (job) => stateFile(outbox, job) : undefined }),
        feed: async (intake, signal, print) => {
          [say, stopped] = [print, signal];
          if (gallery) say(`The gallery: ${gallery.url}`);
          await Promise.all(inboxes.map((inbox) => feedFrom(inbox, intake, signal)));
        },
        followUps: followUps && { ...followUps, inboxes: () => inboxes.map(({ folder }) => folder) },
        add,
        retry,
        background: (intake, say) =>
          lease.keep(
            () => retry(intake),
            ({ message }) => say(message),
          ),
      });
      await painting.finally(() => Promise.all([shared?.close(), gallery?.close()]));
      if (isAnyAway && once) process.exitCode ||= 1;
    },
    followUps && followUpPlan(followUps),
  );
}

/**
 * The path of a photo's painting, as long as nothing else has that name: its own name in the same subfolder, or what the
 * pattern makes, which replaces the subfolders only if it has folders itself.
 * @param taken when, in local time, if the photo says so
 */
function wantedOutput(
  { folder, outbox }: Pick<Inbox, 'folder' | 'outbox'>,
  name = '{name}',
  { source, recipe }: Pick<QueuedJob, 'source' | 'recipe'>,
  taken: string | undefined,
): string {
  const extension = patternExtension(name) || outputExtension(source);
  const made = nameFrom(patternExtension(name) ? name : name + extension, {
    name: basename(source, extname(source)),
    style: styleName(recipe.settings.styles),
    size: sizeName(recipe.settings),
    date: photoDate(source, taken),
  });
  const keepsFolder = !hasFolder(name) && isBelow(source, folder);
  return join(outbox, keepsFolder ? relative(folder, dirname(source)) : '', made);
}

/** Loaded on demand, since its libraries take a tenth of a second. */
async function showGallery(...given: Parameters<typeof openGallery>) {
  const { openGallery } = await import('../../app/gallery.js');
  return openGallery(...given);
}

/** If the job store's disk is full or unavailable, photos are simply read again. */
const seenIn = ({ seen }: JobStore): Seen => ({
  find: (path, entry) => unlessTransient(() => seen.find(path, entry)),
  add: (...photo) => unlessTransient(() => seen.add(...photo)),
});

/** The folders that photos are moved to. */
const movesOf = ({ followUps }: Pick<WatchFolder, 'followUps'>): string[] =>
  [followUps?.moveDone, followUps?.moveFailed].filter((folder) => folder !== undefined);

/** About proportional to the time of a painting. */
const workOf = (settings: Settings) => wantedSide(settings) ** 2 * settings.iterations;
