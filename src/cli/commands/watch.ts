/** stylize-tui watch: paints the photos in a folder, and those that arrive. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { Intake } from '../../app/intake.js';
import { inOutbox } from '../../app/outbox.js';
import { Recipes } from '../../app/recipes.js';
import type { RunningFlags } from '../../app/running-flags.js';
import { paintSession } from '../../app/session.js';
import { outputExtension } from '../../image/formats.js';
import { type Arrival, openInbox } from '../../inbox/inbox.js';
import type { Overrides } from '../../inbox/sidecar.js';
import { judgePicture, type Seen } from '../../inbox/stability.js';
import { stateFile } from '../../queue/job.js';
import type { JobStore } from '../../queue/store.js';
import { contentBounds } from '../../render/inputs.js';
import type { Settings } from '../../settings/settings.js';
import { makeFolder } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { isBelow, isGone } from '../../util/read-file.js';
import { warn } from '../../util/say.js';
import { isReadTrouble, isTemporary, retryUntilAvailable, unlessTransient } from '../../util/transient.js';
import {
  checkRunning,
  explicitSettings,
  flag,
  givenSettings,
  number,
  paintingOptions,
  runningOptions,
  text,
} from '../flags/options.js';
import { list } from '../flags/values.js';

interface WatchFlags extends RunningFlags {
  inbox: string;
  preset?: string[];
  output?: string;
  once: boolean;
  force: boolean;
  recursive: boolean;
  poll: boolean;
  include?: string[];
  repaint: boolean;
  duplicates: 'skip' | 'paint';
  sidecarLimit: number;
}

export const watchCommand: CommandModule<object, WatchFlags> = {
  command: 'watch <inbox>',
  describe: 'Paint the photos in a folder, and those that arrive',
  builder: (yargs) =>
    runningOptions(paintingOptions(yargs))
      .positional('inbox', {
        type: 'string',
        demandOption: true,
        describe: 'Folder with the photos',
      })
      .option('output', text('Folder for the paintings (<inbox>/stylized)'))
      .option('once', flag('Paint the photos that are there, and exit'))
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
      .example('$0 watch ./inbox --styles a.jpg,b.jpg --blend 0.7,0.3', '') as unknown as Argv<WatchFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const recipes = new Recipes(await explicitSettings({ ...flags }), givenSettings({ ...flags }));
    const inbox = resolve(flags.inbox);
    const outbox = flags.output ? resolve(flags.output) : join(inbox, 'stylized');
    const { once, force, recursive, poll, include, repaint, duplicates, sidecarLimit } = flags;
    if (!(sidecarLimit >= 0)) throw new UserError('--sidecar-limit: expected a number from 0 up.');
    const options = { once, force, recursive, poll, include, repaint, duplicates, sidecarLimit };
    await watchFolder({ inbox, outbox, recipes, flags, ...options });
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
  /** Whether pictures that are stopped while they are painted resume at the next start. */
  resumes?: boolean;
}

/** Enough for `best` at 2048 pixels where flags say `draft`, not for days. */
const usualSidecarLimit = 200;

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
  const usualWork = workOf(recipes.flags);
  let say = (text: string) => warn(text);
  let stopped: AbortSignal | undefined;
  const recipeOf = async (overrides: Overrides) => {
    const recipe = await recipes.ofPhoto(overrides, {
      report: ({ message }) => say(`${message} Waiting until it can be read.`),
      signal: stopped,
    });
    const factor = workOf(recipe.settings) / usualWork;
    // Anyone who drops photos can drop sidecars.
    if (overrides.from !== undefined && factor > sidecarLimit)
      throw new UserError(
        `${overrides.from}: asks for ${Math.ceil(factor)} times the work of the flags (size × size × iterations), at most ${sidecarLimit} is allowed. --sidecar-limit changes that.`,
      );
    return recipe;
  };
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
    await paintSession({
      title: `${once ? 'paint' : 'watch'} ${shortPath(given.inbox)} → ${shortPath(given.outbox)}`,
      flags,
      recipes,
      store,
      force,
      allowDuplicates: duplicates === 'paint',
      longRunning: !once,
      outbox,
      stateFor: resumes ? (job) => stateFile(outbox, job) : undefined,
      outputFor: ({ source }) => {
        // A retried photo may come from another inbox.
        const folder = isBelow(source, inbox) ? join(outbox, relative(inbox, dirname(source))) : outbox;
        return store.freeOutput(folder, source, outputExtension(source));
      },
      feed: async (intake, signal, print) => {
        [say, stopped] = [print, signal];
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
  });
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

/** The path relative to the current folder, if that is shorter. */
export function shortPath(path: string): string {
  const short = relative('.', path) || '.';
  return short.length < path.length ? short : path;
}

/** About proportional to the time of a painting. */
const workOf = ({ width, size, iterations }: Settings) => (width ?? size) ** 2 * iterations;
