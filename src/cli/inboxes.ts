/** The folders that `watch` watches, and where in the outbox the paintings of each go. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { UserError } from '../util/errors.js';
import { shortPath } from '../util/format.js';
import { isBelow } from '../util/read-file.js';

export interface Inbox {
  /** Absolute, as the user named it: it may contain links. */
  given: string;
  /** Without links. Changes if they lead to another folder. */
  folder: string;
  /** The name of its folder; of several inboxes, each has another. */
  name: string;
  /** Folder of its paintings: the outbox, or one of the inbox's name within it if there are several inboxes. */
  outbox: string;
}

/**
 * Called before the outbox is created, which may be inside: otherwise a mistyped inbox would be created too. One of several
 * may be missing, such as a disk that is not plugged in.
 * @throws UserError for a file, or if there is no such folder
 */
export async function requireFolders(given: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const inbox of given) {
    const found = await stat(inbox).catch(() => undefined);
    if (!found) missing.push(inbox);
    else if (!found.isDirectory())
      throw new UserError(
        `${inbox}: expected a folder, got a file. To paint one photo: stylize-tui run --content.`,
      );
  }
  if (missing.length === given.length)
    throw new UserError(`${missing[0]}: there is no such folder. Create it, or choose another.`);
}

/**
 * @param given absolute paths
 * @param outbox without links
 * @param hasFolders paintings may go into subfolders of the outbox
 * @param aside folders that photos are moved to
 * @throws UserError as checkInboxes()
 */
export async function openInboxes(
  given: readonly string[],
  outbox: string,
  hasFolders: boolean,
  aside: readonly string[] = [],
): Promise<Inbox[]> {
  const names = subfolders(given);
  const inboxes: Inbox[] = [];
  for (const [i, path] of given.entries()) {
    // Links are resolved to find out whether one folder is inside the other.
    const folder = await realpath(path).catch(() => path);
    const name = names[i];
    inboxes.push({ given: path, folder, name, outbox: given.length > 1 ? join(outbox, name) : outbox });
  }
  checkInboxes(inboxes, outbox, hasFolders, aside);
  return inboxes;
}

/** @throws UserError if a photo would be painted for two inboxes, moved into one, or paintings would be taken for photos */
export function checkInboxes(
  inboxes: readonly Inbox[],
  outbox: string,
  hasFolders: boolean,
  aside: readonly string[] = [],
): void {
  const places = [outbox, ...inboxes.map(({ folder }) => folder)];
  const wrong = aside.find((folder) => places.includes(folder));
  if (wrong !== undefined)
    throw new UserError(
      `--move-done and --move-failed: photos cannot be moved into ${wrong === outbox ? 'the folder of the paintings' : 'the inbox itself'} (${wrong}). Choose another folder.`,
    );

  for (const [i, { folder }] of inboxes.entries()) {
    const others = inboxes.filter((_, k) => k !== i);
    const around = others.find((other) => folder === other.folder || isBelow(folder, other.folder));
    if (around)
      throw new UserError(
        folder === around.folder
          ? `${folder}: is named twice. Name each inbox once.`
          : `${folder}: lies in ${around.folder}, which is an inbox too. Watch ${around.folder} alone with --recursive, or move one out of the other.`,
      );
    requireApart(folder, outbox, hasFolders || others.length > 0);
  }
}

/** The inbox that a photo is in. */
export const inboxOf = (inboxes: readonly Inbox[], source: string): Inbox | undefined =>
  inboxes.find(({ folder }) => isBelow(source, folder));

/** "a, b" for messages. */
export const inboxNames = (given: readonly string[]) => given.map(shortPath).join(', ');

/** A name for each folder: its own, with its parent's or a number only if others have the same. Never hidden. */
export function subfolders(folders: readonly string[]): string[] {
  const visible = (name: string) => name.replace(/^\.+/, '') || 'inbox';
  const own = folders.map((folder) => visible(basename(folder)));
  const longer = folders.map((folder, i) =>
    own.filter((name) => name === own[i]).length === 1
      ? own[i]
      : `${visible(basename(dirname(folder)))}-${own[i]}`,
  );
  return longer.map((name, i) => {
    const before = longer.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name}-${before + 1}`;
  });
}

function requireApart(inbox: string, outbox: string, hasFolders: boolean): void {
  if (outbox === inbox)
    throw new UserError(
      `--output ${outbox}: paintings cannot go into the inbox itself. Choose another folder.`,
    );
  if (hasFolders && inbox.startsWith(outbox.endsWith(sep) ? outbox : outbox + sep))
    throw new UserError(
      `--output ${outbox}: contains the inbox ${inbox}, so paintings in its subfolders could be written into the inbox. Choose another folder.`,
    );
}
