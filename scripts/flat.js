/**
 * npm run flat -- [--pictures 500] [--screen]: paints many tiny pictures in one run of the real program, and compares what
 * its two processes hold in memory after the first tenth with what they hold at the end. With --screen the program draws
 * its screen in a terminal; else it tells its events to a pipe.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pty from '@lydell/node-pty';
import sharp from 'sharp';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = here('../bin/stylize-tui.js');
const style = here('../presets/styles/great-wave.jpg');
const size = 40;
const flags = [
  '--styles',
  style,
  '--size',
  String(size),
  '--iterations',
  '2',
  '--scales',
  '1',
  '--style-scales',
  '2',
  '--threads',
  '1',
];

const { values } = parseArgs({
  options: { pictures: { type: 'string', default: '500' }, screen: { type: 'boolean', default: false } },
});
const pictures = Number(values.pictures);
const inbox = await mkdtemp(join(tmpdir(), 'flat-'));
for (let i = 0; i < pictures; i++) {
  const pixels = Uint8Array.from(
    { length: 3 * size * size },
    (_, k) => (k * ((i % 250) + 3) + 17 * Math.floor(i / 250)) % 251,
  );
  await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toFile(join(inbox, `picture${i}.png`));
}
const log = join(inbox, 'log.jsonl');
const args = [
  program,
  'watch',
  inbox,
  '--once',
  '--log',
  log,
  '--engine',
  'onnx',
  '--device',
  'cpu',
  ...flags,
];
const running = values.screen ? inTerminal(args) : inPipe([...args, '--json']);
let ended = false;
void running.ended.then(() => {
  ended = true;
});
let next = pictures / 10;
while (!ended) {
  await sleep(50);
  const done = (await readFile(log, 'utf8').catch(() => '')).split('"event":"done"').length - 1;
  if (done < next) continue;
  console.log(
    done,
    await resident(running.pid),
    await Promise.all((await childrenOf(running.pid)).map(resident)),
    await heap(),
  );
  next += pictures / 10;
}
await rm(inbox, { recursive: true });

function inPipe(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  return { pid: child.pid, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

function inTerminal(args) {
  const terminal = pty.spawn(process.execPath, args, { name: 'xterm-256color', cols: 100, rows: 30 });
  terminal.onData(() => {});
  return { pid: terminal.pid, ended: new Promise((resolve) => terminal.onExit(resolve)) };
}

async function heap() {
  return '';
}

/** Megabytes of memory that a process holds. */
async function resident(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 102.4) / 10;
}

async function childrenOf(pid) {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.split(' ').filter(Boolean).map(Number);
}
