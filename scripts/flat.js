/**
 * npm run flat -- [--pictures 500]: paints many tiny pictures in one run of the real program that tells events, and in
 * another one with a screen beside it, and compares what its two processes hold in memory after a tenth of them with what they hold at the end.
 * Writes the numbers into docs/reliability.md.
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
import { childrenOf } from './children.js';
import { machine, writeSection } from './report.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = here('../bin/stylize-tui.js');
const style = here('../presets/styles/great-wave.jpg');
const side = 40;
const painting = ['--styles', style, '--style-scales', '2', '--size', String(side), '--scales', '1'];
const running = ['--iterations', '2', '--engine', 'onnx', '--device', 'cpu', '--threads', '1'];

/** More than this between the two moments is a leak. */
const bearable = 1.1;

const { values } = parseArgs({ options: { pictures: { type: 'string', default: '500' } } });
const pictures = Number(values.pictures);
const moments = [Math.round(pictures / 10), pictures];
const ways = { '`--json`': inPipe, 'the screen': inTerminal };
const rows = await Promise.all(
  Object.entries(ways).map(async ([how, start]) => {
    const [early, late] = await measure(start);
    return ['parent', 'child'].map((process) => ({
      process,
      how,
      early: early[process],
      late: late[process],
    }));
  }),
);
const text = `What \`npm run flat -- --pictures ${pictures}\` measured: resident memory of both processes in one \`watch --once\` over tiny
pictures (${side} pixels, 2 iterations), in megabytes. ${machine}.

| process | output | after ${moments[0]} pictures | after ${moments[1]} | ratio |
|---|---|---|---|---|
${rows
  .flat()
  .map(
    ({ process, how, early, late }) =>
      `| ${process} | ${how} | ${early} | ${late} | ${(late / early).toFixed(3)} |`,
  )
  .join('\n')}
`;
await writeSection('Memory', text);
console.log(text);
process.exitCode = rows.flat().every(({ early, late }) => late <= bearable * early) ? 0 : 1;

/** What both processes hold at each of the moments. */
async function measure(start) {
  const inbox = await mkdtemp(join(tmpdir(), 'flat-'));
  // A few more, so that the last moment is not the end.
  await makePictures(inbox, pictures + 5);
  const log = join(inbox, 'log.jsonl');
  const { pid, ended } = start([program, 'watch', inbox, '--once', '--log', log, ...painting, ...running]);
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const found = [];
  while (!over && found.length < moments.length) {
    await sleep(50);
    const done = (await readFile(log, 'utf8').catch(() => '')).split('"event":"done"').length - 1;
    if (done < moments[found.length]) continue;
    const [child] = await childrenOf(pid, 'render/child.js');
    found.push({ parent: await resident(pid), child: await resident(child) });
    console.log(done, found.at(-1));
  }
  await ended;
  await rm(inbox, { recursive: true });
  if (found.length < moments.length) throw new Error('it ended before all pictures were painted');
  return found;
}

/** Each another one. */
async function makePictures(folder, count) {
  for (let i = 0; i < count; i++) {
    const [factor, offset] = [3 + (i % 250), 17 * Math.floor(i / 250)];
    const pixels = Uint8Array.from({ length: 3 * side * side }, (_, k) => (k * factor + offset) % 251);
    await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toFile(join(folder, `picture${i}.png`));
  }
}

function inPipe(args) {
  const child = spawn(process.execPath, [...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  return { pid: child.pid, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

function inTerminal(args) {
  const terminal = pty.spawn(process.execPath, args, { name: 'xterm-256color', cols: 100, rows: 30 });
  terminal.onData(() => {});
  return { pid: terminal.pid, ended: new Promise((resolve) => terminal.onExit(resolve)) };
}

/** Megabytes of memory that a process holds. */
async function resident(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round((Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6);
}
