/** Several programs that paint one outbox's pictures, through real servers. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, serverKind } from '../../scripts/servers.js';
import { type JobData, keyOf } from '../../src/cluster/job-data.js';
import { loadBullMQ } from '../../src/cluster/packages.js';
import { readProvenance } from '../../src/image/xmp.js';
import { settingsSchema } from '../../src/settings/settings.js';
import { filesBelow } from '../../src/util/walk.js';
import { cat, coffee, eventsOf, newFolder, rocket, shallow, startWith, wave } from './program.js';

const launchRedis = serverKind('redis');
const launchS3 = serverKind('s3');

const look = ['--styles', wave, '--size', '64', '--iterations', '4', '--scales', '1', ...shallow];

async function inboxOf(photos: Record<string, string>): Promise<string> {
  const inbox = await newFolder();
  for (const [name, photo] of Object.entries(photos)) copyFileSync(photo, join(inbox, name));
  return inbox;
}

const filesIn = async (folder: string) => {
  const found: string[] = [];
  for await (const path of filesBelow(folder)) found.push(path);
  return found;
};

describe.skipIf(!launchRedis)('a queue on Redis or Valkey', () => {
  let server: Server;
  beforeAll(async () => {
    server = await launchRedis!();
  });
  afterAll(() => server.stop());

  /** A queue and a store of its own, and how programs are told of them. */
  const studio = async (store?: string) => {
    const nas = store ?? (await newFolder());
    const name = `test-${Math.random().toString(36).slice(2)}`;
    const temporary = await newFolder();
    const env = { STYLIZE_TUI_QUEUE: server.url, TMPDIR: temporary };
    const flags = ['--queue-name', name];
    const run = (env2: Record<string, string>, ...args: string[]) =>
      startWith({ env: { ...env, ...env2 } }, ...args, ...flags);
    return {
      nas,
      name,
      temporary,
      work: (env2 = {}, ...args: string[]) =>
        run(env2, 'work', '--store', nas, '--threads', '1', '--json', ...args),
      watch: (inbox: string, env2 = {}, ...args: string[]) =>
        run(env2, 'watch', inbox, '--store', nas, '--once', '--json', ...args),
      queue: (...args: string[]) => run({}, 'queue', ...args),
    };
  };

  it('paints on other machines what watch adds, and leaves nothing behind', async () => {
    const { nas, temporary, work, watch, queue } = await studio();
    const inbox = await inboxOf({
      'a cat.jpg': cat,
      'coffee.jpg': coffee,
      'rocket.jpg': rocket,
      'twin.jpg': cat,
    });
    const workers = [work(), work()];
    const { stdout, exitCode } = await watch(inbox, {}, '--slots', '0', ...look);
    expect(exitCode).toBe(0);
    const events = eventsOf(stdout);
    const done = events.flatMap((event) => (event.event === 'done' ? [event] : []));
    expect(done.map(({ output }) => output).sort()).toEqual(
      ['a cat.jpg', 'coffee.jpg', 'rocket.jpg'].map((name) => join(inbox, 'stylized', name)),
    );
    for (const { job, source, output } of done) {
      const started = events.find((event) => event.event === 'started' && event.job === job);
      expect(started).toMatchObject({ source, output, worker: expect.stringMatching(/-\d+-/) });
      const { machine, content, settings, device } = await readProvenance(output);
      // The recipe names files as their owner does, without folders that are not its business.
      expect({ content, styles: settings.styles }).toEqual({
        content: source.split('/').at(-1),
        styles: [wave.split('/').at(-1)],
      });
      expect(machine).toMatch(/./);
      expect(device).toMatch(/cpu/);
    }
    // Of what travelled, only the style is kept for later.
    const left = await filesIn(nas);
    expect(left).toHaveLength(1);
    expect(readFileSync(left[0])).toEqual(readFileSync(wave));
    expect((await queue('status', '--json')).stdout).toContain(
      '"waiting":0,"painting":0,"painted":0,"failed":0',
    );
    const again = await watch(inbox, {}, '--slots', '0', ...look);
    expect(eventsOf(again.stdout).map(({ event }) => event)).toEqual(Array(4).fill('skipped'));
    // Everything that was ever written on the server is in its log: names, but never paths.
    const logs = (await filesIn(server.folder)).filter((path) => path.includes('.aof'));
    const written = logs.map((path) => readFileSync(path, 'latin1')).join('');
    expect(written).toContain('a cat.jpg');
    expect(written).not.toContain(inbox);
    expect(written).not.toContain(dirname(wave));
    for (const worker of workers) worker.kill('SIGTERM');
    const ended = await Promise.all(workers);
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([143, 143]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('goes on from the checkpoint of a worker that was stopped', async () => {
    const { work, watch } = await studio();
    const inbox = await inboxOf({ 'photo.jpg': cat });
    const slow = ['--styles', wave, '--size', '160', '--iterations', '60', '--scales', '1', ...shallow];
    const owner = watch(inbox, {}, '--slots', '0', ...slow);
    const first = work();
    const seen = iterations(owner);
    await until(() => seen.at(-1)! > 10);
    first.kill('SIGTERM');
    await first;
    const before = seen.length;
    const reached = Math.max(...seen);
    const second = work({}, '--once');
    const { exitCode } = await owner;
    expect(exitCode).toBe(0);
    expect(seen[before]).toBeGreaterThanOrEqual(reached - 2);
    expect((await second).exitCode).toBe(0);
  });

  it('fails what is no job without harm, and paints the next', async () => {
    const { nas, name, work, watch } = await studio();
    const { Queue } = await loadBullMQ('redis');
    const queue = new Queue(name, { connection: { url: server.url } });
    const hash = 'a'.repeat(64);
    const good: JobData = {
      version: 1,
      owner: '00000000-0000-4000-8000-000000000000',
      id: 7,
      photo: { hash, name: 'x.jpg' },
      recipe: { ...recipeFrom(hash) },
      names: { [hash]: 'x.jpg' },
    };
    const bad: Record<string, unknown>[] = [
      {},
      { ...good, version: 2 },
      { ...good, photo: { hash: '../../etc/passwd', name: 'x.jpg' } },
      { ...good, photo: { hash, name: '../x.jpg' } },
      { ...good, names: { [hash]: '/etc/passwd' } },
      { ...good, recipe: { ...good.recipe, settings: { ...good.recipe.settings, size: 1e9 } } },
      // Its files are not there.
      good as unknown as Record<string, unknown>,
    ];
    for (const [i, data] of bad.entries())
      await queue.add('paint', data, { jobId: keyOf(i), priority: 1, attempts: 1 });
    const inbox = await inboxOf({ 'photo.jpg': cat });
    const worker = work();
    const { exitCode } = await watch(inbox, {}, '--slots', '0', ...look);
    expect(exitCode).toBe(0);
    expect(existsSync(join(inbox, 'stylized/photo.jpg'))).toBe(true);
    worker.kill();
    await worker;
    const failed = await queue.getFailed();
    expect(failed.map(({ failedReason }) => failedReason).sort()).toEqual([
      expect.stringContaining(`files/${hash} is missing`),
      ...Array(bad.length - 1).fill(expect.stringMatching(/^its entry in the queue is invalid/)),
    ]);
    await queue.close();
    expect((await filesIn(nas)).every((path) => path.startsWith(join(nas, 'files')))).toBe(true);
  });

  it('refuses a painting that is not what its worker says', async () => {
    const { nas, name, watch } = await studio();
    const { Worker } = await loadBullMQ('redis');
    const inbox = await inboxOf({ 'photo.jpg': cat });
    const result = { extension: '.jpg', seconds: 1, iterations: 1, ended: 'iterations', worker: 'evil' };
    const losses = { total: 1, tv: 1, content: {}, style: {} };
    // It hands in a picture that it did not paint.
    const evil = new Worker(
      name,
      async (job) => {
        const key = `results/${job.id}/x`;
        mkdirSync(join(nas, 'results', job.id!), { recursive: true });
        copyFileSync(coffee, join(nas, key));
        const { createHash } = await import('node:crypto');
        const hash = createHash('sha256').update(readFileSync(coffee)).digest('hex');
        return { ...result, losses, key, hash };
      },
      { connection: { url: server.url } },
    );
    const { stdout, exitCode } = await watch(inbox, {}, '--slots', '0', ...look);
    await evil.close();
    expect(exitCode).toBe(1);
    expect(eventsOf(stdout).at(-1)).toMatchObject({
      event: 'failed',
      reason: expect.stringContaining('handed in something that is not its painting'),
    });
    expect(await filesIn(join(inbox, 'stylized'))).not.toContain(join(inbox, 'stylized/photo.jpg'));
  });

  it.skipIf(!launchS3)('exchanges pictures through S3', async () => {
    const s3 = await launchS3!();
    try {
      const { work, watch } = await studio(s3.url);
      const inbox = await inboxOf({ 'photo.jpg': cat });
      const worker = work(s3.env);
      const { exitCode, stderr } = await watch(inbox, s3.env, '--slots', '0', ...look);
      worker.kill();
      await worker;
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);
      expect(existsSync(join(inbox, 'stylized/photo.jpg'))).toBe(true);
      const left = await filesIn(join(s3.folder, 'data/studio/paintings'));
      expect(left).toHaveLength(1);
    } finally {
      await s3.stop();
    }
  });

  it('says what is missing', async () => {
    const { nas } = await studio();
    const inbox = await newFolder();
    const mistakes: [Promise<{ stderr: string; exitCode?: number }>, RegExp][] = [
      [startWith({}, 'work'), /Which queue\?/],
      [startWith({}, 'work', '--queue', server.url), /--queue needs --store/],
      [startWith({}, 'work', '--queue', 'http://host'), /expected an address such as redis:\/\/host/],
      [startWith({}, 'work', '--queue', 'redis://:secret@host'), /password on the command line/],
      [
        startWith({}, 'watch', inbox, '--slots', '0', '--styles', wave),
        /--slots 0: expected a whole number from 1/,
      ],
      [
        startWith({}, 'work', '--queue', server.url, '--store', join(nas, 'none')),
        /there is no such folder here/,
      ],
      [startWith({}, 'work', '--queue', server.url, '--store', 's3://UPPER'), /s3:\/\/bucket\/prefix/],
      [
        startWith({}, 'queue', 'status', '--queue', 'redis://127.0.0.1:1'),
        /does not answer \(ECONNREFUSED\)/,
      ],
    ];
    for (const [run, message] of mistakes) {
      const { stderr, exitCode } = await run;
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('secret');
      expect(exitCode).toBe(2);
    }
  });
});

const recipeFrom = (style: string): JobData['recipe'] => ({
  settings: settingsSchema.parse({ styles: [style] }),
  layers: { content: { relu2_1: 1 }, style: { relu1_1: 1 } },
  network: '62a75c2f53f78fc66b7b1ff2187ea1d6acc91e877f3e5b01be0b8b2900a89361',
  hash: style,
});

/** The iterations that a program reports, as they come. */
function iterations(program: { stdout: NodeJS.ReadableStream | null }): number[] {
  const seen: number[] = [0];
  let rest = '';
  program.stdout?.on('data', (chunk) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop()!;
    for (const event of eventsOf(lines.join('\n')))
      if (event.event === 'iteration') seen.push(event.iteration);
  });
  return seen;
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !holds(); tries++) await sleep(100);
  expect(holds()).toBe(true);
}
