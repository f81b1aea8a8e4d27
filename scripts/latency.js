/**
 * npm run latency: how long the screen takes from a key to its change while the engine has every core, and what share
 * of a core the interface process takes meanwhile. A real pseudo-terminal, keys at random moments. Linux only: the
 * share comes from /proc.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const columns = 80;
const rows = 24;
const keys = 200;
/** Milliseconds for which the interface is left alone, for its share of a core, once it has compiled what it runs. */
const [warming, watched] = [10_000, 20_000];
/** Milliseconds between two keys, at most, and until one counts as lost. */
const pause = 300;
const patience = 10_000;

const inbox = mkdtempSync(join(tmpdir(), 'latency-'));
copyFileSync(root('samples/cat.jpg'), join(inbox, 'cat.jpg'));
const style = root('presets/styles/great-wave.jpg');
const terminal = spawn(
  process.execPath,
  [root('bin/stylize-tui.js'), 'watch', inbox, '--styles', style, '--size', '512', '--iterations', '100000'],
  { name: 'xterm-256color', cols: columns, rows, env: environment() },
);

const times = [];
/** What was written since the last key. */
let written = '';
let listening = (_) => {};
terminal.onData((data) => {
  written += data;
  listening();
});

/** What is written, once it matches. */
async function until(pattern) {
  const deadline = setTimeout(() => {
    console.error(
      `${times.length} keys, then nothing like ${pattern} came: ${JSON.stringify(written.slice(-500))}`,
    );
    terminal.kill();
    process.exit(1);
  }, patience * 6);
  while (!pattern.test(written))
    await new Promise((resolve) => {
      listening = resolve;
    });
  clearTimeout(deadline);
  return pattern.exec(written);
}

const esc = '\x1b';
await until(/relu5_1/);
const [, knobs] = await until(new RegExp(`${esc}\\[(\\d+);\\d+H(?:[^${esc}]|${esc}\\[[\\d;]*m)*▸`));
await until(/\d+\/100000/);

await sleep(warming);
const cpuBefore = cpuSeconds(terminal.pid);
await sleep(watched);
const share = (cpuSeconds(terminal.pid) - cpuBefore) / (watched / 1000);

/** The beginning of the line where commands are typed: nothing else changes it. */
const typing = new RegExp(`${esc}\\[${rows - 2};1H`);
/** Each key, and what only it writes. The help covers the whole screen, and so does coming back from it. */
const kinds = [
  { name: 'choose', key: '\t', shows: new RegExp(`${esc}\\[${knobs};`) },
  { name: 'help', key: '?', shows: /Keys/ },
  { name: 'back', key: '?', shows: /cat\.jpg|relu1_1/ },
  { name: 'command', key: ':', shows: typing },
  { name: 'out of it', key: '\x7f', shows: typing },
];
for (let i = 0; i < keys; i++) {
  const { key, shows, name } = kinds[i % kinds.length];
  await sleep(Math.random() * pause);
  written = '';
  const begun = performance.now();
  terminal.write(key);
  await until(shows);
  times.push({ name, time: performance.now() - begun });
}
terminal.write('\x03');
await new Promise((resolve) => terminal.onExit(resolve));
rmSync(inbox, { recursive: true });

const sorted = times.map(({ time }) => time).sort((a, b) => a - b);
const ms = (value) => `${value.toFixed(1)} ms`;
const worst = times.reduce((a, b) => (b.time > a.time ? b : a));
console.log(`${keys} keys, ${columns}×${rows}, load ${loadavg()[0].toFixed(1)}`);
console.log(`median ${ms(sorted[keys / 2])}, 95 % within ${ms(sorted[Math.floor(keys * 0.95)])}`);
console.log(`worst ${ms(worst.time)} (${worst.name})`);
console.log(`the interface process took ${(100 * share).toFixed(1)} % of a core while painting`);

/** The dearest look, whoever starts this: blocks in true color. Ink shows only the last frame where it finds CI. */
function environment() {
  const { CI, NO_COLOR, FORCE_COLOR, ...env } = process.env;
  return { ...env, LC_ALL: 'C.UTF-8', COLORTERM: 'truecolor' };
}

/** What a process has used, in user and system mode: see proc(5). The clock ticks a hundred times a second. */
function cpuSeconds(pid) {
  const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').slice(-1)[0].split(' ');
  return (Number(fields[10]) + Number(fields[11])) / 100;
}
