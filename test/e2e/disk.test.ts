/** A disk that is full, an outbox that goes away, files that cannot be opened: the painting waits, says so, and goes on. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import {
  bin,
  cat,
  coffee,
  eventsOf,
  newFolder,
  rocket,
  shallow,
  start,
  startWith,
  tiny,
  wave,
} from './program.js';

const flags = ['--styles', wave, ...tiny, ...shallow, '--json'];

const disk = await newFolder();
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk]).status === 0;
afterAll(() => canMount && spawnSync('umount', ['--lazy', disk]));

/** A watch that can be waited for: until an event of this name, or one more, has come. */
function watch(inbox: string, outbox: string, env: Record<string, string> = {}) {
  const program = startWith({ env }, 'watch', inbox, '--output', outbox, ...flags);
  let heard: (() => void) | undefined;
  let stdout = '';
  let stderr = '';
  program.stdout.on('data', (data) => {
    stdout += data;
    heard?.();
  });
  program.stderr.on('data', (data) => {
    stderr += data;
    heard?.();
  });
  program.on('exit', () => heard?.());
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      if (program.exitCode !== null) throw new Error(`it ended: ${stdout}${stderr}`);
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  const names = () => eventsOf(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).map(({ event }) => event);
  return {
    program,
    names,
    came: (event: string, times = 1) => until(() => names().filter((name) => name === event).length >= times),
    said: (text: string) => until(() => stderr.includes(text)),
    stderr: () => stderr,
  };
}

async function fill() {
  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
}

it.skipIf(!canMount)('waits for room on the disk', async () => {
  const inbox = await newFolder();
  const outbox = join(disk, 'out');
  await mkdir(outbox);
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const { program, names, came, said } = watch(inbox, outbox);
  await came('iteration');
  await fill();
  await came('waiting');
  expect(names()).not.toContain('done');
  await rm(join(disk, 'filler'));
  await came('done');
  expect(names()).toContain('resumed');

  // The job store needs room before the painting does.
  await fill();
  await copyFile(coffee, join(inbox, 'coffee.jpg'));
  await said('Waiting until it can');
  await rm(join(disk, 'filler'));
  await came('done', 2);
  program.kill();
  await program;
  expect((await readdir(outbox)).sort()).toEqual(['.stylize-tui.sqlite', 'cat.jpg', 'coffee.jpg']);
  expect(names()).not.toContain('failed');
});

it('waits for an outbox that was removed, and knows what was done when it is back', async () => {
  const inbox = await newFolder();
  const outbox = join(await newFolder(), 'out');
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const { program, names, came, said } = watch(inbox, outbox);
  await came('done');
  await copyFile(rocket, join(inbox, 'rocket.jpg'));
  await came('started', 2);
  await rm(outbox, { recursive: true });
  await came('waiting');
  await expect(readdir(outbox)).rejects.toThrow(/ENOENT/);
  await mkdir(outbox);
  await came('done', 2);
  await rm(outbox, { recursive: true });
  await copyFile(coffee, join(inbox, 'coffee.jpg'));
  await said('Waiting until it can');
  await mkdir(outbox);
  await came('done', 3);
  program.kill();
  await program;
  expect(names()).not.toContain('failed');
  // The list of what was done was written anew.
  const { stdout } = await start('jobs', outbox, '--json');
  const jobs = stdout.split('\n').map((line) => JSON.parse(line));
  expect(jobs.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  expect(await sharp(join(outbox, 'coffee.jpg')).metadata()).toMatchObject({ width: 96 });
});

const canLimit = spawnSync('prlimit', ['--version']).status === 0;

it.skipIf(!canLimit)('waits while no more files can be opened', async () => {
  const inbox = await newFolder();
  const { program, names, came, said } = watch(inbox, await newFolder());
  await came('idle');
  const limit = (files: string) => spawnSync('prlimit', ['--pid', String(program.pid), `--nofile=${files}:`]);
  limit('20');
  await copyFile(cat, join(inbox, 'cat.jpg'));
  await said('(EMFILE)');
  expect(names()).not.toContain('failed');
  limit('1000');
  await came('done');
  program.kill();
  await program;
  expect(names()).not.toContain('failed');
});

/** As a share that hiccups: files of this name cannot be opened in these processes for as long as the flag is there. */
const unreadable = (flag: string, name: string, module: string) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { open } = fs.promises;
  fs.promises.open = async (path, ...rest) => {
    const isAway = process.argv[1].endsWith('${module}') && String(path).endsWith('${name}') && fs.existsSync('${flag}');
    if (isAway) throw Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO', syscall: 'open' });
    return open(path, ...rest);
  };
  syncBuiltinESMExports();`;

it('fails no photo for what its share does, neither on examining nor on painting it, and says so once', async () => {
  const folder = await newFolder();
  const [inbox, outbox, flag] = ['in', 'out', 'flag'].map((name) => join(folder, name));
  for (const made of [inbox, outbox]) await mkdir(made);
  const env = async (name: string, module: string) => {
    const hook = join(folder, `${name}.mjs`);
    await writeFile(hook, unreadable(flag, name, module));
    return `--import ${hook}`;
  };
  const both = [await env('cat.jpg', 'examine/child.js'), await env('coffee.jpg', 'render/child.js')].join(
    ' ',
  );
  await writeFile(flag, '');
  await copyFile(cat, join(inbox, 'cat.jpg'));
  await copyFile(rocket, join(inbox, 'rocket.jpg'));
  const { program, names, came, said, stderr } = watch(inbox, outbox, { NODE_OPTIONS: both });
  await came('done');
  await said('cat.jpg: cannot be read at the moment (EIO). It is looked at again');
  await copyFile(coffee, join(inbox, 'coffee.jpg'));
  await came('waiting');
  expect(names().filter((name) => name === 'waiting')).toHaveLength(1);
  await rm(flag);
  await came('done', 3);
  program.kill();
  await program;
  expect(names()).not.toContain('failed');
  expect(stderr().match(/EIO/g)).toHaveLength(1);

  // With --once there is an end to waiting: it is left for the next start.
  await writeFile(flag, '');
  await copyFile(wave, join(inbox, 'b-cat.jpg'));
  const once = await startWith(
    { env: { NODE_OPTIONS: both } },
    ...['watch', inbox, '--output', outbox, '--once', ...flags],
  );
  const left = eventsOf(once.stdout).find((event) => 'source' in event && /b-cat/.test(event.source));
  expect(left).toMatchObject({ event: 'skipped', reason: expect.stringMatching(/at the moment \(EIO\)/) });
  expect(once.exitCode).toBe(0);
});

it.skipIf(!canMount)(
  'paints beside a subfolder of the outbox that cannot be written, and goes on',
  async () => {
    const inbox = await newFolder();
    const outbox = join(inbox, 'stylized');
    await mkdir(join(inbox, 'sub'));
    await mkdir(join(outbox, 'sub'), { recursive: true });
    await copyFile(cat, join(inbox, 'sub', 'cat.jpg'));
    await copyFile(rocket, join(inbox, 'rocket.jpg'));
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(outbox, 'sub')]);
    const { stdout, stderr } = await start('watch', inbox, '--once', '--recursive', ...flags);
    spawnSync('umount', ['--lazy', join(outbox, 'sub')]);
    const outputs = eventsOf(stdout).flatMap((event) => (event.event === 'done' ? [event.output] : []));
    expect(outputs.sort()).toEqual([join(outbox, 'cat.jpg'), join(outbox, 'rocket.jpg')]);
    expect(stderr).toMatch(/sub cannot be written: it is .*cat\.jpg/);
  },
);

it.skipIf(process.platform === 'win32')(
  'ends soon while another program locks its list of pictures',
  async () => {
    const inbox = await newFolder();
    const outbox = await newFolder();
    const { program, came, said } = watch(inbox, outbox);
    await came('idle');
    const other = new Database(join(outbox, '.stylize-tui.sqlite'));
    other.exec('BEGIN EXCLUSIVE');
    await copyFile(cat, join(inbox, 'cat.jpg'));
    await said('Waiting until it can');
    const began = performance.now();
    program.kill();
    const { exitCode } = await program;
    other.close();
    expect(exitCode).toBe(143);
    // It takes half a second; each try took five.
    expect(performance.now() - began).toBeLessThan(5000);
  },
);

it.skipIf(process.platform === 'win32')('ends although its reader stands still', async () => {
  const [inbox, log] = [await newFolder(), join(await newFolder(), 'a.log')];
  const pipe = join(await newFolder(), 'pipe');
  spawnSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  expect(() => {
    while (true) writeSync(writer, ' '.repeat(4096));
  }).toThrow(/EAGAIN/);
  const stdio = ['ignore', writer, 'ignore'] as const;
  const program = spawn(process.execPath, [bin, 'watch', inbox, '--log', log, ...flags], {
    stdio: [...stdio],
  });
  const ended = once(program, 'exit');
  const isIdle = async () => existsSync(log) && (await readFile(log, 'utf8')).includes('idle');
  while (!(await isIdle())) {
    expect(program.exitCode).toBe(null);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  program.kill();
  expect((await ended)[0]).toBe(143);
  for (const file of [reader, writer]) closeSync(file);
});
