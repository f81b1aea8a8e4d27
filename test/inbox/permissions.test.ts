/** A file of its own: processes that examine files are started as the user that the test is at that time. */
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { type Arrival, openInbox } from '../../src/inbox/inbox.js';

// The superuser may read everything, so the test is nobody meanwhile.
const isRoot = process.getuid?.() === 0;
const be = (user: number) => isRoot && process.seteuid?.(user);
const nobody = 65_534;
const stop = new AbortController();
afterAll(() => {
  stop.abort();
  be(0);
});

it.skipIf(process.platform === 'win32')(
  'reports what may not be read, and takes it once it may be',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'permissions-'));
    const photo = join(folder, 'locked.jpg');
    await writeFile(
      photo,
      await sharp({ create: { width: 48, height: 48, channels: 3, background: '#369' } })
        .jpeg()
        .toBuffer(),
    );
    await chmod(photo, 0);
    await mkdir(join(folder, 'locked'), { mode: 0 });
    await chmod(folder, 0o755);
    be(nobody);
    const patience = { settle: 150, forgive: 450, sweep: 1e6, poll: 100 };
    const options = {
      folder,
      outbox: join(folder, 'stylized'),
      recursive: true,
      poll: true,
      patience,
      say: () => {},
    };
    const arrivals = openInbox(options, stop.signal);
    const next = async () => (await arrivals.next()).value as Arrival;

    const found = [await next(), await next()];
    expect(found.find(({ path }) => path === photo)).toMatchObject({
      kind: 'bad',
      reason: expect.stringMatching(/EACCES.*permissions/),
    });
    expect(found.find(({ path }) => path !== photo)).toMatchObject({
      kind: 'bad',
      reason: expect.stringMatching(/folder.*EACCES.*permissions/),
    });
    be(0);
    await chmod(photo, 0o644);
    be(nobody);
    expect(await next()).toMatchObject({ kind: 'picture', path: photo });
  },
);
