/** stylize-tui watch: paints what is in a folder and what comes. */
import { realpath, stat } from 'node:fs/promises';
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
import { makeFolder } from '../../util/atomic-write.js';
import { UserError } from '../../util/errors.js';
import { warn } from '../../util/say.js';
import { isReadTrouble, isTransient, retryUntilAvailable, unlessTransient } from '../../util/transient.js';
import {
  checkRunning,
  explicitSettings,
  flag,
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
}

export const watchCommand: CommandModule<object, WatchFlags> = {
  command: 'watch <inbox>',
  describe: 'Paint the photos in a folder, and those that arrive',
  builder: (yargs) =>
    runningOptions(paintingOptions(yargs))
      .positional('inbox', {
        type: 'string',
        demandOption: true,
        describe: 'Folder that photos are dropped into',
      })
      .option('output', text('Folder for the paintings (<inbox>/stylized)'))
      .option('once', flag('Paint what is there and exit'))
      .option('recursive', flag('Subfolders too; the paintings keep their paths'))
      .option('include', {
        ...text('Folders to look into that are left alone with --recursive, such as @eaDir'),
        array: true,
        coerce: list,
      })
      .option('repaint', flag('Also pictures that stylize-tui painted'))
      .option('poll', flag('Look every few seconds: for network shares, where nothing tells of a new file'))
      .option('duplicates', {
        ...text('The same picture under another name'),
        choices: ['skip', 'paint'],
        default: 'skip',
      })
      .option('force', flag('Paint again what was painted before'))
      .example('$0 watch ./inbox --styles a.jpg,b.jpg --blend 0.7,0.3', '') as unknown as Argv<WatchFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const recipes = new Recipes(await explicitSettings({ ...flags }));
    const inbox = resolve(flags.inbox);
    const outbox = flags.output ? resolve(flags.output) : join(inbox, 'stylized');
    const { once, force, recursive, poll, include, repaint, duplicates } = flags;
    const what = { once, force, recursive, poll, include, repaint, duplicates };
    await watchFolder({ inbox, outbox, recipes, flags, ...what });
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
}

/** Paints a folder into another, with a job store beside the paintings. */
export async function watchFolder({
  recipes,
  flags,
  once,
  force,
  poll,
  ...given
}: WatchFolder): Promise<void> {
  const { recursive = false, duplicates = 'skip', include, repaint } = given;
  await requireFolder(given.inbox);
  // What flags say is checked before anything is begun.
  await recipes.withoutSidecars(given.inbox);
  await makeFolder(given.outbox);
  // Without links in them it can be told whether one lies in the other.
  const inbox = await realpath(given.inbox);
  const outbox = await realpath(given.outbox);
  requireApart(inbox, outbox, recursive);
  let say = (text: string) => warn(text);
  let stopped: AbortSignal | undefined;
  const recipeOf = (overrides: Overrides) =>
    recipes.ofPhoto(overrides, {
      report: ({ message }) => say(`${message} Waiting until it can be read.`),
      signal: stopped,
    });
  const accept = async (overrides: Overrides) => contentBounds((await recipeOf(overrides)).settings);
  const take = async (intake: Intake, arrival: Arrival) => {
    if (arrival.kind === 'link' || arrival.kind === 'painting' || arrival.kind === 'away')
      return intake.skip(arrival.path, arrival.reason);
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
      // A style was removed in this very moment.
      if (!(error instanceof UserError)) throw error;
      await intake.reject(path, hash, error.message);
    }
  };
  await inOutbox(outbox, async (store, lease) => {
    const { history } = store;
    const terms = { folder: inbox, seen: seenIn(store), accept, repaint };
    const retry = async (intake: Intake) => {
      let trouble: unknown;
      for (const { id, source } of history.retries()) {
        try {
          await take(intake, { path: source, ...(await judgePicture(source, terms)) });
          history.endRetry(id);
        } catch (error) {
          // It keeps its mark, and holds up no other.
          if (!isTransient(error) && !isReadTrouble(error)) throw error;
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
      stateFor: (job) => stateFile(outbox, job),
      outputFor: ({ source }) => {
        const folder = join(outbox, relative(inbox, dirname(source)));
        return store.freeOutput(folder, source, outputExtension(source));
      },
      feed: async (intake, signal, tell) => {
        [say, stopped] = [tell, signal];
        const options = { ...terms, outbox, recursive, include, once, poll, say };
        for await (const arrival of openInbox(options, signal)) await take(intake, arrival);
      },
      retry,
      background: (intake, say) =>
        lease.keep(
          () => retry(intake),
          ({ message }) => say(message),
        ),
    });
  });
}

/** While the job store's disk is full or away, photos are read again: that costs time only. */
const seenIn = ({ seen }: JobStore): Seen => ({
  find: (path, entry) => unlessTransient(() => seen.find(path, entry)),
  add: (path, entry, hash) => unlessTransient(() => seen.add(path, entry, hash)),
});

/** Paintings that land in the inbox would be painted again, and again. */
function requireApart(inbox: string, outbox: string, recursive: boolean): void {
  if (outbox === inbox)
    throw new UserError(`--output ${outbox}: the paintings need a folder other than the inbox.`);
  if (recursive && inbox.startsWith(outbox.endsWith(sep) ? outbox : outbox + sep))
    throw new UserError(
      `--output ${outbox}: the inbox lies in it, so that with --recursive paintings could land in the inbox. Choose another folder.`,
    );
}

/** Before the outbox is made, which may lie inside: a mistyped inbox must not come into being. */
async function requireFolder(inbox: string): Promise<void> {
  const found = await stat(inbox).catch(() => undefined);
  if (!found) throw new UserError(`${inbox}: there is no such folder. Make it, or name another.`);
  if (!found.isDirectory())
    throw new UserError(`${inbox}: expected a folder, got a file. To paint one photo: run --content.`);
}

/** A path as a person in this folder would write it, where that is shorter. */
export function shortPath(path: string): string {
  const near = relative('.', path) || '.';
  return near.length < path.length ? near : path;
}
