/** stylize-tui watch: paints the photos in a folder, and those that arrive. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { GalleryFlags, openGallery } from '../../app/gallery.js';
import type { Intake } from '../../app/intake.js';
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
import { JobStore } from '../../queue/store.js';
import { contentBounds } from '../../render/inputs.js';
import type { Recipe } from '../../settings/recipe.js';
import type { Settings } from '../../settings/settings.js';
import { makeFolder } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { shortPath } from '../../util/format.js';
import { isBelow, isGone } from '../../util/read-file.js';
import { warn } from '../../util/say.js';
import { isReadTrouble, isTemporary, retryUntilAvailable, unlessTransient } from '../../util/transient.js';
import { type Planned, printPlan } from '../dry-run.js';
import {
  checkContradictions,
  checkRunning,
  explicitSettings,
  flag,
  number,
  ownSettings,
  paintingOptions,
  runningOptions,
  sharedOptions,
  text,
} from '../flags/options.js';
import { last, list } from '../flags/values.js';

interface WatchFlags extends RunningFlags, SharedFlags {
  inbox: string;
  preset?: string[];
  output?: string;
  once: boolean;
  force: boolean;
  dryRun: boolean;
  recursive: boolean;
  poll: boolean;
  include?: string[];
  repaint: boolean;
  duplicates: 'skip' | 'paint';
  sidecarLimit: number;
  gallery?: number;
  galleryHost: string;
  galleryTitle: string;
}

export const watchCommand: CommandModule<object, WatchFlags> = {
  command: 'watch <inbox>',
  describe: 'Paint the photos in a folder, and those that arrive',
  builder: (yargs) =>
    sharedOptions(runningOptions(paintingOptions(yargs)))
      .positional('inbox', {
        type: 'string',
        demandOption: true,
        describe: 'Folder with the photos',
      })
      .option('output', { ...text('Folder for the paintings (<inbox>/stylized)'), alias: 'o' })
      .option('once', flag('Paint the photos that are there, and exit'))
      .option('dry-run', flag('Print what would be painted, how large and how long it takes; paint nothing'))
      .option('recursive', flag('Include subfolders; paintings keep their relative paths'))
      .option('include', {
        ...text('Subfolders to include that --recursive would ignore, such as @eaDir'),
        array: true,
        coerce: list,
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
      .example('$0 watch ./inbox --style a.jpg,b.jpg --blend 0.7,0.3', '') as unknown as Argv<WatchFlags>,
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
    const recipes = new Recipes(explicit, await ownSettings({ ...flags }));
    const inbox = resolve(flags.inbox);
    const outbox = flags.output ? resolve(flags.output) : join(inbox, 'stylized');
    const { once, force, recursive, poll, include, repaint, duplicates, sidecarLimit } = flags;
    if (!(sidecarLimit >= 0)) throw new UserError('--sidecar-limit: expected a number from 0 up.');
    const { gallery: port, galleryHost: host, galleryTitle: title } = flags;
    const gallery = port === undefined ? undefined : { port, host, title };
    const options = { once, force, recursive, poll, include, repaint, duplicates, sidecarLimit };
    if (flags.dryRun)
      return printPlan(
        await planFolder({ inbox, outbox, recipes, flags, ...options }),
        flags,
        nothingIn(inbox, recursive),
      );
    await watchFolder({
      inbox,
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
  inbox: string;
  outbox: string;
  recipes: Recipes;
  flags: RunningFlags;
  once: boolean;
  force: boolean;
  recursive?: boolean;
  poll?: boolean;
  include?: readonly string[];
  repaint?: boolean;
  duplicates?: 'skip' | 'paint';
  sidecarLimit?: number;
  /** A queue that other machines share. */
  server?: SharedFlags & { address: Address };
  /** Shows the paintings in browsers. */
  gallery?: GalleryFlags;
  /** Whether pictures that are stopped while they are painted resume at the next start. */
  resumes?: boolean;
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

const nothingIn = (inbox: string, recursive: boolean) =>
  `${shortPath(inbox)}: there are no photos in this folder${recursive ? '' : ' (--recursive includes subfolders)'}.`;

/** What watchFolder() would paint first. Names of paintings are not reserved, so several photos may get the same. */
async function planFolder({ inbox: given, outbox, recipes, ...options }: WatchFolder): Promise<Planned[]> {
  const { recursive = false, include, repaint, force, sidecarLimit = usualSidecarLimit } = options;
  await requireFolder(given);
  await recipes.withoutSidecars(given);
  const folder = await realpath(given);
  const store = isThere(jobStorePath(outbox)) ? new JobStore(jobStorePath(outbox)) : undefined;
  const recipeOf = limitedRecipes(recipes, sidecarLimit, (overrides) => recipes.of(overrides));
  const accept = async (overrides: Overrides) => contentBounds((await recipeOf(overrides)).settings);
  const rules = { accept, repaint, sidecars: sidecarLimit > 0 };
  const planPhoto = async (source: string, sourceHash: string, recipe: Recipe): Promise<Planned> => {
    const { hash: settingsHash, formerHashes } = recipe;
    const photo = { source, sourceHash, settingsHash, askedHash: settingsHash, formerHashes };
    const past = force ? undefined : store?.history.settled(photo);
    if (past) return { source, reason: past.why };
    const bounds = contentBounds(recipe.settings);
    const { size } = await examine('picture', { path: source, within: folder, bounds });
    const name = `${basename(source, extname(source))}${outputExtension(source)}`;
    return { source, recipe, size, output: join(outbox, relative(folder, dirname(source)), name) };
  };
  const plan: Planned[] = [];
  const arrivals = openInbox(
    { ...rules, folder, outbox, recursive, include, once: true, say: warn },
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
      plan.push(await planPhoto(source, arrival.hash, await recipeOf(arrival.overrides)));
    } catch (error) {
      // Changed just now.
      if (!(error instanceof UserError)) throw error;
      plan.push({ source, reason: error.message });
    }
  }
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
  const { recursive = false, duplicates = 'skip', include, repaint, resumes = true } = given;
  const { sidecarLimit = usualSidecarLimit } = given;
  await requireFolder(given.inbox);
  // Check the flags before anything is written.
  await recipes.withoutSidecars(given.inbox);
  await makeFolder(given.outbox);
  // Links are resolved to find out whether one folder is inside the other.
  let inbox = await realpath(given.inbox);
  const outbox = await realpath(given.outbox);
  requireApart(inbox, outbox, recursive);
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
      return intake.skip(arrival.path, arrival.reason);
    // A file that was put back meanwhile is examined again.
    if (arrival.kind === 'gone') return intake.gone(arrival.paths.filter(isGone));
    const { path, hash } = arrival;
    if (arrival.kind === 'bad') return intake.reject(path, hash, arrival.reason);
    try {
      // Files of the recipe may go away in this very moment.
      const recipe = await retryUntilAvailable(() => recipeOf(arrival.overrides), {
        when: isReadTrouble,
        report: ({ message }) => say(message),
        signal: stopped,
      });
      await intake.add(path, hash, recipe);
    } catch (error) {
      // A style was removed just now.
      if (!(error instanceof UserError)) throw error;
      await intake.reject(path, hash, error.message);
    }
  };
  await inOutbox(outbox, async (store, lease) => {
    const { history } = store;
    const rules = { seen: seenIn(store), accept, repaint, sidecars: sidecarLimit > 0 };
    const add = async (intake: Intake, path: string) =>
      take(intake, { path, ...(await judgePicture(path, { ...rules, folder: inbox })) });
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
    const outputFor = ({ source }: { source: string }) => {
      // A retried photo may come from another inbox.
      const folder = isBelow(source, inbox) ? join(outbox, relative(inbox, dirname(source))) : outbox;
      return store.freeOutput(folder, source, outputExtension(source));
    };
    const { server } = given;
    const print = (text: string) => say(text);
    const placements = server && (await choosePlacements(flags, print));
    const sourceOf = (name: string, hash: string) => store.seen.pathsOf(hash)[0] ?? join(inbox, name);
    const owner = { jobs: store, placements: placements ?? [], outbox, outputFor, sourceOf, say: print };
    const gallery = given.gallery && (await showGallery(given.gallery, outbox, history, print));
    const opening = server && openOwned(server.address, server, owner);
    // A server that still listens would keep the program.
    opening?.catch(() => gallery?.close());
    const shared = await opening;
    const painting = paintSession({
      title: `${once ? 'paint' : 'watch'} ${shortPath(given.inbox)} → ${shortPath(given.outbox)}`,
      flags,
      recipes,
      store,
      force,
      allowDuplicates: duplicates === 'paint',
      longRunning: !once,
      nothing: nothingIn(given.inbox, recursive),
      placements,
      listener: gallery?.listener,
      gallery: gallery?.url,
      ...(shared
        ? ofSharedQueue(shared)
        : { outbox, outputFor, stateFor: resumes ? (job) => stateFile(outbox, job) : undefined }),
      feed: async (intake, signal, print) => {
        [say, stopped] = [print, signal];
        if (gallery) say(`The gallery: ${gallery.url}`);
        const options = { ...rules, link: resolve(given.inbox), outbox, recursive, include, once, poll, say };
        while (true) {
          for await (const arrival of openInbox({ ...options, folder: inbox }, signal))
            await take(intake, arrival);
          if (once || signal.aborted) return;
          const open = async () => {
            const real = await realpath(given.inbox);
            await access(real, constants.R_OK);
            return real;
          };
          inbox = await retryUntilAvailable(open, {
            when: () => true,
            report: ({ message }) => say(message),
            signal,
          });
          requireApart(inbox, outbox, recursive);
          say(`${shortPath(given.inbox)}: now leads to ${inbox}, which is watched instead.`);
        }
      },
      add,
      retry,
      background: (intake, say) =>
        lease.keep(
          () => retry(intake),
          ({ message }) => say(message),
        ),
    });
    await painting.finally(() => Promise.all([shared?.close(), gallery?.close()]));
  });
}

/** Loaded on demand, since its libraries take a tenth of a second. */
async function showGallery(...given: Parameters<typeof openGallery>) {
  const { openGallery } = await import('../../app/gallery.js');
  return openGallery(...given);
}

/** If the job store's disk is full or unavailable, photos are simply read again. */
const seenIn = ({ seen }: JobStore): Seen => ({
  find: (path, entry) => unlessTransient(() => seen.find(path, entry)),
  add: (path, entry, hash) => unlessTransient(() => seen.add(path, entry, hash)),
});

/** @throws UserError if paintings would be taken for photos, and painted again and again */
function requireApart(inbox: string, outbox: string, recursive: boolean): void {
  if (outbox === inbox)
    throw new UserError(
      `--output ${outbox}: paintings cannot go into the inbox itself. Choose another folder.`,
    );
  if (recursive && inbox.startsWith(outbox.endsWith(sep) ? outbox : outbox + sep))
    throw new UserError(
      `--output ${outbox}: contains the inbox, so with --recursive paintings could be written into the inbox. Choose another folder.`,
    );
}

/** Called before the outbox is created, which may be inside: otherwise a mistyped inbox would be created too. */
async function requireFolder(inbox: string): Promise<void> {
  const found = await stat(inbox).catch(() => undefined);
  if (!found) throw new UserError(`${inbox}: there is no such folder. Create it, or choose another.`);
  if (!found.isDirectory())
    throw new UserError(
      `${inbox}: expected a folder, got a file. To paint one photo: stylize-tui run --content.`,
    );
}

/** About proportional to the time of a painting. */
const workOf = ({ width, size, iterations }: Settings) => (width ?? size) ** 2 * iterations;
