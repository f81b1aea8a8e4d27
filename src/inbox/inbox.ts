/**
 * Watches a folder, and yields its complete pictures in order of arrival. Events of the file watcher only trigger a scan of
 * the folder, which is also scanned at intervals. So nothing depends on the contents of an event, and files without an event
 * are found too.
 */
import { setMaxListeners } from 'node:events';
import { realpath, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { watch } from 'chokidar';
import { unreadKind } from '../image/formats.js';
import { UserError } from '../util/errors.js';
import { naturalOrder } from '../util/natural-order.js';
import { type Arrival, PendingFiles } from './pending-files.js';
import { type ScannedFile, type ScanOptions, scan } from './scan.js';
import { type Patience, type Rules, usualPatience } from './stability.js';
import { WakeSignal } from './wake-signal.js';

export type { Arrival };

/** Milliseconds between two checks whether the folder is still the one that was opened. */
const checkEvery = 1000;

export interface InboxOptions extends ScanOptions, Rules {
  /** Only the files that are there now. */
  once?: boolean;
  /** Poll, for network shares that do not report changes. */
  poll?: boolean;
  /** A path of the folder that may contain links. When they lead to another folder, the arrivals end. */
  link?: string;
  /** Yields files that are found together by name, not by age. */
  byName?: boolean;
  /** Prints a message if there is a problem with watching. */
  say?(text: string): void;
  patience?: Patience;
}

/**
 * Yields each file once it is complete, or with the reason why it is not a picture: first the existing files, oldest first,
 * then new ones. A file that changed, or whose sidecars changed, is yielded again. Files that are deleted are yielded as gone. Ends with the signal, after the existing
 * files if `once`, or when its link leads to another folder.
 * @throws UserError if the folder cannot be read at the start; later it waits for the folder
 */
export async function* openInbox(options: InboxOptions, signal: AbortSignal): AsyncGenerator<Arrival, void> {
  const { folder, once = false, patience = usualPatience, say = () => {} } = options;
  // Each pending file adds a listener.
  setMaxListeners(0, signal);
  const arrivals = new PendingFiles(patience, options, signal, say);
  const present = await scan(options).catch((error) => {
    throw new UserError(`${folder}: ${explain(error)}`);
  });
  const tellUnread = unreadTeller(options.say);
  tellUnread(present.unread);
  const { photos, folders } = present.leftOut;
  if (photos + folders > 0)
    say(
      `${folder}: --include and --exclude leave out ${counted(photos, 'photo')}${folders > 0 ? ` and ${counted(folders, 'folder')}` : ''}.`,
    );
  arrivals.bring(present.files.sort(inOrder('mtime', options)), true);
  if (once) arrivals.complete();
  else
    void keepLooking(options, patience, arrivals, tellUnread, signal).catch((error) => arrivals.fail(error));
  yield* arrivals.inOrder();
}

/** By the time that the folder notes for them, and by name. */
const inOrder =
  (time: 'mtime' | 'ctime', { byName }: InboxOptions) =>
  (a: ScannedFile, b: ScannedFile) =>
    (byName ? 0 : a.look[0][time] - b.look[0][time]) || naturalOrder(a.path, b.path);

async function keepLooking(
  options: InboxOptions,
  patience: Patience,
  arrivals: PendingFiles,
  tellUnread: (paths: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { folder, link, outbox, aside = [], recursive, poll = false, say = () => {} } = options;
  const bell = new WakeSignal();
  let every = poll ? patience.poll : patience.sweep;
  const open = () => {
    if (poll) return undefined;
    const watcher = watch(folder, {
      depth: recursive ? undefined : 0,
      ignored: (path) => path === outbox || aside.includes(path),
      followSymlinks: false,
      ignorePermissionErrors: true,
    });
    // Also on 'ready', since files that arrived while it was opening may have been missed.
    watcher.on('all', () => bell.notify()).on('ready', () => bell.notify());
    watcher.on('error', (error) => {
      if (every === patience.poll) return;
      every = patience.poll;
      say(`${folder}: cannot be watched (${codeOf(error)}). It is looked at every few seconds instead.`);
      bell.notify();
    });
    return watcher;
  };
  let watcher = open();
  const reopen = async () => {
    await watcher?.close();
    watcher = open();
  };
  let isLost = false;
  let identity = await identityOf(folder);
  let lookedAt = performance.now();
  signal.addEventListener('abort', () => bell.notify(), { once: true });
  while (true) {
    const isCalled = await bell.wait(Math.min(isLost ? patience.poll : every, checkEvery));
    if (signal.aborted) break;
    if (link !== undefined && (await leadsElsewhere(link, folder))) {
      arrivals.end();
      break;
    }
    // The file watcher does not notice a replaced folder: it still watches the old one.
    const before = identity;
    identity = await identityOf(folder);
    const isReplaced = identity !== before;
    const began = performance.now();
    if (!isCalled && !isLost && !isReplaced && began - lookedAt < every) continue;
    lookedAt = began;
    try {
      if (isReplaced && !isLost) await reopen();
      const { files, unread } = await scan(options);
      tellUnread(unread);
      arrivals.bring(files.sort(inOrder('ctime', options)), false, !isReplaced && !isLost);
      if (isLost) {
        isLost = false;
        say(`${folder}: is back.`);
        await reopen();
      }
    } catch (error) {
      if (!isLost) say(`${folder}: is away (${codeOf(error)}). Waiting for it.`);
      isLost = true;
    }
    // A running copy triggers constantly; scanning is limited to a fifth of the time.
    await sleep(Math.max(patience.settle / 4, 4 * (performance.now() - began)), undefined, { signal }).catch(
      () => {},
    );
  }
  await watcher?.close();
}

const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

/** Reports each kind of photo that is not supported once. */
function unreadTeller(say: (text: string) => void = () => {}): (paths: readonly string[]) => void {
  const told = new Set<string>();
  return (paths) => {
    const byKind = new Map<string, string[]>();
    for (const path of paths) {
      const kind = unreadKind(path)!;
      if (!told.has(kind)) byKind.set(kind, [...(byKind.get(kind) ?? []), path]);
    }
    for (const [kind, [first, ...others]] of byKind) {
      told.add(kind);
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      say(`${first}${more}: ${kind} is not supported. Save photos as JPEG, PNG or TIFF.`);
    }
  };
}

/** Identifies a folder, to notice when another one takes its place; undefined if there is none. */
const identityOf = (folder: string) =>
  stat(folder).then(
    ({ dev, ino, birthtimeMs }) => `${dev} ${ino} ${birthtimeMs}`,
    () => undefined,
  );

const leadsElsewhere = (link: string, folder: string) =>
  realpath(link).then(
    (real) => real !== folder,
    () => false,
  );

function explain(error: unknown): string {
  const code = codeOf(error);
  return code === 'ENOENT'
    ? 'there is no such folder. Make it, or name another.'
    : `the folder cannot be read (${code}).`;
}

const codeOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};
