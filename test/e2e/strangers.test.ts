/** Inboxes that anybody may drop files into, outboxes that others use too, and readers that go away. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { bin, cat, coffee, eventsOf, newFolder, rocket, shallow, start, tiny, wave } from './program.js';

const flags = ['--styles', wave, ...tiny, ...shallow];
const watch = (inbox: string, ...more: string[]) =>
  start('watch', inbox, '--once', '--json', ...flags, ...more);

/** What became of each file, by name. */
const fates = (stdout: string) =>
  Object.fromEntries(
    eventsOf(stdout).flatMap((event) =>
      event.event === 'done' || event.event === 'failed' || event.event === 'skipped'
        ? [[basename(event.source), event.event]]
        : [],
    ),
  );

it('paints no painting of its own again, so that two watches never feed each other, unless asked', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  await watch(inbox);
  const second = await newFolder();
  await copyFile(join(inbox, 'stylized', 'cat.jpg'), join(second, 'painted.jpg'));
  await copyFile(coffee, join(second, 'coffee.jpg'));
  expect(fates((await watch(second)).stdout)).toEqual({ 'painted.jpg': 'skipped', 'coffee.jpg': 'done' });
  expect(fates((await watch(second, '--repaint')).stdout)).toMatchObject({ 'painted.jpg': 'done' });
});

it('leaves alone what systems keep in folders of their own, unless told otherwise', async () => {
  const inbox = await newFolder();
  for (const folder of ['@eaDir', 'trip', 'lost+found']) await mkdir(join(inbox, folder));
  await copyFile(cat, join(inbox, '@eaDir', 'thumb.jpg'));
  await copyFile(coffee, join(inbox, 'trip', 'coffee.jpg'));
  await copyFile(rocket, join(inbox, 'lost+found', 'rocket.jpg'));
  expect(fates((await watch(inbox, '--recursive')).stdout)).toEqual({ 'coffee.jpg': 'done' });
  const { stdout } = await watch(inbox, '--recursive', '--include', '@eaDir');
  expect(fates(stdout)).toEqual({ 'coffee.jpg': 'skipped', 'thumb.jpg': 'done' });
});

it('starts whatever else lies in the outbox, and deletes nothing outside of it', async () => {
  const inbox = await newFolder();
  const outbox = join(inbox, 'stylized');
  const leftover = '.01234567-0123-0123-0123-0123456789ab.tmp';
  await mkdir(join(outbox, leftover), { recursive: true });
  await mkdir(join(outbox, 'lost+found'));
  const elsewhere = await newFolder();
  await writeFile(join(elsewhere, leftover), 'mine');
  await symlink(elsewhere, join(outbox, 'link'));
  await symlink('.', join(outbox, 'loop'));
  await writeFile(join(outbox, leftover.replace('0123456789ab', 'ba9876543210')), 'half written');
  execFileSync('mkfifo', [join(outbox, 'pipe.jpg'), join(outbox, '.stylize-tui.sqlite')]);
  // Root reads everything; another user would not.
  await chmod(join(outbox, 'lost+found'), 0o000);
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const { stdout, exitCode } = await watch(inbox);
  expect(fates(stdout)).toEqual({ 'cat.jpg': 'done' });
  expect(exitCode).toBe(0);
  expect(await readFile(join(elsewhere, leftover), 'utf8')).toBe('mine');
  const left = await readdir(outbox);
  expect(left).toContain(leftover);
  expect(left.some((name) => name.includes('ba9876543210'))).toBe(false);
});

it('waits for a style of its own flags that is away, and fails no photo for it', async () => {
  const folder = await newFolder();
  const [inbox, style, aside] = ['in', 'style.jpg', 'aside.jpg'].map((name) => join(folder, name));
  await mkdir(inbox);
  await copyFile(wave, style);
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const program = start('watch', inbox, '--json', '--styles', style, ...tiny, ...shallow);
  let [stdout, stderr] = ['', ''];
  program.stdout.on('data', (data) => {
    stdout += data;
  });
  program.stderr.on('data', (data) => {
    stderr += data;
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      expect(program.exitCode, stdout + stderr).toBe(null);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await until(() => /"done"/.test(stdout));
  await rename(style, aside);
  await copyFile(coffee, join(inbox, 'coffee.jpg'));
  await until(() => /Waiting until it can be read/.test(stderr));
  await rename(aside, style);
  await until(() => (stdout.match(/"done"/g) ?? []).length === 2);
  program.kill('SIGTERM');
  await program;
  expect(stdout).not.toContain('"failed"');
});

it('finishes and keeps what it paints when its reader goes away, and says so by its exit code', async () => {
  const folder = await newFolder();
  const output = join(folder, 'out.jpg');
  const args = [bin, 'run', '--content', cat, '--output', output, '--json', ...flags].map(
    (arg) => `'${arg}'`,
  );
  const { stdout } = await execa('bash', [
    '-c',
    `node ${args.join(' ')} | head -1; echo "\${PIPESTATUS[0]}"`,
  ]);
  const [first, code] = stdout.split('\n');
  expect(JSON.parse(first).event).toBe('queued');
  expect(code).toBe('141');
  expect(existsSync(output)).toBe(true);
});

it('goes on under nohup when its terminal goes', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const program = start('watch', inbox, '--json', ...flags);
  await new Promise((resolve) => program.stdout.once('data', resolve));
  program.kill('SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(program.exitCode).toBe(null);
  program.kill('SIGTERM');
  expect((await program).exitCode).toBe(143);
});

it('refuses to touch a file that is no sign of life', async () => {
  const inbox = await newFolder();
  const photo = join(inbox, 'cat.jpg');
  await copyFile(cat, photo);
  const { stderr, exitCode } = await watch(inbox, '--health', photo);
  expect(stderr).toMatch(/--health .*cat\.jpg: this file exists and is not a health file/);
  expect(exitCode).toBe(2);
  expect((await readFile(photo)).equals(await readFile(cat))).toBe(true);
  const health = join(inbox, 'alive');
  for (let i = 0; i < 2; i++) expect((await watch(inbox, '--health', health)).exitCode).toBe(0);
  await rm(health);
});

it('shows names and recipes without what would move a cursor or turn a line around', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'a\u001b]52;c;AAAA\u0007\u202Egpj.jpg'));
  await writeFile(join(inbox, 'b\u001b[2J.jpg'), 'no picture');
  const told = await start('watch', inbox, '--once', '--no-tui', ...flags);
  const jobs = await start('jobs', inbox);
  const shown = await start('jobs', 'show', '1', '2', inbox);
  for (const { stdout, stderr } of [told, jobs, shown])
    expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
  expect(told.stdout).toContain('done');
});

it('neither loses a painting to a file that took its name, nor takes that for the painting after a kill', async () => {
  const inbox = await newFolder();
  const outbox = join(inbox, 'stylized');
  await copyFile(cat, join(inbox, 'cat.jpg'));
  await copyFile(coffee, join(inbox, 'coffee.jpg'));
  await mkdir(outbox);
  await symlink('/nowhere', join(outbox, 'coffee.jpg'));
  /** As the photo's painting begins, somebody puts a file where it is to be. */
  const take = async (photo: string, signal?: 'SIGKILL') => {
    const program = watch(inbox, '--iterations', '40');
    let isTaken = false;
    program.stdout.on('data', async (data) => {
      if (isTaken || !new RegExp(`"started".*${photo}`).test(data)) return;
      isTaken = true;
      await writeFile(join(outbox, photo), 'of somebody else');
      if (signal) program.kill(signal);
    });
    return program;
  };
  await take('cat.jpg', 'SIGKILL');
  expect(await readFile(join(outbox, 'cat.jpg'), 'utf8')).toBe('of somebody else');
  const { stdout, stderr, exitCode } = await take('cat-2.jpg');
  const done = eventsOf(stdout).flatMap((event) => (event.event === 'done' ? [basename(event.output)] : []));
  expect(done.sort()).toEqual(['cat-2-2.jpg', 'coffee-2.jpg']);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/cat\.jpg: its name was taken meanwhile: it is .*cat-2-2\.jpg/);
  expect(await readFile(join(outbox, 'cat-2.jpg'), 'utf8')).toBe('of somebody else');
  const after = await watch(inbox, '--iterations', '40');
  expect(fates(after.stdout)).toEqual({ 'cat.jpg': 'skipped', 'coffee.jpg': 'skipped' });
});

it('repeats no recipe that tells of what no painting can have gone through, and says so at once', async () => {
  const folder = await newFolder();
  const painting = join(folder, 'painting.jpg');
  await start('run', '--content', cat, '--output', painting, ...flags);
  const { xmp } = await sharp(painting).metadata();
  const { styles } = (await readProvenance(painting)).settings;
  expect(styles).toHaveLength(1);
  const refused = async (change: object) => {
    const text = String(xmp).replace(/<stylize:recipe>(.*)<\/stylize:recipe>/s, (_, escaped: string) => {
      const recipe = JSON.parse(escaped.replaceAll('&quot;', '"').replaceAll('&apos;', "'"));
      const json = JSON.stringify({ ...recipe, ...change });
      return `<stylize:recipe>${json.replaceAll('"', '&quot;')}</stylize:recipe>`;
    });
    const from = join(folder, 'forged.jpg');
    await sharp(cat).withXmp(text).jpeg().toFile(from);
    const { stderr, exitCode } = await start('run', '--from', from, '--output', join(folder, 'again.jpg'));
    expect(exitCode).toBe(2);
    expect(stderr.split('\n')).toHaveLength(1);
    return stderr;
  };
  const weights = { content: 1, style: 1, tv: 1, blend: [1] };
  const byHand = (change: object) => ({ history: [{ iteration: 0, weights: { ...weights, ...change } }] });
  expect(await refused({ painted: { width: 40_000, height: 30_000 } })).toMatch(/a size larger than/);
  for (const change of [
    { history: [{ iteration: 0, iterations: Number.MAX_SAFE_INTEGER }] },
    byHand({ content: 1e308 }),
    byHand({ blend: [1, 2, 3, 4] }),
    byHand({ blend: [] }),
    byHand({ styleLayers: { relu9_9: 5 } }),
  ])
    expect(await refused(change), JSON.stringify(change)).toMatch(/changes by hand that do not fit/);
});

it('follows an inbox that is a link, wherever it is made to lead', async () => {
  const folder = await newFolder();
  const [link, first, second] = ['in', 'first', 'second'].map((name) => join(folder, name));
  for (const made of [first, second]) await mkdir(made);
  await symlink(first, link);
  await copyFile(cat, join(first, 'cat.jpg'));
  const program = start('watch', link, '--output', join(folder, 'out'), '--json', ...flags);
  let stdout = '';
  program.stdout.on('data', (data) => {
    stdout += data;
  });
  const done = async (name: string) => {
    while (!new RegExp(`"done".*${name}`).test(stdout)) {
      expect(program.exitCode, stdout).toBe(null);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await done('cat.jpg');
  await rm(link);
  await symlink(second, link);
  await copyFile(coffee, join(second, 'coffee.jpg'));
  await done('coffee.jpg');
  program.kill();
  expect((await program).stderr).toMatch(/now leads to .*second, which/);
  expect(await readdir(join(folder, 'out'))).toEqual(expect.arrayContaining(['cat.jpg', 'coffee.jpg']));
});
