/** Retrying after transient errors, such as a full disk or an unavailable network share. */
import pRetry from 'p-retry';
import { UserError } from './errors.js';

/** Milliseconds before the second attempt, and by default at most between two. */
const firstPause = 1000;
const usualLongestPause = 2000;

/** The machine is short of a resource at the moment. */
const shortages = /^(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|EAGAIN|SQLITE_(FULL|NOMEM))/;

/** A folder that was writable at the start no longer is. */
const absences =
  /^(ENOENT|EROFS|EACCES|EPERM|EBUSY|EIO|ENODEV|ENXIO|ESTALE|ENOTCONN|EHOSTDOWN|ETIMEDOUT|SQLITE_(IOERR|READONLY|CANTOPEN|BUSY))/;

/** Errors that the file itself causes when it is read; all others are the machine's or the share's. */
const faultsOfFiles =
  /^(ENOENT|ENOTDIR|EISDIR|EACCES|EPERM|ELOOP|ENAMETOOLONG|ENXIO|EINVAL|EFBIG|EOVERFLOW)$/;

export const isShortage = (error: unknown): boolean => shortages.test(codeOf(error));

/** A shortage, or an output folder that is unavailable or not writable. */
export const isTransient = (error: unknown): boolean => isShortage(error) || absences.test(codeOf(error));

/** Whether a file cannot be read through no fault of its own: it may be intact, and is worth another try. */
export function isReadTrouble(error: unknown): boolean {
  const code = codeOf(error);
  return /^(E[A-Z\d]+|UNKNOWN|Unknown system error.*)$/.test(code) && !faultsOfFiles.test(code);
}

/** Whether an examination, which reads files and writes to the job store, may succeed later. */
export const isTemporary = (error: unknown): boolean => isTransient(error) || isReadTrouble(error);

/** The error for a file that cannot be read; isReadTrouble() recognizes it if that is not the file's fault. */
export function unreadable(path: string, error: NodeJS.ErrnoException, advice = ''): UserError {
  if (!isReadTrouble(error)) return new UserError(`${path}: cannot be read (${error.code}).${advice}`);
  return new UserError(`${path}: cannot be read at the moment (${error.code}).`, { cause: error });
}

/** Runs optional work; undefined if a transient error prevents it. */
export function unlessTransient<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!isTransient(error)) throw error;
    return undefined;
  }
}

export interface RetryOptions {
  /** Which errors to retry after; all others are thrown. */
  when(error: unknown): boolean;
  /** Called with the error that is waited out: once, and again if it changes. */
  report?(error: Error): void;
  /** Ends the waiting; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Number of attempts; unlimited if left out. */
  tries?: number;
  /** Pauses double up to this many milliseconds. */
  longestPause?: number;
}

/** Runs `work`, and retries until it succeeds or fails with an error that `when` rejects. */
export function retryUntilAvailable<T>(
  work: () => T | Promise<T>,
  { when, report, signal, tries = Number.POSITIVE_INFINITY, longestPause = usualLongestPause }: RetryOptions,
): Promise<T> {
  let reported: string | undefined;
  return pRetry(work, {
    retries: tries - 1,
    factor: 2,
    minTimeout: firstPause,
    maxTimeout: longestPause,
    signal,
    shouldRetry: ({ error }) => {
      const isRetryable = when(error);
      if (isRetryable && error.message !== reported) report?.(error);
      reported = error.message;
      return isRetryable;
    },
  });
}

/** The system's error code, of the error itself or of the cause of a UserError. */
function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? '');
}
