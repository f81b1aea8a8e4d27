/** Serves a gallery while its paintings are painted. It only reads: pictures are named by ids, never by paths. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { UserError } from '../util/errors.js';
import { LruCache } from '../util/lru-cache.js';
import type { Collection } from './collection.js';
import { News, newsOf } from './news.js';
import {
  card,
  contentPolicy,
  counted,
  type Forming,
  indexPage,
  pageCount,
  pageLength,
  paintingPage,
  type Site,
  showPage,
  slide,
} from './pages.js';
import { filesOf, type Painting } from './painting.js';
import { script } from './site.js';
import { styleSheet } from './style.js';

export interface ServerOptions {
  collection: Collection;
  host: string;
  /** 0: any free one. */
  port: number;
  /** The first part of every address's path, without which nothing is answered; undefined on this machine only. */
  token?: string;
  title: string;
  /** The pictures that are being painted. */
  forming(): readonly Forming[];
  /** The latest preview of one of them: a PNG. */
  preview(job: number): Uint8Array | undefined;
}

export interface GalleryServer {
  port: number;
  /** Tells all browsers of a new painting. */
  arrived(painting: Painting): Promise<void>;
  /** Tells them of a picture that is being painted. */
  progressed(forming: Forming): void;
  /** Tells them that it no longer is. */
  ended(job: number): void;
  /** Has them load their pages again. */
  reload(): void;
  close(): void;
}

interface Env {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse };
}

/** Characters of an address; ours are shorter. */
const longestUrl = 300;

/** Requests of one address: so many at once, and so many per second over a longer time. A page with its pictures takes 65. */
const [burst, perSecond] = [600, 60];

/** Connections, in all and of one address. */
const [mostConnections, mostOfAddress] = [1000, 256];

/** Milliseconds. */
const [headersTimeout, idleTimeout, pageLifetime] = [10_000, 60_000, 5000];

const thisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @throws UserError if the port cannot be used */
export async function serveGallery(options: ServerOptions): Promise<GalleryServer> {
  const { collection, host, port, token, title, forming, preview } = options;
  const site: Site = { title, live: true };
  const news = new News();
  const pages = new LruCache<string, { text: string; version: number; time: number }>(100);
  const browserScript = await script();

  const app = new Hono<Env>({ getPath: pathWithin(token) });
  const limiter = new Limiter();
  app.use(async (c, next) => {
    const { incoming } = c.env;
    protect(c);
    if ((incoming.url?.length ?? 0) > longestUrl) return c.text('The address is too long.', 414);
    if (!limiter.allows(addressOf(c))) return c.text('Too many requests.', 429, { 'retry-after': '5' });
    // Another site's name that leads here must not read the gallery through a browser of this machine.
    if (token === undefined && !thisMachine.has(hostOf(c)))
      return c.text(`Open it as http://localhost:${actualPort()}/.`, 403);
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
      return c.text('It can only be looked at.', 405, { allow: 'GET, HEAD', connection: 'close' });
    await next();
  });

  /** A page, made anew when paintings came or went, or after a few seconds. */
  const page = async (c: Context<Env>, key: string, paintings: readonly Painting[], make: () => unknown) => {
    let known = pages.get(key);
    if (!known || known.version !== collection.version || performance.now() - known.time > pageLifetime) {
      await collection.removeGone(paintings);
      known = { text: String(await make()), version: collection.version, time: performance.now() };
      pages.set(key, known);
    }
    return c.html(known.text);
  };
  const index = (c: Context<Env>, number: number) => {
    if (number > pageCount(collection.paintings.length)) return c.notFound();
    const shown = collection.paintings.slice((number - 1) * pageLength, number * pageLength);
    return page(c, `index ${number}`, shown, () => indexPage(site, collection.paintings, number));
  };
  app.get('/', (c) => index(c, 1));
  app.get('/index.html', (c) => index(c, 1));
  app.get('/:file{page-[1-9][0-9]{0,5}\\.html}', (c) => index(c, Number(c.req.param('file').slice(5, -5))));
  app.get('/show', (c) => {
    const shown = collection.paintings.slice(0, pageLength);
    return page(c, 'show', shown, () => showPage(site, collection.paintings));
  });
  app.get('/paintings/:file{[0-9a-f]{16}\\.html}', async (c) => {
    const painting = collection.find(c.req.param('file').slice(0, -5));
    if (!painting) return c.notFound();
    await collection.removeGone([painting]);
    const at = collection.paintings.indexOf(painting);
    if (at < 0) return c.notFound();
    const around = {
      newer: collection.paintings[at - 1],
      older: collection.paintings[at + 1],
      page: Math.floor(at / pageLength) + 1,
    };
    return page(c, painting.id, [], () => paintingPage(site, painting, around));
  });
  app.get('/pictures/:id{[0-9a-f]{16}}/:name{[a-z0-9]+\\.(webp|jpg)}', async (c) => {
    const { id, name } = c.req.param();
    const painting = collection.find(id);
    const known = painting && filesOf(painting).find((file) => file.name === name);
    if (!known) return c.notFound();
    const file = await open(collection.fileOf(id, name)).catch(() => undefined);
    if (!file) return c.notFound();
    c.header('content-type', name.endsWith('.webp') ? 'image/webp' : 'image/jpeg');
    c.header('content-length', String(known.length));
    // A painting that changes gets another id.
    c.header('cache-control', 'private, max-age=86400, immutable');
    if (c.req.method === 'HEAD') {
      await file.close();
      return c.body(null);
    }
    return c.body(Readable.toWeb(file.createReadStream({ end: known.length - 1 })) as ReadableStream);
  });
  app.get('/forming/:file{[0-9]{1,15}\\.png}', (c) => {
    const png = preview(Number(c.req.param('file').slice(0, -4)));
    if (!png) return c.notFound();
    c.header('content-type', 'image/png');
    return c.body(png as Uint8Array<ArrayBuffer>);
  });
  app.get('/gallery.css', (c) => c.body(styleSheet, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/gallery.js', (c) =>
    c.body(browserScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/events', async (c) => {
    const address = addressOf(c);
    if (!news.hasRoom(address)) return c.text('Too many are looking.', 503, { 'retry-after': '15' });
    const { outgoing } = c.env;
    if (c.req.method === 'HEAD') return c.body(null);
    const first = await missed(c.req.header('last-event-id') ?? c.req.query('after') ?? '');
    for (const [name, value] of Object.entries(protection)) outgoing.setHeader(name, value);
    news.follow(outgoing, address, [
      newsOf('begin', {}),
      ...first,
      ...forming().map((each) => newsOf('forming', each)),
    ]);
    return RESPONSE_ALREADY_SENT;
  });
  app.notFound((c) => c.text('There is nothing here.', 404));
  app.onError((_, c) => c.text('That did not work.', 500));

  /** What came after the newest painting that a browser knows. */
  async function missed(newest: string): Promise<string[]> {
    const { paintings } = collection;
    const at =
      newest === '' ? Math.min(paintings.length, pageLength) : paintings.findIndex(({ id }) => id === newest);
    if (at < 0 || at > pageLength) return [newsOf('reload', {})];
    return Promise.all(
      paintings
        .slice(0, at)
        .reverse()
        .map((each) => arrival(each, paintings.length)),
    );
  }

  const server = serve({
    fetch: app.fetch,
    hostname: host,
    port,
    serverOptions: {
      maxHeaderSize: 8192,
      headersTimeout,
      requestTimeout: headersTimeout,
      keepAliveTimeout: headersTimeout,
      connectionsCheckingInterval: 2000,
    },
  }) as Server;
  server.maxConnections = mostConnections;
  server.timeout = idleTimeout;
  const connections = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (connections.get(address) ?? 0) + 1;
    if (count > mostOfAddress) return socket.destroy();
    connections.set(address, count);
    socket.on('close', () => {
      const left = connections.get(address)! - 1;
      if (left > 0) connections.set(address, left);
      else connections.delete(address);
    });
  });
  const actualPort = () => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : port;
  };
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    news.close();
    const why = {
      EADDRINUSE: `another program uses port ${port}. Choose another: --gallery ${port + 1}.`,
      EACCES: `port ${port} is only for the system. Choose one above 1023: --gallery 8734.`,
      EADDRNOTAVAIL: `${host} is no address of this machine. For all of them: --gallery-host 0.0.0.0.`,
      ENOTFOUND: `there is no machine of that name. For this machine's addresses: --gallery-host 0.0.0.0.`,
    }[error.code ?? ''];
    throw new UserError(`--gallery, at ${host}: ${why ?? `cannot be served (${error.code}).`}`);
  });
  return {
    port: actualPort(),
    arrived: async (painting) => news.send(await arrival(painting, collection.paintings.length)),
    progressed: (forming) => news.send(newsOf('forming', forming)),
    ended: (job) => news.send(newsOf('ended', { job })),
    reload: () => news.send(newsOf('reload', {})),
    close: () => {
      news.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The news of a painting; `all`: how many there are with it. */
async function arrival(painting: Painting, all: number): Promise<string> {
  const { id, title } = painting;
  const pieces = { card: String(await card(painting)), slide: String(await slide(painting)) };
  return newsOf('painting', { id, title, count: counted(all), ...pieces }, id);
}

/** Headers of every answer. */
const protection = {
  'content-security-policy': `${contentPolicy.replaceAll(' file:', '')}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'x-robots-tag': 'noindex',
  'cache-control': 'no-store',
};

function protect(c: Context): void {
  for (const [name, value] of Object.entries(protection)) c.header(name, value);
}

const addressOf = (c: Context<Env>) => c.env.incoming.socket.remoteAddress ?? '';

const hostOf = (c: Context<Env>) => (c.env.incoming.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();

/** The part of the path that is routed: what follows the token, if there is one. A wrong token leads nowhere. */
function pathWithin(token: string | undefined): (request: Request) => string {
  return ({ url }) => {
    const { pathname } = new URL(url);
    if (token === undefined) return pathname;
    const [, first, rest] = /^\/([^/]*)(\/.*)$/.exec(pathname) ?? [];
    return first !== undefined && isSame(first, token) ? rest : '/nowhere';
  };
}

/** Takes the same time however many characters are right. */
function isSame(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(x, y);
}

/** Limits the requests of each address. */
class Limiter {
  private readonly left = new LruCache<string, { requests: number; time: number }>(1000);

  allows(address: string): boolean {
    const now = performance.now();
    const { requests, time } = this.left.get(address) ?? { requests: burst, time: now };
    const left = Math.min(burst, requests + (perSecond * (now - time)) / 1000);
    this.left.set(address, { requests: Math.max(0, left - 1), time: now });
    return left >= 1;
  }
}
