/** Trouble that passes without the program's doing: a full disk, a share that is away. What meets it waits and goes on. */
import pRetry from 'p-retry';
import { UserError } from './errors.js';

/** Milliseconds between two tries. */
const tryEvery = 2000;

/** This machine has not enough of something at the moment. */
const shortages = /^(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|EAGAIN|SQLITE_(FULL|NOMEM))/;

/** A folder that pictures are written into is not what it was at the start. */
const absences =
  /^(ENOENT|EROFS|EACCES|EPERM|EBUSY|EIO|ENODEV|ENXIO|ESTALE|ENOTCONN|EHOSTDOWN|ETIMEDOUT|SQLITE_(IOERR|READONLY|CANTOPEN|BUSY))/;

/** What a file itself brings about when it is read: every other error of the system is the machine's or the share's. */
const faultsOfFiles =
  /^(ENOENT|ENOTDIR|EISDIR|EACCES|EPERM|ELOOP|ENAMETOOLONG|ENXIO|EINVAL|EFBIG|EOVERFLOW)$/;

export const isShortage = (error: unknown): boolean => shortages.test(codeOf(error));

/** A shortage, or a place for outputs that is away or does not let itself be written to. */
export const isTransient = (error: unknown): boolean => isShortage(error) || absences.test(codeOf(error));

/** Whether a file cannot be read by no fault of its own: it may be whole, and is to be looked at again. */
export function isReadTrouble(error: unknown): boolean {
  const code = codeOf(error);
  return /^(E[A-Z\d]+|UNKNOWN|Unknown system error.*)$/.test(code) && !faultsOfFiles.test(code);
}

/** Says that a file cannot be read, by no fault of its own if so. */
export function unreadable(path: string, error: NodeJS.ErrnoException, advice = ''): UserError {
  if (!isReadTrouble(error)) return new UserError(`${path}: cannot be read (${error.code}).${advice}`);
  return new UserError(`${path}: cannot be read at the moment (${error.code}).`, { cause: error });
}

/** Does something that may as well be left out; undefined where trouble that passes keeps it from being done. */
export function unlessTransient<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isTransient(error)) throw error;
    return undefined;
  }
}

export interface Waiting {
  /** Which errors are waited out; every other one is thrown. */
  when(error: unknown): boolean;
  /** Is told what is waited for: once, and again when it becomes something else. */
  tell?(error: Error): void;
  /** Ends the waiting: it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Tries at most. */
  tries?: number;
  /** Each pause is twice the one before, up to so many milliseconds. */
  longestPause?: number;
}

/** Does something as soon as it is possible. */
export function retryUntilAvailable<T>(
  work: () => T | Promise<T>,
  { when, tell, signal, tries = Number.POSITIVE_INFINITY, longestPause = tryEvery }: Waiting,
): Promise<T> {
  let told: string | undefined;
  return pRetry(work, {
    retries: tries - 1,
    factor: 2,
    minTimeout: tryEvery,
    maxTimeout: longestPause,
    signal,
    shouldRetry: ({ error }) => {
      const isToWaitFor = when(error);
      if (isToWaitFor && error.message !== told) tell?.(error);
      told = error.message;
      return isToWaitFor;
    },
  });
}

/** The system's code, or that of the error behind one for people. */
function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? '');
}
