/**
 * Determines when a file is complete. Copies grow, stall and are renamed into place, and the file system does not report when
 * they are done. A file counts as complete once it has not changed for a while and can be decoded to its end.
 */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { examine, Unusable } from '../examine/examiner.js';
import type { Bounds } from '../image/decode.js';
import { UserError } from '../util/errors.js';
import { isBelow } from '../util/read-file.js';
import { isTemporary } from '../util/transient.js';
import { type Overrides, readSidecars } from './sidecar.js';

export interface Patience {
  /** Milliseconds for which a file must not change. */
  settle: number;
  /** Milliseconds to wait for the rest of an unchanged file that cannot be decoded. */
  forgive: number;
  /** Milliseconds between two scans of the folder without events. */
  sweep: number;
  /** Milliseconds between two scans when polling. */
  poll: number;
}

export const usualPatience: Patience = { settle: 1000, forgive: 5000, sweep: 60_000, poll: 2000 };

/** Milliseconds without a change after which a file counts as no longer being written. */
const untouchedFor = 10_000;

/** A file with the same stamp counts as unchanged. */
export interface FileStamp {
  size: number;
  mtime: number;
  /** Also changes with permissions, and when an older file replaces it. */
  ctime: number;
  inode: number;
}

/** A photo and its sidecars, in the order of sidecarsOf(); undefined for those that do not exist. */
export type FileStamps = readonly [photo: FileStamp, ...sidecars: (FileStamp | undefined)[]];

/**
 * `hash`: SHA-256 of the examined content; empty if it could not be read. `isUnderWay`: an empty file that a browser keeps
 * while it downloads into another one.
 */
export type Verdict =
  | { kind: 'picture'; hash: string; overrides: Overrides }
  | { kind: 'bad'; hash: string; reason: string; isUnderWay?: boolean }
  /** Cannot be read at the moment, through no fault of its own. */
  | { kind: 'away'; reason: string }
  | { kind: 'link'; reason: string }
  /** Painted by this program. */
  | { kind: 'painting'; reason: string }
  /** Files that were there and have been deleted or moved away; `path` is the first. */
  | { kind: 'gone'; paths: readonly string[] };

export const stampOf = (path: string): Promise<FileStamp | undefined> =>
  lstat(path).then(
    ({ size, mtimeMs, ctimeMs, ino }) => ({ size, mtime: mtimeMs, ctime: ctimeMs, inode: ino }),
    () => undefined,
  );

/** The stamps of a photo and its sidecars; undefined if the photo does not exist. */
async function stampsOf(photo: string, sidecars: readonly string[]): Promise<FileStamps | undefined> {
  const [look, ...beside] = await Promise.all([photo, ...sidecars].map(stampOf));
  if (!look) return undefined;
  const download = look.size === 0 ? await downloadOf(photo) : undefined;
  return [look, ...beside, ...(download === undefined ? [] : [await stampOf(download)])];
}

/** The file next to an empty one that a browser downloads into: cat.jpg.part, cat.Kx2b_f.jpg.part or cat.jpg.crdownload. */
async function downloadOf(photo: string): Promise<string | undefined> {
  const { dir, name, ext } = parse(photo);
  const isDownload = (entry: string) => {
    const ending = [`${ext}.part`, `${ext}.crdownload`].find((each) => entry.endsWith(each));
    return ending !== undefined && /^(\.[^.]+)?$/.test(entry.slice(name.length, -ending.length));
  };
  const entries = await readdir(dir).catch(() => []);
  const found = entries.find((entry) => entry.startsWith(name) && isDownload(entry));
  return found && join(dir, found);
}

export const isSame = (a: FileStamps, b: FileStamps) => a.every((look, i) => isSameStamp(look, b[i]));

const isSameStamp = (a: FileStamp | undefined, b: FileStamp | undefined) =>
  a && b ? a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.inode === b.inode : a === b;

export interface Examination {
  patience: Patience;
  /** These must not change either. */
  sidecars: readonly string[];
  /** It was there before watching started, so its age counts. */
  present: boolean;
  judge(): Promise<Verdict>;
  /** Called when the file keeps growing, or is still incomplete. */
  onSlow(): void;
}

/**
 * Waits until a file is complete, or no longer changes and is not a picture; undefined if it disappears.
 * Rejects when the signal aborts.
 */
export async function untilStable(
  path: string,
  { patience: { settle, forgive }, sidecars, present, judge, onSlow }: Examination,
  signal: AbortSignal,
): Promise<{ verdict: Verdict; look: FileStamps } | undefined> {
  // Not the system clock, which may be set back.
  const began = performance.now();
  let look = await stampsOf(path, sidecars);
  // Only for files present at the start: a file server's clock may be slow, so that new files look old.
  let still = present && look && Date.now() - lastChange(look) > untouchedFor ? settle + forgive : 0;
  for (let checkedAt = began; look; ) {
    if (still >= settle) {
      const verdict = await judge();
      const again = await stampsOf(path, sidecars);
      const isFinal = verdict.kind === 'picture' || still >= settle + forgive;
      if (again && isSame(again, look) && isFinal) return { verdict, look };
      onSlow();
    }
    await sleep(still < settle ? settle - still : settle / 4, undefined, { signal });
    const now = await stampsOf(path, sidecars);
    const elapsed = performance.now() - checkedAt;
    checkedAt = performance.now();
    still = now && isSame(now, look) ? still + elapsed : 0;
    if (still === 0 && checkedAt - began > 3 * settle) onSlow();
    look = now;
  }
  return undefined;
}

const lastChange = (group: FileStamps) =>
  Math.max(...group.map((look) => (look ? Math.max(look.mtime, look.ctime) : 0)));

/** Hashes of complete photos by file stamp, so that a folder of thousands is not read again at each start. */
export interface Seen {
  /** The content's hash. */
  find(path: string, entry: string): string | undefined;
  /** @param taken when, in local time, if it says so */
  add(path: string, entry: string, hash: string, taken?: string): void;
}

/** The rules by which photos are judged. */
export interface Rules {
  /** Pictures painted by this program count as photos. Two watches into each other's inbox would then never end. */
  repaint?: boolean;
  seen?: Seen;
  /** Whether sidecars count (yes if undefined). */
  sidecars?: boolean;
  /** The inbox; sidecars above it are ignored. */
  folder: string;
  /**
   * The size that the photo will be painted at with its sidecars' settings.
   * @throws UserError for settings that cannot be used
   */
  accept?(overrides: Overrides): Promise<Bounds>;
}

/**
 * Whether a photo can be painted with the settings of its sidecars.
 * @param onSlow called if the examination takes long
 * @throws the system's error, or a UserError caused by it, if the files cannot be read at the moment
 */
export async function judgePicture(
  path: string,
  { folder, seen, accept, repaint, sidecars = true }: Rules,
  onSlow?: () => void,
): Promise<Verdict> {
  const look = await stampOf(path);
  const entry = look ? Object.values(look).join(' ') : '';
  const known = seen?.find(path, entry);
  let hash = known ?? '';
  // A retried job may come from another inbox with the same outbox.
  const root = isBelow(path, folder) ? folder : dirname(path);
  const download = look?.size === 0 ? await downloadOf(path) : undefined;
  if (download !== undefined) {
    const reason = `${path}: its download (${basename(download)}) is not finished.`;
    return { kind: 'bad', hash, reason, isUnderWay: true };
  }
  try {
    const within = await realpath(root);
    const asked = await readAsked(path, sidecars ? folder : undefined, accept).catch((error: unknown) => ({
      error,
    }));
    // If its sidecar is wrong, the failure is recorded with the photo's hash.
    const bounds = 'error' in asked ? undefined : asked.bounds;
    const found =
      known === undefined
        ? await examine('picture', { path, within, bounds }, onSlow)
        : { hash: known, isPainting: false, taken: undefined };
    hash = found.hash;
    if ('error' in asked) throw asked.error;
    if (found.isPainting && !repaint)
      return {
        kind: 'painting',
        reason: `${path}: was painted by stylize-tui; --repaint paints it again.`,
      };
    if (known === undefined) seen?.add(path, entry, hash, found.taken);
    return { kind: 'picture', hash, overrides: asked.overrides };
  } catch (error) {
    if (isTemporary(error)) throw error;
    if (error instanceof Unusable) hash = error.hash;
    // Any other error caused by an untrusted file fails only that file.
    const { message } = error as Error;
    const reason = error instanceof UserError ? message : `${path}: cannot be examined (${message}).`;
    return { kind: 'bad', hash, reason };
  }
}

/** Settings of a photo's sidecars, and the size that they require. */
async function readAsked(path: string, folder: string | undefined, accept: Rules['accept']) {
  const overrides = folder === undefined ? { settings: {} } : await readSidecars(path, folder);
  return { overrides, bounds: (await accept?.(overrides)) ?? {} };
}
