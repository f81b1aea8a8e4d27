/** A gallery as files that any web server can serve, and that open from a disk. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLeftovers, writeWhole } from '../util/atomic-write.js';
import type { Collection } from './collection.js';
import { indexPage, pageCount, pageLength, pageName, paintingPage, type Site } from './pages.js';
import { styleSheet } from './style.js';

/** The script of all pages. */
export const script = () => readFile(new URL('./browser.js', import.meta.url), 'utf8');

/**
 * Writes the pages of a collection that was refreshed; those that are as they should be are left alone.
 * @param folder the collection's
 * @throws UserError if it cannot be written
 */
export async function writeSite(folder: string, { paintings }: Collection, title: string): Promise<void> {
  await removeLeftovers(folder);
  const site: Site = { title, live: false };
  await writeIfOther(join(folder, 'gallery.css'), styleSheet);
  await writeIfOther(join(folder, 'gallery.js'), await script());
  // A page is written before those that link to it.
  for (const [i, painting] of paintings.entries()) {
    const around = { newer: paintings[i - 1], older: paintings[i + 1], page: Math.floor(i / pageLength) + 1 };
    const page = await paintingPage(site, painting, around);
    await writeIfOther(join(folder, 'paintings', `${painting.id}.html`), String(page));
  }
  const pages = pageCount(paintings.length);
  for (let page = pages; page >= 1; page--)
    await writeIfOther(join(folder, pageName(page)), String(await indexPage(site, paintings, page)));
  const current = new Set(paintings.map(({ id }) => `${id}.html`));
  await removeOthers(join(folder, 'paintings'), /^[\da-f]{16}\.html$/, (name) => current.has(name));
  await removeOthers(folder, /^page-\d+\.html$/, (name) => Number(name.slice(5, -5)) <= pages);
}

async function writeIfOther(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before !== text) await writeWhole(path, Buffer.from(text), { overwrite: true, isDerived: true });
}

async function removeOthers(folder: string, ours: RegExp, isCurrent: (name: string) => boolean) {
  for (const name of await readdir(folder).catch(() => []))
    if (ours.test(name) && !isCurrent(name)) await rm(join(folder, name), { force: true });
}
