/** Folders that are painted for weeks: one watcher each, and what a person can ask about them. */
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JobRecord, recordSchema } from '../../src/queue/job.js';
import { cat, coffee, newFolder, rocket, shallow, start, tiny, wave } from './program.js';

const watch = (inbox: string, ...flags: string[]) =>
  start('watch', inbox, '--styles', wave, ...tiny, ...shallow, ...flags);

/** Resolves once the program says this. */
function said(program: ReturnType<typeof watch>, text: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    program.stdout.on('data', (more) => {
      output += more;
      if (text.test(output)) resolve();
    });
    program.then(({ stderr }) => reject(new Error(`It ended without saying ${text}: ${output}${stderr}`)));
  });
}

const jobs = async (...args: string[]) => (await start('jobs', ...args)).stdout.split('\n').filter(Boolean);

async function records(...args: string[]): Promise<JobRecord[]> {
  return (await jobs(...args, '--json')).map((line) => recordSchema.parse(JSON.parse(line)));
}

it('lets one watcher paint into a folder; the next takes over from one that was killed', async () => {
  const inbox = await newFolder();
  await copyFile(cat, join(inbox, 'cat.jpg'));
  const first = watch(inbox);
  await said(first, /cat\.jpg: done/);

  const second = await watch(inbox, '--once');
  expect(second.stderr).toMatch(
    new RegExp(
      `another stylize-tui paints into it, process ${first.pid} on \\S+, since \\d{4}-.*Stop that one`,
    ),
  );
  expect(second.exitCode).toBe(2);
  expect((await jobs(inbox)).at(-1)).toContain(`process ${first.pid} on `);

  first.kill('SIGKILL');
  await first;
  const third = await watch(inbox, '--once');
  expect(third.stderr).toContain(`Took over from process ${first.pid} on `);
  expect(third.stdout).toMatch(/already painted/);
  expect(third.exitCode).toBe(0);

  // That one ended in good order.
  expect((await watch(inbox, '--once')).stderr).toBe('');
});

it('gives the folder back when it is told to end', async () => {
  const inbox = await newFolder();
  const first = watch(inbox);
  await said(first, /waiting for pictures/);
  first.kill('SIGTERM');
  expect((await first).exitCode).toBe(143);
  expect((await watch(inbox, '--once')).stderr).toBe('');
});

describe('jobs', () => {
  let inbox: string;
  let outbox: string;
  beforeAll(async () => {
    inbox = await newFolder();
    outbox = join(inbox, 'stylized');
    await copyFile(cat, join(inbox, 'a photo whose name is much too long for a column of its own.jpg'));
    await copyFile(coffee, join(inbox, 'coffee.jpg'));
    await writeFile(join(inbox, 'bad.jpg'), 'no picture');
    expect((await watch(inbox, '--once')).exitCode).toBe(1);
  });

  it('lists them in lines that fit, from the inbox as from the outbox', async () => {
    const lines = await jobs(inbox);
    expect(lines).toEqual(await jobs(outbox));
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^job {2}status {3}when .* took {2}photo .*painting/);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    const line = (name: RegExp) => lines.find((line) => name.test(line));
    expect(line(/a photo/)).toMatch(
      /^ *\d {2}done {5}\d{4}-\d\d-\d\d \d\d:\d\d {3}0:\d\d {2}a photo.*jpg {2}a photo.*\.jpg$/,
    );
    expect(line(/coffee/)).toMatch(/^ *\d {2}done .* coffee\.jpg +coffee\.jpg$/);
    expect(line(/bad/)).toMatch(/^ *\d {2}failed .* bad\.jpg +not a picture that can/);
    expect(lines.slice(4)).toEqual(['2 done, 1 failed', 'no stylize-tui is running here']);
  });

  it('tells them as JSON, of one kind or several', async () => {
    const all = await records(inbox);
    const names = (jobs: JobRecord[]) => jobs.map(({ source }) => basename(source));
    expect(names(all)).toHaveLength(3);
    const failed = await records(inbox, '--failed');
    expect(failed).toMatchObject([{ source: join(inbox, 'bad.jpg'), status: 'failed', output: null }]);
    expect(await records(inbox, '--failed', '--done')).toEqual(all);
    expect(await records(inbox, '--waiting', '--skipped')).toEqual([]);
  });

  it('shows one, with whole paths', async () => {
    const { id } = (await records(inbox)).find(({ source }) => source.endsWith('coffee.jpg'))!;
    const lines = await jobs('show', String(id), inbox);
    const values = lines.map((line) => line.replace(/ {2,}/, ': '));
    expect(values).toContain(`photo: ${join(inbox, 'coffee.jpg')}`);
    expect(values).toContain(`painting: ${join(outbox, 'coffee.jpg')}`);
  });

  it('answers a folder without paintings, and a wrong number, with a sentence', async () => {
    const elsewhere = await start('jobs', await newFolder());
    expect(elsewhere).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/nothing was painted here/),
    });
    const unknown = await start('jobs', 'retry', '99', inbox);
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/99: there is no such job/) });
    const done = (await records(inbox, '--done'))[0].id;
    const wrong = await start('jobs', 'retry', String(done), inbox);
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/is done, not failed/) });
  });

  it('has a failed one tried again by a watcher that is running', async () => {
    // Another inbox: only what was asked for can bring the photo in.
    const watcher = watch(await newFolder(), '--output', outbox);
    await said(watcher, /waiting for pictures/);
    await copyFile(rocket, join(inbox, 'bad.jpg'));
    expect((await jobs('retry', inbox)).join()).toMatch(/1 job .* running stylize-tui will start them/);
    await said(watcher, /bad\.jpg: done/);
    expect(await readdir(outbox)).toContain('bad.jpg');
    expect(await records(inbox, '--failed')).toEqual([]);
    watcher.kill('SIGTERM');
    await watcher;
    expect((await jobs('retry', inbox)).join()).toBe('Nothing failed.');
  });

  it('forgets one, which is then painted again beside its first painting', async () => {
    const { id } = (await records(inbox)).find(({ source }) => source.endsWith('coffee.jpg'))!;
    await jobs('forget', String(id), inbox);
    expect((await records(inbox)).some(({ source }) => source.endsWith('coffee.jpg'))).toBe(false);
    expect((await watch(inbox, '--once')).exitCode).toBe(0);
    expect(await readdir(outbox)).toEqual(expect.arrayContaining(['coffee.jpg', 'coffee-2.jpg']));
  });
});
