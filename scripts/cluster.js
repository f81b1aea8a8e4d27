/**
 * npm run cluster -- --pictures 60 --kill 20: three workers paint a folder of small pictures through Valkey or Redis, while
 * workers are killed at random, the server is restarted twice, a worker is stopped for longer than its lock lasts, and the
 * store is away for a minute. Counts what must be 0 and writes the numbers into docs/reliability.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { machine, writeSection } from './report.js';
import { serverKind } from './servers.js';
import { hashAll, isWhole, kill, makePictures } from './soak.js';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const program = here('../bin/stylize-tui.js');
const style = here('../presets/styles/great-wave.jpg');
const flags = ['--styles', style, '--size', '128', '--iterations', '12', '--scales', '2'];

/** Milliseconds: between two kills, how long a worker is stopped (its lock lasts a minute), how long the store is away. */
const [betweenKills, stopped, away] = [8000, 80_000, 60_000];

/**
 * @param {{ pictures: number, kills: number, seed?: number, tell?: (line: string) => void }} options
 */
export async function cluster({ pictures, kills, seed = 1, tell = () => {} }) {
  const launch = serverKind('redis');
  if (!launch) throw new Error('Needs valkey-server or redis-server.');
  const server = await launch();
  const [inbox, store, temporary] = await Promise.all(
    ['inbox-', 'store-', 'temporary-'].map((name) => mkdtemp(join(tmpdir(), name))),
  );
  const generator = xoroshiro128plus(seed);
  const random = (/** @type {number} */ most) => uniformInt(generator, 0, most);
  const originals = await makePictures(inbox, pictures, random);
  const shared = ['--queue', server.url, '--store', store];
  const start = (/** @type {string[]} */ ...args) =>
    spawn(process.execPath, [program, ...args, '--json'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    });
  const counts = { kills: 0, restarts: 0, stops: 0, absences: 0, deaths: 0 };
  /** Workers that have said something. */
  const ready = new Set();
  const work = () => {
    const worker = start('work', ...shared, '--threads', '1');
    worker.stdout.once('data', () => ready.add(worker));
    let problem = '';
    worker.stderr.on('data', (text) => {
      problem = `${problem}${text}`.slice(-2000);
    });
    worker.once('exit', (code, signal) => {
      if (signal !== null || code === 143) return;
      counts.deaths++;
      tell(`a worker ended by itself (${signal ?? code}): ${problem}`);
    });
    return worker;
  };
  const workers = [work(), work(), work()];
  const owner = start('watch', inbox, '--once', '--slots', '0', ...shared, ...flags);
  let output = '';
  owner.stderr.resume();
  owner.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const ended = new Promise((resolve) => owner.once('exit', resolve));
  const isRunning = () => owner.exitCode === null && owner.signalCode === null;
  const replace = (/** @type {number} */ i) => {
    kill(-(workers[i].pid ?? 0));
    workers[i] = work();
  };
  const trouble = async () => {
    while (counts.kills < kills && isRunning()) {
      await sleep(betweenKills);
      replace(random(2));
      counts.kills++;
      tell(`${counts.kills} of ${kills} kills, ${doneIn(output).length} of ${pictures} pictures done`);
      if (counts.kills === Math.ceil(kills / 4) || counts.kills === Math.ceil((3 * kills) / 4)) {
        await server.restart();
        counts.restarts++;
        tell('the server was restarted');
      }
      if (counts.kills === Math.ceil(kills / 3)) {
        const pid = -(workers[0].pid ?? 0);
        process.kill(pid, 'SIGSTOP');
        await sleep(stopped);
        process.kill(pid, 'SIGCONT');
        counts.stops++;
        tell('a worker was stopped for longer than its lock lasts');
      }
      if (counts.kills === Math.ceil(kills / 2)) {
        // The new worker needs it for its start.
        while (!workers.every((worker) => ready.has(worker))) await sleep(500);
        await rename(store, `${store}.away`);
        await sleep(away);
        await rename(`${store}.away`, store);
        counts.absences++;
        tell('the store was away');
      }
    }
  };
  await Promise.all([trouble(), ended]);
  const alive = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ends = alive.map((worker) => once(worker, 'exit'));
  for (const worker of alive) worker.kill('SIGTERM');
  await Promise.all(ends);

  const outbox = join(inbox, 'stylized');
  const files = await readdir(outbox);
  const painted = files.filter((name) => name.endsWith('.png') && !name.startsWith('.'));
  const whole = new Set();
  for (const name of painted) if (await isWhole(join(outbox, name))) whole.add(name);
  const hashes = await hashAll(inbox, [...originals.keys()]);
  const done = doneIn(output);
  const stored = await readdir(store, { recursive: true, withFileTypes: true });
  const result = {
    lost: [...originals.keys()].filter((name) => !whole.has(name)).length,
    // A second painting of a photo would have another name, or replace the first and be told of.
    twice: painted.length - originals.size + (done.length - new Set(done).size),
    half: painted.length - whole.size,
    touched: [...originals].filter(([name, hash]) => hashes.get(name) !== hash).length,
    // The style stays, for later pictures.
    orphans: stored.filter((entry) => entry.isFile()).length - 1,
    ...counts,
  };
  await server.stop();
  for (const folder of [inbox, store, temporary]) await rm(folder, { recursive: true });
  return result;
}

/** The photos that were told to be done. */
const doneIn = (/** @type {string} */ output) =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'done')
    .map(({ source }) => source);

if (process.argv[1] === here('./cluster.js')) {
  const { values } = parseArgs({
    options: { pictures: { type: 'string', default: '60' }, kill: { type: 'string', default: '20' } },
  });
  const [pictures, kills] = [Number(values.pictures), Number(values.kill)];
  const begun = performance.now();
  const result = await cluster({ pictures, kills, tell: console.log });
  const minutes = Math.round((performance.now() - begun) / 60_000);
  console.log(result);
  const { lost, twice, half, touched, orphans, deaths, restarts, stops, absences } = result;
  await writeSection(
    'Several machines',
    `Result of \`npm run cluster -- --pictures ${pictures} --kill ${kills}\`: three workers on one
machine paint a folder of small pictures through Redis (append-only file) and a folder as the store. Workers were killed with
SIGKILL ${result.kills} times, the server was killed and restarted ${restarts} times, a worker was stopped for 80 seconds (its lock lasts 60)
${stops} time, and the store was away for a minute ${absences} time. ${machine}, ${minutes} minutes.

| what | number |
|---|---|
| pictures lost | ${lost} |
| painted into place twice | ${twice} |
| incomplete outputs | ${half} |
| originals changed | ${touched} |
| files left in the store | ${orphans} |
| workers that ended by themselves | ${deaths} |
`,
  );
  process.exitCode = lost + twice + half + touched + orphans + deaths === 0 ? 0 : 1;
}
