/** --log FILE: events and messages as JSON lines, in rotating files of limited size. */
import { resolve } from 'node:path';
import pino from 'pino';
import { isProgress } from '../render/events.js';
import { UserError } from '../util/errors.js';
import { LogFile } from '../util/log-file.js';
import type { Listener } from './listener.js';

const options = { size: 10e6, files: 5, retryEvery: 5000 };

export interface Log extends Listener {
  /** Logs why the program ends unexpectedly. */
  fatal(error: unknown): void;
  /** Writes pending lines synchronously, for a program that ends at once. */
  flush(): void;
  close(): Promise<void>;
}

/**
 * Logs every message and every event except the progress within a painting, which would be hundreds of lines per picture.
 * Keeps five files of 10 MB.
 * @param report called when the log cannot be written; painting continues, and lines wait until it can be
 * @throws UserError if the file holds something else
 */
export function openLog(path: string, report: (reason: string) => void): Log {
  const failed = ({ code, message }: NodeJS.ErrnoException) =>
    report(`--log ${path}: cannot be written (${code ?? message}). Its lines wait until it can.`);
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
      const isFailure = 'status' in event && event.status === 'failed';
      if (event.event === 'failed' || isFailure) logger.error(event);
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
