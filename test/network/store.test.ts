/** Fetching of weight files, from a server in this process. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import type { KnownNetwork } from '../../src/network/store.js';

const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
const value = createHash('md5').update(body).digest('hex');

let store: typeof import('../../src/network/store.js');
beforeAll(async () => {
  vi.stubEnv('XDG_CACHE_HOME', await mkdtemp(join(tmpdir(), 'cache-')));
  store = await import('../../src/network/store.js');
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const known = (file: string): KnownNetwork => ({
    name: file,
    file,
    url: `http://127.0.0.1:${port}/${file}`,
    hash: { algorithm: 'md5', value },
    bytes: body.length,
    about: 'a test',
  });
  return { known, close: () => server.close() };
}

it('goes on where a broken connection ended, and tells how far it is', async () => {
  const asked: (string | undefined)[] = [];
  const { known, close } = await serve((request, response) => {
    asked.push(request.headers.range);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) return void response.writeHead(206).end(body.subarray(from));
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 100_000));
    // It breaks once all of that is on the disk.
    const stored = () => stat(`${store.storedPath(file)}.part`).then(({ size }) => size === 100_000);
    void vi.waitUntil(() => stored().catch(() => false), { timeout: 30_000 }).then(() => response.destroy());
  });
  const file = known('broken.mat');
  await expect(store.pull(file, () => {})).rejects.toThrow(/broke after 100000 bytes.*goes on from there/);
  const told: number[] = [];
  const path = await store.pull(file, (done) => told.push(done));
  close();
  expect(asked).toEqual([undefined, 'bytes=100000-']);
  expect((await readFile(path)).equals(body)).toBe(true);
  expect(told.at(-1)).toBe(body.length);
  expect(told[0]).toBeGreaterThan(100_000);
  expect(await store.storedNetworks()).toContain(path);
});

it('refuses another file than the known one, and begins anew the next time', async () => {
  let right = false;
  const { known, close } = await serve((_, response) =>
    response.end(right ? body : Buffer.alloc(body.length)),
  );
  const file = known('other.mat');
  await expect(store.pull(file, () => {})).rejects.toThrow(/another file: md5 is [0-9a-f]{32}, expected/);
  right = true;
  expect((await readFile(await store.pull(file, () => {}))).equals(body)).toBe(true);
  close();
});

it('says what to put where when there is no network', async () => {
  const { known, close } = await serve((_, response) => response.writeHead(404).end());
  await expect(store.pull(known('a.mat'), () => {})).rejects.toThrow(/answered 404.*put it at .*a\.mat/);
  close();
  const gone = { ...known('b.mat'), url: 'http://127.0.0.1:9/b.mat' };
  await expect(store.pull(gone, () => {})).rejects.toThrow(/cannot be reached.*put it at .*b\.mat/);
});
