/** --log FILE: what happened, as JSON lines, for weeks without a person: files that grow no further than a bound. */
import { resolve } from 'node:path';
import pino from 'pino';
import { isProgress } from '../render/events.js';
import { UserError } from '../util/errors.js';
import { LogFile } from '../util/log-file.js';
import type { Listener } from './listener.js';

const options = { size: 10e6, files: 5, retryEvery: 5000 };

export interface Log extends Listener {
  /** Why the program ends when it should not. */
  fatal(error: unknown): void;
  /** Writes what waits before it returns: the program ends at once. */
  flush(): void;
  close(): Promise<void>;
}

/**
 * Every event but the iterations and their parts, of which there are hundreds a picture, and every message and note. Five
 * files of 10 MB are kept.
 * @param tell is told when the log cannot be written; painting goes on, and lines wait until it can be
 * @throws UserError if the file holds something else
 */
export function openLog(path: string, tell: (reason: string) => void): Log {
  const failed = ({ code, message }: NodeJS.ErrnoException) =>
    tell(`--log ${path}: cannot be written (${code ?? message}). Its lines wait until it can.`);
  let file: LogFile;
  try {
    file = new LogFile(resolve(path), { ...options, failed });
  } catch (error) {
    throw new UserError(`--log ${(error as Error).message}`);
  }
  const logger = pino({ base: undefined, timestamp: false, messageKey: 'text' }, file);
  const time = () => ({ time: new Date().toISOString() });
  return {
    event: (event) => {
      if (event.event === 'failed') logger.error(event);
      else if (!isProgress(event)) logger.info(event);
    },
    message: (text) => logger.warn(time(), text),
    note: (text) => logger.info(time(), text),
    fatal: (error) => {
      const { stack, message = String(error) } = (error ?? {}) as Partial<Error>;
      logger.fatal(time(), error instanceof UserError ? message : (stack ?? message));
    },
    flush: () => file.flush(),
    close: () => file.close(),
  };
}
