/** watch --gallery: shows paintings in browsers, and the pictures that are being painted. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Collection, galleryFolder } from '../gallery/collection.js';
import { type Forming, leftText } from '../gallery/pages.js';
import { originsIn, titleOf } from '../gallery/painting.js';
import { serveGallery } from '../gallery/server.js';
import type { History } from '../queue/history.js';
import type { PaintEvent } from '../render/events.js';
import { UserError } from '../util/errors.js';
import type { Listener } from './listener.js';

export interface GalleryFlags {
  host: string;
  port: number;
  title: string;
}

export interface LiveGallery {
  /** To be told of what happens. */
  listener: Listener;
  url: string;
  close(): Promise<void>;
}

/** Milliseconds between two reports of a picture's progress. */
const reportInterval = 1000;

/**
 * Serves the paintings of an outbox, prepares those that it does not have yet in the background, and takes in new ones.
 * @param say prints a message for the user
 * @throws UserError if the port cannot be used, or the gallery's folder not be written
 */
export async function openGallery(
  { host, port, title }: GalleryFlags,
  outbox: string,
  history: History,
  say: (text: string) => void,
): Promise<LiveGallery> {
  const origins = originsIn(history);
  const options = {
    outbox,
    folder: galleryFolder(outbox),
    originOf: (path: string) => origins.get(path),
    say,
  };
  const collection = new Collection(options);
  const forming = new Map<number, Forming>();
  const previews = new Map<number, Uint8Array>();
  const reported = new Map<number, number>();
  const token = isThisMachine(host) ? undefined : await tokenOf(outbox);
  const server = await serveGallery({
    ...{ collection, host, port, token, title },
    forming: () => [...forming.values()],
    preview: (job) => previews.get(job),
  });
  const ended = new AbortController();
  let isTold = false;
  const tell = (error: Error) => {
    // A full disk is one message, not one for every painting.
    if (!isTold) say(error.message);
    isTold = true;
  };
  const fill = async () => {
    await collection.open();
    const { made, known } = await collection.refresh(ended.signal);
    if (made + known > 0) server.reload();
  };
  const filling = fill().catch(tell);

  const progress = (job: number, changes: Partial<Forming>, isUrgent: boolean) => {
    const before = forming.get(job);
    if (!before) return;
    const now = { ...before, ...changes };
    forming.set(job, now);
    if (!isUrgent && performance.now() < (reported.get(job) ?? 0) + reportInterval) return;
    reported.set(job, performance.now());
    server.progressed(now);
  };
  const end = (job: number) => {
    for (const each of [forming, previews, reported]) each.delete(job);
    server.ended(job);
  };
  const take = async ({ job, output, source, time }: PaintEvent & { event: 'done' }) => {
    origins.set(output, { source, sourceHash: history.record(job)?.sourceHash ?? '', finishedAt: time });
    const painting = await collection.add(output);
    // In its place a moment before it appears on the wall.
    end(job);
    if (painting) await server.arrived(painting);
  };
  const hear = (event: PaintEvent) => {
    switch (event.event) {
      case 'started': {
        const title = titleOf(event.source);
        forming.set(event.job, { job: event.job, title, share: 0, left: leftText(undefined), preview: 0 });
        return progress(event.job, {}, true);
      }
      case 'iteration': {
        const { job, iteration, iterations, seconds, secondsLeft } = event;
        const share = secondsLeft === undefined ? iteration / iterations : seconds / (seconds + secondsLeft);
        return progress(job, { share, left: leftText(secondsLeft) }, false);
      }
      case 'paused':
        return progress(event.job, { left: 'paused' }, true);
      case 'done':
        return void take(event).catch(tell);
      case 'queued':
      case 'skipped':
      case 'failed':
        if (forming.has(event.job)) end(event.job);
        return;
    }
  };
  return {
    url: urlOf(host, server.port, token),
    listener: {
      event: hear,
      preview: ({ job, png }) => {
        previews.set(job, png);
        progress(job, { preview: (forming.get(job)?.preview ?? 0) + 1 }, true);
      },
    },
    close: async () => {
      ended.abort();
      server.close();
      await filling;
    },
  };
}

const isThisMachine = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** Where others find it: at the first address of this machine in a network, if it listens at all of them. */
function urlOf(host: string, port: number, token: string | undefined): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const [own] = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');
  const name = isEverywhere ? (own?.address ?? 'localhost') : isThisMachine(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/${token ? `${token}/` : ''}`;
}

/**
 * The outbox's token, which stays the same, so that a printed code stays right. A new one is made when its file is removed.
 * @throws UserError if it cannot be written
 */
async function tokenOf(outbox: string): Promise<string> {
  const path = join(outbox, '.stylize-tui-gallery-token');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (/^[\w-]{16,64}\n?$/.test(known)) return known.trim();
  const token = randomBytes(12).toString('base64url');
  await writeFile(path, `${token}\n`, { mode: 0o600 }).catch(({ code }: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: cannot be written (${code}). Check the folder's permissions.`);
  });
  return token;
}
