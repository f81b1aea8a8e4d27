import { execFileSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Examiner, examine, Unusable } from '../../src/examine/examiner.js';
import { hashBytes } from '../../src/util/hash.js';

const photo = fileURLToPath(new URL('../../samples/cat.jpg', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'examine-'));
const failure = (examined: Promise<unknown>) =>
  examined.then(
    () => undefined,
    (error: Unusable) => error,
  );

describe('what is examined', () => {
  it('is told by its content, and what this program did not paint is no painting', async () => {
    const bytes = await sharp(photo).resize(64, 64).png().toBuffer();
    const path = join(folder, 'small.png');
    await writeFile(path, bytes);
    expect(await examine('picture', { path })).toEqual({
      hash: hashBytes(bytes),
      size: { width: 64, height: 64 },
      isPainting: false,
    });
    const { png, ...size } = await examine('thumbnail', { path, longestSide: 16 });
    expect(size).toEqual({ width: 16, height: 16 });
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', ...size });
  });

  it('may be small, unless it must be large enough for something', async () => {
    const path = join(folder, 'narrow.png');
    await sharp(photo).resize(20, 64, { fit: 'fill' }).png().toFile(path);
    expect(await examine('picture', { path })).toMatchObject({ size: { width: 20, height: 64 } });
    expect(await failure(examine('picture', { path, bounds: {} }))).toMatchObject({
      message: expect.stringContaining('20×64 is too small'),
    });
  });

  it('fails with the reason, and with the hash where there is content', async () => {
    const path = join(folder, 'text.jpg');
    await writeFile(path, 'no picture');
    const error = await failure(examine('picture', { path }));
    expect(error).toBeInstanceOf(Unusable);
    expect(error).toMatchObject({
      message: expect.stringContaining(`${path}: `),
      hash: hashBytes(Buffer.from('no picture')),
    });
    expect(await failure(examine('picture', { path: join(folder, 'gone.jpg') }))).toMatchObject({ hash: '' });
    expect(await failure(examine('picture', { path, bounds: {}, within: '/nowhere' }))).toMatchObject({
      message: expect.stringContaining('links'),
    });
  });
});

describe('a child', () => {
  const module = fileURLToPath(new URL('unruly-child.mjs', import.meta.url));
  const open = (options = {}) => new Examiner({ module, ...options });
  const pidOf = async (examiner: Examiner) =>
    ((await examiner.examine('picture', { path: '/x/good' })) as unknown as { process: number }).process;

  it('is used again, and replaced after it crashed, hung or grew', async () => {
    const examiner = open({ timeout: 3000, memory: 300e6 });
    const first = await pidOf(examiner);
    expect(await pidOf(examiner)).toBe(first);
    const of = (name: string) => failure(examiner.examine('picture', { path: `/x/${name}` }));
    expect(await of('crashes')).toMatchObject({
      message: expect.stringMatching(/^\/x\/crashes: its decoder failed/),
      hash: 'of-the-content',
    });
    expect(await pidOf(examiner)).not.toBe(first);
    expect(await of('hangs')).toMatchObject({
      message: expect.stringMatching(/^\/x\/hangs: .*more than 3 seconds/),
      hash: 'of-the-content',
    });
    // Only Linux tells how much a process holds.
    if (process.platform === 'linux')
      expect(await of('grows')).toMatchObject({
        message: expect.stringMatching(/^\/x\/grows: .*more than 300 MB/),
      });
    expect(await pidOf(examiner)).toBeGreaterThan(0);
  });

  it('that is killed from outside is tried again before its file is to blame', async () => {
    const error = await failure(open().examine('picture', { path: '/x/is-killed' }));
    expect(error).toBeInstanceOf(Unusable);
    expect(error?.message).toMatch(/^\/x\/is-killed: the system ended its examination/);
  });

  it("passes on the system's error: that a disk is away is no fault of the file", async () => {
    const error = await failure(open().examine('picture', { path: '/x/is-away' }));
    expect(error).not.toBeInstanceOf(Unusable);
    expect(error).toMatchObject({ code: 'EIO' });
  });

  it('that takes long does not hold up others', async () => {
    const examiner = open();
    const order: string[] = [];
    const start = (name: string) =>
      examiner
        .examine('picture', { path: `/x/${name}` }, () => order.push(`${name} is slow`))
        .then(() => order.push(name));
    await Promise.all([start('slow'), start('slow'), start('good')]);
    expect(order).toEqual(['slow is slow', 'slow is slow', 'good', 'slow', 'slow']);
  });

  it('does not keep the program running', () => {
    const examiner = fileURLToPath(new URL('../../dist/examine/examiner.js', import.meta.url));
    const script = `import { examine } from ${JSON.stringify(examiner)};
      await examine('picture', { path: ${JSON.stringify(photo)} });
      const before = performance.now();
      process.on('exit', () => process.stdout.write(String(performance.now() - before)));`;
    const waited = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(Number(waited)).toBeLessThan(9000);
  });
});
