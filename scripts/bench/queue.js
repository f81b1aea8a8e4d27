/**
 * What a shared queue costs: a folder of small pictures through Redis and a store, beside SQLite alone; and how it scales to
 * many workers, which sleep for as long as a picture takes.
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { residentSize } from '#dist/util/memory-budget.js';
import { serverKind } from '../servers.js';
import { median } from './evaluation.js';
import { painting, photo } from './pictures.js';

const program = fileURLToPath(new URL('../../bin/stylize-tui.js', import.meta.url));
const sleeper = fileURLToPath(new URL('./sleeping-workers.js', import.meta.url));
const flags = ['--styles', painting, '--once', '--json', '--engine', 'onnx', '--device', 'cpu'];

function redis() {
  const launch = serverKind('redis');
  if (!launch) throw new Error('Needs valkey-server or redis-server.');
  return launch();
}

/** Seconds from the first picture's beginning to the last one's end. */
function span(stdout, count) {
  const events = `${stdout}`
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const times = (name) => events.filter(({ event }) => event === name).map(({ time }) => Date.parse(time));
  if (times('done').length < count) throw new Error(`of ${count} pictures ${times('done').length} were done`);
  return (Math.max(...times('done')) - Math.min(...times('started'))) / 1000;
}

const pictures = 12;
const rounds = 3;

export async function overhead(threads, say) {
  const server = await redis();
  const run = async (...more) => {
    const [inbox, store] = [await mkdtemp(join(tmpdir(), 'bench-')), await mkdtemp(join(tmpdir(), 'bench-'))];
    for (let i = 0; i < pictures; i++)
      await sharp(photo)
        .modulate({ hue: 20 * i })
        .resize(300)
        .jpeg()
        .toFile(join(inbox, `${i}.jpg`));
    const shared = more.map((arg) => (arg === 'STORE' ? store : arg));
    const args = [
      'watch',
      inbox,
      ...flags,
      '--preset',
      'draft',
      '--size',
      '256',
      '--threads',
      threads,
      ...shared,
    ];
    const { stdout } = spawnSync(process.execPath, [program, ...args.map(String)], { maxBuffer: 2 ** 28 });
    await Promise.all([inbox, store].map((folder) => rm(folder, { recursive: true })));
    return span(stdout, pictures);
  };
  const ratios = [];
  const seconds = [];
  for (let i = 0; i < rounds; i++) {
    const alone = await run();
    const shared = await run('--queue', server.url, '--store', 'STORE', '--queue-name', `bench-${i}`);
    ratios.push(shared / alone);
    seconds.push({ alone, shared });
  }
  await server.stop();
  const ratio = median(ratios);
  say(
    `${pictures} pictures of 256 pixels through Redis and a store, beside SQLite alone: ${ratio.toFixed(3)} ` +
      `(${seconds.map(({ shared, alone }) => `${shared.toFixed(1)}/${alone.toFixed(1)} s`).join(', ')})`,
  );
  return { ratio, seconds };
}

/** Milliseconds between two looks at memory. */
const look = 2000;

export async function scale({ workers, jobs, seconds }, say) {
  const server = await redis();
  const [inbox, store] = [await mkdtemp(join(tmpdir(), 'bench-')), await mkdtemp(join(tmpdir(), 'bench-'))];
  // Each photo another one, by its last bytes.
  const tiny = await sharp(photo).resize(40, 40).jpeg().toBuffer();
  for (let i = 0; i < jobs; i++)
    await writeFile(join(inbox, `${i}.jpg`), Buffer.concat([tiny, Buffer.from(String(i).padStart(8))]));
  const shared = ['--queue', server.url, '--store', store];
  const perProcess = 25;
  const processes = Array.from({ length: Math.ceil(workers / perProcess) }, (_, i) =>
    fork(sleeper, [
      ...[server.url, store],
      String(Math.min(perProcess, workers - i * perProcess)),
      String(seconds),
    ]),
  );
  const args = ['watch', inbox, '--slots', '0', ...shared, ...flags];
  const owner = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [done, started, ended, memory] = [0, 0, 0, 0];
  let rest = '';
  owner.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { event, time } = JSON.parse(line);
      // The worker's own time: news may be late while photos are examined.
      if (event === 'started') started = Math.min(started || Date.now(), Date.parse(time));
      if (event === 'done') [done, ended] = [done + 1, Date.now()];
    }
  });
  let used = 0;
  const meter = setInterval(async () => {
    memory = Math.max(memory, residentSize(owner.pid ?? 0));
    used = Math.max(used, await usedMemory(server.url).catch(() => 0));
  }, look);
  await once(owner, 'exit');
  clearInterval(meter);
  for (const each of processes) each.kill();
  await server.stop();
  await Promise.all([inbox, store].map((folder) => rm(folder, { recursive: true })));
  const took = (ended - started) / 1000;
  const speedup = (done * seconds) / took;
  const megabytes = (bytes) => Math.round(bytes / 2 ** 20);
  say(
    `${workers} workers that sleep ${seconds} s for each of ${jobs} pictures: ${done} done in ${took.toFixed(0)} s, ` +
      `${speedup.toFixed(1)} times as fast as one (${(speedup / workers).toFixed(3)} of the best), ` +
      `watch at most ${megabytes(memory)} MB, Redis ${megabytes(used)} MB`,
  );
  return { done, speedup, memory, server: used };
}

/** Bytes that Redis uses. */
function usedMemory(url) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname).on('error', reject).setEncoding('utf8');
    socket.on('data', (text) => {
      answer += text;
      const [, bytes] = /used_memory:(\d+)/.exec(answer) ?? [];
      if (bytes === undefined) return;
      socket.destroy();
      resolve(Number(bytes));
    });
    socket.write('INFO memory\r\n');
  });
}
