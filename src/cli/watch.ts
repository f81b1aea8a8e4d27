/** stylize-tui watch: paints what is in a folder and what comes. */
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { outputExtension } from '../image/formats.js';
import { makeFolder } from '../image/write.js';
import { openInbox } from '../inbox/inbox.js';
import { openLedger } from '../jobs/rebuild.js';
import { formerHash, makeRecipe, type Recipe } from '../jobs/recipe.js';
import { UserError } from '../settings/errors.js';
import {
  checkRunning,
  flag,
  paintingOptions,
  type RunningFlags,
  runningOptions,
  settingsFrom,
  text,
} from './options.js';
import { paintSession } from './session.js';

interface WatchFlags extends RunningFlags {
  inbox: string;
  preset?: string[];
  output?: string;
  once: boolean;
  force: boolean;
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
      .option('force', flag('Paint again what was painted before'))
      .example('$0 watch ./inbox --styles a.jpg,b.jpg --blend 0.7,0.3', '') as Argv<WatchFlags>,
  handler: async (flags) => {
    checkRunning(flags);
    const recipe = await makeRecipe(await settingsFrom({ ...flags }));
    const inbox = resolve(flags.inbox);
    const outbox = flags.output ? resolve(flags.output) : join(inbox, 'stylized');
    await watchFolder({ inbox, outbox, recipe, flags, once: flags.once, force: flags.force });
  },
};

export interface WatchFolder {
  inbox: string;
  outbox: string;
  recipe: Recipe;
  flags: RunningFlags;
  once: boolean;
  force: boolean;
}

/** Paints a folder into another, with a ledger beside the paintings. */
export async function watchFolder({ inbox, outbox, recipe, flags, once, force }: WatchFolder): Promise<void> {
  if (outbox === inbox)
    throw new UserError(`--output ${outbox}: the paintings need a folder other than the inbox.`);
  const arrivals = (signal: AbortSignal) => openInbox({ folder: inbox, outbox, once }, signal);
  await requireFolder(inbox);
  await makeFolder(outbox);
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const ledger = await openLedger(outbox, say);
  const hold = ledger.claim();
  if (hold.note) say(hold.note);
  try {
    ledger.renameSettings(formerHash(recipe), recipe.hash);
    await paintSession({
      title: `${once ? 'paint' : 'watch'} ${nearName(inbox)} → ${nearName(outbox)}`,
      flags,
      ledger,
      recipe,
      force,
      lasting: !once,
      outputFor: (source) => ledger.freeOutput(outbox, source, outputExtension(source)),
      feed: async (painter, stopped) => {
        for await (const { path, reason } of arrivals(stopped)) {
          if (reason === undefined) await painter.add(path);
          else painter.reject(path, reason);
        }
        painter.finish();
      },
      beside: (painter) =>
        hold.keep(async () => {
          for (const photo of ledger.takeRetries()) await painter.add(photo);
        }),
    });
  } finally {
    hold.release();
    ledger.close();
  }
}

/** Before the outbox is made, which may lie inside: a mistyped inbox must not come into being. */
async function requireFolder(inbox: string): Promise<void> {
  const found = await stat(inbox).catch(() => undefined);
  if (!found) throw new UserError(`${inbox}: there is no such folder. Make it, or name another.`);
  if (!found.isDirectory())
    throw new UserError(`${inbox}: expected a folder, got a file. To paint one photo: run --content.`);
}

/** A path as a person in this folder would write it, where that is shorter. */
function nearName(path: string): string {
  const near = relative('.', path) || '.';
  return near.length < path.length ? near : path;
}
