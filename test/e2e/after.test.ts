/** What follows pictures: commands and moves, once each, whatever names, failures and crashes there are. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type JobRecord, recordSchema } from '../../src/queue/job.js';
import type { PaintEvent } from '../../src/render/events.js';
import { eventsOf, newFolder, shallow, start, startWith, wave } from './program.js';

const quick = [
  '--styles',
  wave,
  '--size',
  '64',
  '--iterations',
  '2',
  '--scales',
  '1',
  '--threads',
  '1',
  ...shallow,
];

let folder: string;
let inbox: string;
beforeEach(async () => {
  folder = await newFolder();
  inbox = join(folder, 'in');
  await mkdir(inbox);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const photo = (name: string, color = 'teal') =>
  sharp({ create: { width: 48, height: 32, channels: 3, background: color } })
    .jpeg()
    .toFile(join(inbox, name));

/** A script in the folder that the program is started in. */
const script = (name: string, lines: string) =>
  writeFile(join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });

const watch = (...flags: string[]) => startWith({ cwd: folder }, 'watch', 'in', ...quick, ...flags);

const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');

const records = async (): Promise<JobRecord[]> =>
  (await start('jobs', inbox, '--json')).stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => recordSchema.parse(JSON.parse(line)));

const followUps = (events: PaintEvent[]) =>
  events.flatMap((event) =>
    event.event === 'follow-up'
      ? [`${basename(event.source)} ${event.command?.split(' ')[0] ?? 'move'} ${event.status}`]
      : [],
  );

async function until(condition: () => Promise<unknown>): Promise<void> {
  for (let i = 0; !(await condition()); i++) {
    if (i > 600) throw new Error('It took too long.');
    await sleep(50);
  }
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

it('runs commands in order, tries again, and moves photos, whatever their names are', async () => {
  const names = [`it's "1"; $(touch x) a\nb.jpg`, '-rf {job} `id`.jpg'];
  await photo(names[0], 'teal');
  await photo(names[1], 'navy');
  await writeFile(join(inbox, `${names[1]}.json`), '{"iterations": 1}');
  await writeFile(join(inbox, 'bad.jpg'), 'no picture');
  // Its name is taken where it goes.
  await mkdir(join(inbox, 'done'));
  await writeFile(join(inbox, 'done', names[0]), 'another');
  // The first command fails twice, for the first picture only.
  await script(
    'print.sh',
    'echo >> tries; [ $(wc -l < tries) -gt 2 ] || { echo "no paper" >&2; exit 3; }; cp "$1" "$2"',
  );
  await script('arguments.sh', 'printf "%s\\0" "$@" >> arguments');
  const flags = [
    ...[
      '--exec',
      "./print.sh {output} 'copy of {job}.jpg'",
      '--exec',
      './arguments.sh {source} {name} {style}',
    ],
    ...['--exec-failed', './arguments.sh {job} {reason}', '--move-done', 'in/done', '--move-failed', 'bad'],
  ];
  const { stdout, exitCode } = await watch('--once', '--json', ...flags);
  expect(exitCode).toBe(1);
  const events = eventsOf(stdout);
  const jobs = await records();
  const [first, second] = jobs.filter(({ status }) => status === 'done');
  const failed = jobs.find(({ status }) => status === 'failed')!;

  expect(await readdir(inbox)).toEqual(expect.arrayContaining(['done', 'stylized']));
  expect(await readdir(inbox)).toHaveLength(2);
  expect((await readdir(join(inbox, 'done'))).sort()).toEqual(
    [names[0], names[0].replace('.jpg', '-2.jpg'), names[1], `${names[1]}.json`].sort(),
  );
  expect(await read(join('in', 'done', names[0]))).toBe('another');
  expect(await read('bad/bad.jpg')).toBe('no picture');
  expect(failed.source).toBe(join(folder, 'bad', 'bad.jpg'));

  // The painting itself was copied, and each argument arrived whole.
  for (const { id, output } of [first, second])
    expect(await readFile(join(folder, `copy of ${id}.jpg`))).toEqual(await readFile(output!));
  const was = [first, second].map(({ id }) =>
    events.find((event) => event.event === 'done' && event.job === id),
  ) as Extract<PaintEvent, { event: 'done' }>[];
  const words = (await read('arguments')).split('\0').slice(0, -1);
  expect(words.filter((word) => word === 'great-wave')).toHaveLength(2);
  for (const { source } of was)
    expect(words.join('\0')).toContain([source, basename(source, '.jpg'), 'great-wave'].join('\0'));
  expect(words.join('\0')).toContain(`${failed.id}\0${join(inbox, 'bad.jpg')}: not a picture`);
  expect(existsSync(join(folder, 'x'))).toBe(false);

  const of = (name: string) => followUps(events).filter((line) => line.startsWith(`${name} `));
  const beginning = [first, second].map(({ id }) => basename(was.find(({ job }) => job === id)!.source));
  expect(of(beginning[0]).map((line) => line.slice(beginning[0].length + 1))).toEqual([
    ...['./print.sh waiting', './arguments.sh waiting', 'move waiting'],
    ...['./print.sh running', './print.sh waiting', './print.sh running', './print.sh waiting'],
    ...[
      './print.sh running',
      './print.sh done',
      './arguments.sh running',
      './arguments.sh done',
      'move done',
    ],
  ]);
  expect(jobs.find(({ id }) => id === first.id)!.followUps[0]).toMatchObject({ status: 'done', attempts: 3 });
  const retried = events.find((event) => event.event === 'follow-up' && event.reason !== undefined);
  expect(retried).toMatchObject({ status: 'waiting', reason: 'exit code 3: no paper', attempts: 1 });

  // They are done: nothing is run again, and their photos are known where they are now.
  await rm(join(folder, 'arguments'));
  const { source, output } = [first, second].find(({ source }) => !existsSync(`${source}.json`))!;
  await copyFile(source, join(inbox, 'again.jpg'));
  const again = await watch('--once', '--json', ...flags);
  expect(again.exitCode).toBe(0);
  expect(followUps(eventsOf(again.stdout))).toEqual([]);
  expect(await read('arguments')).toBe('');
  expect(await readdir(inbox)).toContain('again.jpg');
  const repeat = await startWith(
    { cwd: folder },
    'run',
    '--from',
    output!,
    '-o',
    'repeated.jpg',
    '--threads',
    '1',
  );
  expect(repeat).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('done in') });
});

it('runs after a crash what was not begun, and reports what was', async () => {
  await photo('a.jpg', 'teal');
  await photo('b.jpg', 'navy');
  await script('slow.sh', 'echo "$STYLIZE_NAME" >> begun; [ -e quick ] || { echo $$ > pid; exec sleep 60; }');
  const flags = ['--exec', './slow.sh'];
  const first = watch('--once', '--json', ...flags);
  await until(async () => (await read('pid')) && (await records()).every(({ status }) => status === 'done'));
  first.kill('SIGKILL');
  await first;
  process.kill(Number(await read('pid')));
  await writeFile(join(folder, 'quick'), '');
  const [interrupted] = (await read('begun')).split('\n');

  const second = await watch('--once', ...flags);
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toMatch(
    /slow\.sh: it was running when the program ended, and may have run\. It is not run again/,
  );
  expect((await read('begun')).split('\n').filter(Boolean).sort()).toEqual(['a', 'b']);
  const { id } = (await records()).find(({ source }) => basename(source, '.jpg') === interrupted)!;
  expect((await start('jobs', inbox)).stdout).toMatch(/slow\.sh may have run/);

  // Only where it is named: nobody wants it printed twice.
  const all = await start('jobs', 'rerun', inbox);
  expect(all.stdout).toMatch(/^Nothing to run again\.\n1 may have run/);
  expect((await start('jobs', 'rerun', String(id), inbox)).stdout).toMatch(/^1 to be run again/);

  // Not without its flag, whatever the store says.
  const without = await watch('--once', '--exec', 'true');
  expect(without.stderr).toMatch(/Not done, since this start does not have them as flags: \.\/slow\.sh/);
  expect((await read('begun')).split('\n').filter(Boolean)).toHaveLength(2);
  expect((await watch('--once', ...flags)).exitCode).toBe(0);
  expect((await read('begun')).split('\n').filter(Boolean)).toHaveLength(3);
  expect((await records()).flatMap(({ followUps }) => followUps.map(({ status }) => status))).toEqual([
    'done',
    'done',
  ]);
});

it('ends a command at its time limit with all its processes, and runs what failed again when told so', async () => {
  await photo('a.jpg');
  await script('hang.sh', '[ -e quick ] && exit; sleep 60 & echo $! > pid; trap "" TERM; wait; sleep 60');
  const flags = ['--exec', './hang.sh', '--exec-timeout', '1s', '--exec-retries', '0'];
  const watcher = watch('--json', ...flags);
  let output = '';
  watcher.stdout.on('data', (text) => {
    output += text;
  });
  await until(async () => /"status":"failed"/.test(output));
  expect(eventsOf(output.slice(0, output.lastIndexOf('\n'))).at(-1)).toMatchObject({
    reason: 'it took longer than 1 s (--exec-timeout) and was ended',
  });
  expect(isAlive(Number(await read('pid')))).toBe(false);
  await writeFile(join(folder, 'quick'), '');
  expect((await start('jobs', 'rerun', inbox)).stdout).toMatch(/^1 to be run again: the running stylize-tui/);
  await until(async () => /"status":"done"/.test(output));
  watcher.kill('SIGTERM');
  await watcher;
});

it('lets a command end when it is told to end, and says what is left', async () => {
  await photo('a.jpg', 'teal');
  await photo('b.jpg', 'navy');
  await script(
    'slow.sh',
    'echo > begun; until [ -e end ]; do sleep 0.1; done; echo "$STYLIZE_NAME" >> ended',
  );
  const flags = ['--exec', './slow.sh'];
  const first = watch('--no-tui', ...flags);
  await until(
    async () =>
      existsSync(join(folder, 'begun')) && (await records()).every(({ status }) => status === 'done'),
  );
  first.kill('SIGTERM');
  await writeFile(join(folder, 'end'), '');
  const { stderr, exitCode } = await first;
  expect(exitCode).toBe(143);
  expect(stderr).toMatch(/1 command or move is left: the next start of the same command does them/);
  expect((await read('ended')).split('\n')).toHaveLength(2);
  expect((await watch('--once', ...flags)).exitCode).toBe(0);
  expect((await read('ended')).split('\n').filter(Boolean).sort()).toEqual(['a', 'b']);
});

it('runs them after single paintings, too, and says at once what cannot be run', async () => {
  await photo('a.jpg');
  const run = (...flags: string[]) =>
    startWith({ cwd: folder }, 'run', 'in/a.jpg', '-o', 'out.jpg', ...quick, ...flags);
  const wrong = await run('--exec', 'cp {ouput} copy.jpg', '--move-done', 'done');
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/Did you mean {output}\?/) });
  const missing = await watch('--exec', 'no-such-printer {output}', '--move-done', 'done');
  expect(missing).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/there is no command no-such-printer/),
  });
  expect(await readdir(folder)).toEqual(['in']);
  const { exitCode, stderr } = await run(
    '--exec-shell',
    '--exec',
    'cat "$STYLIZE_OUTPUT" > copy.jpg; exit 4',
    '--exec-retries',
    '0',
    '--move-done',
    'done',
  );
  expect(stderr).toMatch(/a\.jpg: cat failed: exit code 4/);
  expect(exitCode).toBe(1);
  expect(await readFile(join(folder, 'copy.jpg'))).toEqual(await readFile(join(folder, 'out.jpg')));
  expect((await stat(join(folder, 'done', 'a.jpg'))).isFile()).toBe(true);
});
