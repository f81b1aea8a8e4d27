/** stylize-tui gallery: writes a folder of paintings as pages for browsers. */
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { jobStorePath } from '../../app/outbox.js';
import { Collection, galleryFolder } from '../../gallery/collection.js';
import { originsIn } from '../../gallery/painting.js';
import { writeSite } from '../../gallery/site.js';
import { isThere } from '../../queue/database.js';
import { JobStore } from '../../queue/store.js';
import { UserError } from '../../util/errors.js';
import { shortPath } from '../../util/format.js';
import { say, warn } from '../../util/say.js';
import { text } from '../flags/options.js';

interface GalleryCommandFlags {
  folder: string;
  output?: string;
  title: string;
}

/** Milliseconds between two lines about the progress. */
const lineInterval = 10_000;

export const galleryCommand: CommandModule<object, GalleryCommandFlags> = {
  command: 'gallery [folder]',
  describe: 'Write a folder of paintings as pages for browsers',
  builder: (yargs) =>
    yargs
      .positional('folder', {
        type: 'string',
        default: '.',
        describe: 'An inbox, or a folder of paintings',
      })
      .option('output', { ...text('Folder for the pages (gallery in the folder of paintings)'), alias: 'o' })
      .option('title', { ...text('Heading of the pages'), default: 'Paintings' })
      .example('$0 gallery ./inbox', '')
      .example(
        '$0 gallery ./inbox --output ./site --title "Our party"',
        '',
      ) as unknown as Argv<GalleryCommandFlags>,
  handler: async ({ folder, output, title }) => {
    const outbox = await outboxOf(folder);
    const pages = output === undefined ? galleryFolder(outbox) : resolve(output);
    if (!relative(pages, outbox).startsWith('..'))
      throw new UserError(`--output ${pages}: contains the paintings. Choose a folder of its own.`);
    const store = isThere(jobStorePath(outbox)) ? new JobStore(jobStorePath(outbox)) : undefined;
    const origins = store && originsIn(store.history);
    store?.close();
    const options = { outbox, folder: pages, originOf: (path: string) => origins?.get(path), say: warn };
    const collection = new Collection(options);
    await collection.open();
    let next = performance.now() + lineInterval;
    const counts = await collection.refresh(undefined, (done) => {
      if (performance.now() < next) return;
      next = performance.now() + lineInterval;
      say(`${done} pictures looked at`);
    });
    await writeSite(pages, collection, title);
    const { made, failed, others } = counts;
    const all = collection.paintings.length;
    say(
      `${all} ${all === 1 ? 'painting' : 'paintings'}, ${made} new: ${shortPath(join(pages, 'index.html'))}`,
    );
    if (others > 0)
      say(
        `${others} ${others === 1 ? 'picture is no finished painting' : 'pictures are no finished paintings'} of stylize-tui and left out.`,
      );
    if (failed > 0) process.exitCode = 1;
  },
};

/** The folder of paintings: the default outbox of an inbox that has one, else the folder itself. */
async function outboxOf(folder: string): Promise<string> {
  const given = resolve(folder);
  const found = await stat(given).catch(() => undefined);
  if (!found?.isDirectory())
    throw new UserError(
      `${folder}: ${found ? 'expected a folder, got a file' : 'there is no such folder'}. Name an inbox, or the folder of its paintings.`,
    );
  const inside = join(given, 'stylized');
  return !isThere(jobStorePath(given)) && isThere(jobStorePath(inside)) ? inside : given;
}
