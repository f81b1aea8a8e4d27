/** The command line without a terminal. */
import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  bin,
  cat,
  coffee,
  eventsOf,
  newFolder,
  painterOf,
  scream,
  screamNote,
  shallow,
  start,
  startWith,
  tiny,
  wave,
} from './program.js';

describe('run', () => {
  it('paints one photo and says so in lines', async () => {
    const output = join(await newFolder(), 'out.jpg');
    const { stdout, exitCode } = await start(
      'run',
      '--content',
      cat,
      '--styles',
      wave,
      '--output',
      output,
      ...tiny,
    );
    expect(stdout).toMatch(/cat.jpg: painting 96×64/);
    expect(stdout).toMatch(/cat.jpg: done in \d+ s/);
    expect(exitCode).toBe(0);
    const { width, height, format } = await sharp(output).metadata();
    expect({ width, height, format }).toEqual({ width: 96, height: 64, format: 'jpeg' });
  });

  it('paints the same bytes twice, with either optimizer, from noise too', async () => {
    const folder = await newFolder();
    for (const extra of [[], ['--optimizer', 'adam', '--start', 'noise', '--seed', '3']]) {
      const paint = async (name: string) => {
        const output = join(folder, name);
        await start(
          'run',
          '--content',
          cat,
          '--styles',
          wave,
          '--output',
          output,
          '--overwrite',
          '--quiet',
          ...tiny,
          ...extra,
        );
        return readFile(output);
      };
      expect((await paint('a.png')).equals(await paint('b.png'))).toBe(true);
    }
  });

  it.each([
    ['a missing style', ['--styles', 'nowhere.jpg'], /nowhere.jpg: there is no such file/],
    ['no style', [], /--styles needs at least one/],
    ['a wrong count of blends', ['--styles', `${wave},${scream}`, '--blend', '1'], /1 weights for 2 styles/],
    ['a negative blend', ['--styles', `${wave},${scream}`, '--blend=-1,2'], /from 0 up/],
    ['a size that is no number', ['--styles', wave, '--size', 'big'], /size/],
    ['an unknown flag', ['--styles', wave, '--flavour', 'red'], /--flavour: there is no such flag/],
    [
      'an unknown preset',
      ['--styles', wave, '--preset', 'bad'],
      /no such preset.*There are best, broad, draft, fine, good/,
    ],
    ['an output that is the photo', ['--styles', wave, '--overwrite', '--output', cat], /never changed/],
    ['an output in an unknown format', ['--styles', wave, '--output', 'x.bmp'], /cannot write that format/],
  ])('answers %s with a sentence and exit code 2', async (_, flags, message) => {
    const output = flags.includes('--output') ? [] : ['--output', '/tmp/never.jpg'];
    const { stderr, exitCode } = await start('run', '--content', cat, ...output, ...flags);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(2);
  });

  it('does not replace an existing output', async () => {
    const output = join(await newFolder(), 'out.jpg');
    await writeFile(output, 'mine');
    const { stderr, exitCode } = await start('run', '--content', cat, '--styles', wave, '--output', output);
    expect(stderr).toMatch(/already exists/);
    expect(exitCode).toBe(2);
    expect(await readFile(output, 'utf8')).toBe('mine');
  });
});

describe('watch --once', () => {
  it('paints a folder, tells it as events, and does nothing the second time', async () => {
    const inbox = await newFolder();
    await copyFile(cat, join(inbox, 'cat.jpg'));
    await copyFile(coffee, join(inbox, 'coffee.jpg'));
    const original = await readFile(join(inbox, 'cat.jpg'));
    const args = [
      'watch',
      inbox,
      '--once',
      '--styles',
      `${wave},${scream}`,
      '--blend',
      '0.7,0.3',
      '--json',
      ...tiny,
    ];
    const first = await start(...args);
    expect(first.exitCode).toBe(0);
    const events = eventsOf(first.stdout);
    const count = (name: string) => events.filter(({ event }) => event === name).length;
    expect({
      queued: count('queued'),
      started: count('started'),
      done: count('done'),
      iteration: count('iteration'),
    }).toEqual({ queued: 2, started: 2, done: 2, iteration: 14 });
    for (const event of events) {
      if (event.event !== 'iteration') continue;
      const { total, tv, content, style } = event.losses;
      const sum = [tv, ...Object.values(content), ...Object.values(style).flat()].reduce((a, b) => a + b);
      expect(Math.abs(sum - total)).toBeLessThan(1e-9 * total);
      expect(Object.keys(style)).toEqual(['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1']);
      expect(event.weights.blend).toEqual([0.7, 0.3]);
    }
    const painted = async () =>
      (await readdir(join(inbox, 'stylized'))).filter((name) => !name.startsWith('.')).sort();
    expect(await painted()).toEqual(['cat.jpg', 'coffee.jpg']);

    const second = eventsOf((await start(...args)).stdout);
    expect(second.map(({ event }) => event)).toEqual(['skipped', 'skipped']);
    await start(...args, '--style-weight', '2');
    expect(await painted()).toEqual(['cat-2.jpg', 'cat.jpg', 'coffee-2.jpg', 'coffee.jpg']);
    await start(...args, '--force');
    expect(await painted()).toHaveLength(6);
    expect((await readFile(join(inbox, 'cat.jpg'))).equals(original)).toBe(true);
  });

  it('fails bad pictures with their reasons, paints the others and exits with 1', async () => {
    const inbox = await newFolder();
    await writeFile(join(inbox, 'empty.jpg'), '');
    await writeFile(join(inbox, 'cut.jpg'), (await readFile(cat)).subarray(0, 20_000));
    await writeFile(join(inbox, 'text.png'), 'hello');
    await copyFile(cat, join(inbox, 'good.jpg'));
    const { stdout, stderr, exitCode } = await start(
      'watch',
      inbox,
      '--once',
      '--styles',
      wave,
      '--json',
      ...tiny,
    );
    const events = eventsOf(stdout);
    expect(events.filter(({ event }) => event === 'failed')).toHaveLength(3);
    expect(events.filter(({ event }) => event === 'done')).toHaveLength(1);
    expect(stderr).toBe('');
    expect(exitCode).toBe(1);
  });

  it("tells once that a style's frame is left out, and nothing where it is kept", async () => {
    const inbox = await newFolder();
    await copyFile(cat, join(inbox, 'cat.jpg'));
    await copyFile(coffee, join(inbox, 'coffee.jpg'));
    const watch = (...flags: string[]) =>
      start('watch', inbox, '--once', '--styles', scream, '--json', ...shallow, ...tiny, ...flags);
    const first = await watch();
    expect(eventsOf(first.stdout).filter(({ event }) => event === 'done')).toHaveLength(2);
    expect(first.stderr).toMatch(screamNote);
    expect(first.stderr.split('\n')).toHaveLength(1);
    const kept = await watch('--keep-frame');
    expect(eventsOf(kept.stdout).filter(({ event }) => event === 'done')).toHaveLength(2);
    expect(kept.stderr).toBe('');
    const quiet = await watch('--quiet', '--force');
    expect(eventsOf(quiet.stdout).filter(({ event }) => event === 'done')).toHaveLength(2);
    expect(quiet.stderr).toBe('');
  });

  it('warns once of weights that were meant for the Gram loss, quiet or not, and paints', async () => {
    const inbox = await newFolder();
    await copyFile(cat, join(inbox, 'cat.jpg'));
    await copyFile(coffee, join(inbox, 'coffee.jpg'));
    await writeFile(join(inbox, 'coffee.jpg.json'), '{ "size": 64 }');
    const flags = ['--styles', wave, '--style-weight', '5000', '--content-weight', '5', '--tv-weight', '400'];
    const watch = (...more: string[]) =>
      start('watch', inbox, '--once', ...flags, ...shallow, ...tiny, ...more);
    for (const flags of [['--json'], ['--quiet', '--force']]) {
      const { stderr, exitCode } = await watch(...flags);
      expect(exitCode).toBe(0);
      expect(stderr).toBe(
        'style weight 5000 (usually 10), tv weight 400 (usually 0.00001): far too much for the Wasserstein style loss. For what weights meant in version 0.1: --style-loss gram, or "styleLoss": "gram" in the file that says them.',
      );
    }
    const meant = await watch('--style-loss', 'gram', '--json');
    expect(eventsOf(meant.stdout).filter(({ event }) => event === 'done')).toHaveLength(2);
    expect(meant.stderr).toBe('');
  });

  it('keeps a log and a sign of life for a supervisor', async () => {
    const inbox = await newFolder();
    await copyFile(cat, join(inbox, 'cat.jpg'));
    await writeFile(join(inbox, 'bad.jpg'), 'no picture');
    const [log, health] = [join(inbox, 'a.log'), join(inbox, 'alive')];
    const flags = ['--once', '--quiet', '--styles', wave, ...tiny, '--log', log, '--health', health];
    const before = Date.now();
    const { exitCode } = await start('watch', inbox, ...flags);
    expect(exitCode).toBe(1);
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map(({ event, level }) => [event, level])).toEqual(
      expect.arrayContaining([
        ['started', 30],
        ['done', 30],
        ['failed', 50],
      ]),
    );
    expect(events.some(({ event }) => event === 'iteration')).toBe(false);
    expect((await stat(health)).mtimeMs).toBeGreaterThan(before);
    const nowhere = await start('watch', inbox, ...flags, '--health', join(inbox, 'none', 'alive'));
    expect(nowhere.stderr).toMatch(/--health .*cannot be written \(ENOENT\)/);
    expect(nowhere.exitCode).toBe(2);
  });

  it('has in its log why it ended, be it a fault of its own', async () => {
    const inbox = await newFolder();
    const [log, hook] = [join(inbox, 'a.log'), join(inbox, 'fault.mjs')];
    await writeFile(
      hook,
      `if (!process.send) setInterval(() => { if (fs.existsSync(${JSON.stringify(log)})) throw new Error('a fault'); }, 100);
      import fs from 'node:fs';`,
    );
    const flags = ['--styles', wave, ...tiny, '--log', log, '--json'];
    await copyFile(cat, join(inbox, 'cat.jpg'));
    const { exitCode } = await startWith(
      { env: { NODE_OPTIONS: `--import ${hook}` } },
      ...['watch', inbox, ...flags],
    );
    expect(exitCode).not.toBe(0);
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ level: 60, text: expect.stringMatching(/a fault/) });

    const program = start('watch', inbox, ...flags);
    await new Promise((resolve) => program.stdout.once('data', resolve));
    const store = new Database(join(inbox, 'stylized', '.stylize-tui.sqlite'));
    store.exec('PRAGMA busy_timeout = 10000');
    store.exec(`UPDATE hold SET token = 'of another'`);
    store.close();
    const { stderr } = await program;
    expect(stderr).toMatch(/took over/);
    const ended = (await readFile(log, 'utf8')).trim().split('\n');
    expect(JSON.parse(ended.at(-1)!)).toMatchObject({ level: 60, text: expect.stringMatching(/took over/) });
  });

  it.each([
    ['a folder that is not there', ['/nowhere/inbox'], /no such folder/],
    ['a file for an inbox', [cat], /expected a folder, got a file/],
    [
      'an outbox that cannot be',
      [join(bin, '..'), '--output', join(cat, 'out')],
      /cannot write pictures there/,
    ],
  ])('answers %s with a sentence and exit code 2', async (_, args, message) => {
    const { stderr, exitCode } = await start('watch', ...args, '--once', '--styles', wave);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });
});

describe('watch', () => {
  it('paints what arrives until SIGTERM, survives the death of its child, and ends with 143', async () => {
    const inbox = await newFolder();
    const program = start(
      'watch',
      inbox,
      '--styles',
      wave,
      '--json',
      '--size',
      '96',
      '--iterations',
      '400',
      '--scales',
      '1',
    );
    let output = '';
    program.stdout.on('data', (data) => {
      output += data;
    });
    const until = async (text: string, from = 0) => {
      while (!output.slice(from).includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until('"event":"idle"');
    await copyFile(cat, join(inbox, 'cat.jpg'));
    await until('"event":"iteration"');
    const child = painterOf(program)!;
    process.kill(child, 'SIGKILL');
    const mark = output.length;
    await until('"event":"started"', mark);
    await until('"event":"iteration"', mark);
    const second = painterOf(program)!;
    expect(second).not.toBe(child);
    program.kill('SIGTERM');
    const { exitCode, stderr } = await program;
    expect(stderr).toMatch(/the painting process was killed by SIGKILL.*Trying again/);
    expect(exitCode).toBe(143);
    expect(() => process.kill(second, 0)).toThrow();
    eventsOf(output);
  });
});

it('plans a demo without painting it, and shows for work only the flags that it has', async () => {
  const cwd = await newFolder();
  const demo = await startWith({ cwd }, 'demo', '--dry-run', '--size', '64', '--threads', '1');
  expect(demo.stdout).toMatch(/^cat\.jpg +64×43 .*stylized-demo\/cat\.jpg\n/);
  expect(demo.stdout).toContain('Nothing was painted.');
  expect(await readdir(cwd)).toEqual([]);
  const { stdout } = await startWith({ cwd }, 'config', '--command', 'work', '--json');
  const names = stdout.split('\n').map((line) => JSON.parse(line).name);
  expect(names).toContain('queueName');
  expect(names).not.toContain('iterations');
});
