/**
 * When is a file whole? Copies grow, stall and are renamed into place, and the file system tells little. A file is
 * taken for whole once it has stood still for a while and decodes from end to end.
 */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { examine, Unusable } from '../examine/examiner.js';
import type { Bounds } from '../image/decode.js';
import { UserError } from '../util/errors.js';
import { isBelow } from '../util/read-file.js';
import { isReadTrouble, isTransient } from '../util/transient.js';
import { type Overrides, readSidecars } from './sidecar.js';

export interface Patience {
  /** Milliseconds for which a file must stand still. */
  settle: number;
  /** Milliseconds for which a file that stands still but does not decode may yet be completed. */
  forgive: number;
  /** Milliseconds between two looks at the whole folder where nothing else tells that something came. */
  sweep: number;
  /** The same where nothing can be told but by looking. */
  poll: number;
}

export const usualPatience: Patience = { settle: 1000, forgive: 5000, sweep: 60_000, poll: 2000 };

/** A file untouched for this long is not being written any more. */
const untouchedFor = 10_000;

/** What a file's entry says: if it is the same, so is the file. */
export interface FileStamp {
  size: number;
  mtime: number;
  /** Changes with permissions too, and when an older file takes its place. */
  ctime: number;
  inode: number;
}

/** A photo and its sidecars, in the order of sidecarsOf(); undefined: not there. */
export type FileStamps = readonly [photo: FileStamp, ...sidecars: (FileStamp | undefined)[]];

/**
 * `hash`: SHA-256 of the content that was judged; empty where it could not be read. `isUnderWay`: a browser keeps the name
 * with an empty file while it downloads into another.
 */
export type Verdict =
  | { kind: 'picture'; hash: string; overrides: Overrides }
  | { kind: 'bad'; hash: string; reason: string; isUnderWay?: boolean }
  /** Cannot be read at the moment, by no fault of its own. */
  | { kind: 'away'; reason: string }
  | { kind: 'link'; reason: string }
  /** Of our own. */
  | { kind: 'painting'; reason: string };

export const stampOf = (path: string): Promise<FileStamp | undefined> =>
  lstat(path).then(
    ({ size, mtimeMs, ctimeMs, ino }) => ({ size, mtime: mtimeMs, ctime: ctimeMs, inode: ino }),
    () => undefined,
  );

/** A photo and what lies beside it; undefined if the photo is not there. */
async function stampsOf(photo: string, sidecars: readonly string[]): Promise<FileStamps | undefined> {
  const [look, ...beside] = await Promise.all([photo, ...sidecars].map(stampOf));
  if (!look) return undefined;
  const download = look.size === 0 ? await downloadOf(photo) : undefined;
  return [look, ...beside, ...(download === undefined ? [] : [await stampOf(download)])];
}

/** The file beside an empty one that a browser downloads into: cat.jpg.part, cat.Kx2b_f.jpg.part or cat.jpg.crdownload. */
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
  /** What must stand still too. */
  sidecars: readonly string[];
  /** It was there before anyone watched, so that its age counts. */
  present: boolean;
  judge(): Promise<Verdict>;
  /** Is told when the file turns out to grow for long, or to be broken as yet. */
  onSlow(): void;
}

/**
 * Waits until a file is whole, or stands still and is no picture; undefined if it is gone before.
 * Rejects when the signal aborts.
 */
export async function untilStable(
  path: string,
  { patience: { settle, forgive }, sidecars, present, judge, onSlow }: Examination,
  signal: AbortSignal,
): Promise<{ verdict: Verdict; look: FileStamps } | undefined> {
  // Not the clock on the wall, which may be set back.
  const began = performance.now();
  let look = await stampsOf(path, sidecars);
  // Only at first: the clock of a file server may be slow, and what it writes just now look old.
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

/** Photos that were found whole, by what their entries said: a folder of thousands is not read anew at each start. */
export interface Seen {
  /** The content's hash. */
  find(path: string, entry: string): string | undefined;
  add(path: string, entry: string, hash: string): void;
}

/** What photos are judged by. */
export interface Terms {
  /** Pictures that this program painted are photos too: two watches into each other's inbox never end then. */
  repaint?: boolean;
  seen?: Seen;
  /** The inbox: sidecars above it do not count. */
  folder: string;
  /**
   * How large a photo must be to be painted as its sidecars say.
   * @throws UserError where nothing can be painted like that
   */
  accept?(overrides: Overrides): Promise<Bounds>;
}

/**
 * Whether a photo can be painted, and as its sidecars say.
 * @param onSlow called if examining it takes long
 * @throws the system's error, or one for people, where that cannot be told at the moment
 */
export async function judgePicture(
  path: string,
  { folder, seen, accept, repaint }: Terms,
  onSlow?: () => void,
): Promise<Verdict> {
  const look = await stampOf(path);
  const entry = look ? Object.values(look).join(' ') : '';
  const known = seen?.find(path, entry);
  let hash = known ?? '';
  // A job that is tried again may be of another inbox that is painted into the same outbox.
  const root = isBelow(path, folder) ? folder : dirname(path);
  const download = look?.size === 0 ? await downloadOf(path) : undefined;
  if (download !== undefined) {
    const reason = `${path}: its download (${basename(download)}) is not finished.`;
    return { kind: 'bad', hash, reason, isUnderWay: true };
  }
  try {
    const within = await realpath(root);
    const asked = await readAsked(path, folder, accept).catch((error: unknown) => ({ error }));
    if (known === undefined) {
      // Even where its sidecar is at fault, the photo's hash is noted with the failure.
      const bounds = 'error' in asked ? undefined : asked.bounds;
      const found = await examine('picture', { path, within, bounds }, onSlow);
      hash = found.hash;
      if ('error' in asked) throw asked.error;
      if (found.isPainting && !repaint)
        return {
          kind: 'painting',
          reason: `${path}: was painted by stylize-tui; --repaint paints it again.`,
        };
      seen?.add(path, entry, hash);
    }
    if ('error' in asked) throw asked.error;
    return { kind: 'picture', hash, overrides: asked.overrides };
  } catch (error) {
    if (isTransient(error) || isReadTrouble(error)) throw error;
    if (error instanceof Unusable) hash = error.hash;
    // Whatever else a stranger's file brings about is its own failure, and ends nothing else.
    const { message } = error as Error;
    const reason = error instanceof UserError ? message : `${path}: cannot be examined (${message}).`;
    return { kind: 'bad', hash, reason };
  }
}

/** What a photo's sidecars say, and how large it must be for that. */
async function readAsked(path: string, folder: string, accept: Terms['accept']) {
  const overrides = await readSidecars(path, folder);
  return { overrides, bounds: (await accept?.(overrides)) ?? {} };
}
