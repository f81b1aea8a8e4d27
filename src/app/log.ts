/** --log FILE: what happened, as JSON lines, for weeks without a person: files that grow no further than a bound. */
import { basename, dirname, resolve } from 'node:path';
import pino from 'pino';
import { createStream } from 'rotating-file-stream';
import { isProgress } from '../render/events.js';
import type { Listener } from './listener.js';

const size = '10M';
const files = 5;

export interface Log extends Listener {
  close(): Promise<void>;
}

/**
 * Every event but the iterations and their parts, of which there are hundreds a picture, and every message and note. Five
 * files of 10 MB are kept.
 * @param failed told once if the log cannot be written; painting goes on
 */
export function openLog(path: string, failed: (reason: string) => void): Log {
  const absolute = resolve(path);
  const stream = createStream(basename(absolute), { path: dirname(absolute), size, maxFiles: files });
  let broken = false;
  stream.on('error', ({ message }) => {
    if (!broken) failed(`--log ${path}: cannot be written (${message}).`);
    broken = true;
  });
  const logger = pino({ base: undefined, timestamp: false, messageKey: 'text' }, stream);
  const time = () => ({ time: new Date().toISOString() });
  return {
    event: (event) => {
      if (event.event === 'failed') logger.error(event);
      else if (!isProgress(event)) logger.info(event);
    },
    message: (text) => logger.warn(time(), text),
    note: (text) => logger.info(time(), text),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
