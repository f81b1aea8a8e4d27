/**
 * npm run screenshots: paints real photos with the real program in tmux, and draws what the terminal shows as SVG into
 * docs/pictures/, once as a moving picture. To be run again when the screen changes.
 */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { drawMovie, drawScreen } from './svg.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [cat, coffee, rocket] = ['cat', 'coffee', 'rocket'].map((name) => here(`../samples/${name}.jpg`));
const [night, scream] = ['starry-night', 'the-scream'].map((name) => here(`../presets/styles/${name}.jpg`));
const flags = ['--styles', night, scream, '--blend', '0.7,0.3', '--size', '384', '--iterations', '100'];

/** What is shown, largest first; the terminal is made smaller while the program runs. */
const shots = [
  { columns: 140, rows: 50, keys: [] },
  { columns: 80, rows: 24, keys: [] },
  { columns: 60, rows: 20, keys: ['x'] },
];
/** By then it looks like a painting. */
const shareDone = 0.7;

/** A server of its own, so that nobody's settings matter. */
const tmux = (...args) => execa('tmux', ['-L', 'screenshots', '-f', '/dev/null', ...args]);
const capture = async () => (await tmux('capture-pane', '-p', '-e', '-t', 'shot')).stdout;

/** Waits until the screen is as wanted, and stays as it is for a moment: pictures come after the words. */
async function until(wanted) {
  for (;;) {
    const text = await capture();
    await sleep(700);
    if (wanted(text)) return capture();
  }
}

function share(text) {
  const [, done, all] = /(\d+)\/(\d+) /.exec(text) ?? [];
  return Number(done) / Number(all);
}

/** The moving picture: at these shares of a painting. */
const movie = { columns: 110, rows: 36, shares: [0, 0.04, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95], seconds: 1 };

const folder = await mkdtemp(join(tmpdir(), 'screenshots-'));
for (const photo of [cat, coffee, rocket]) await copyFile(photo, join(folder, basename(photo)));
await writeFile(join(folder, 'notes.jpg'), 'no picture');
const command = [
  'node',
  here('../bin/stylize-tui.js'),
  'watch',
  '.',
  '--color',
  'always',
  '--theme',
  'dark',
  ...flags,
];
const env = ['-e', 'COLORTERM=truecolor', '-e', 'LANG=C.UTF-8'];
const size = ({ columns, rows }) => ['-x', columns, '-y', rows];
await tmux('new-session', '-d', '-s', 'shot', '-c', folder, ...size(movie), ...env, ...command);
try {
  // The second picture: what became of the first is to be seen too.
  const screens = [];
  for (const wanted of movie.shares) {
    const text = await until(
      (text) => text.includes('done 1') && text.includes('▄') && share(text) >= wanted,
    );
    screens.push(text.split('\n'));
  }
  const path = here('../docs/pictures/screen.svg');
  await writeFile(path, await drawMovie(screens, movie.columns, movie.rows, movie.seconds));
  console.log(path);
  await tmux('resize-window', '-t', 'shot', ...size(shots[0]));
  // The third.
  await until((text) => text.includes('done 2') && share(text) >= shareDone);
  for (const { columns, rows, keys } of shots) {
    await tmux('resize-window', '-t', 'shot', ...size({ columns, rows }));
    for (const key of keys) await tmux('send-keys', '-t', 'shot', key);
    const text = await until((text) => text.includes('▄') || keys.length > 0);
    const path = here(`../docs/pictures/screen-${columns}x${rows}.svg`);
    await writeFile(path, await drawScreen(text.split('\n'), columns, rows));
    console.log(path);
  }
} finally {
  await tmux('kill-server').catch(() => {});
  await rm(folder, { recursive: true, force: true });
}
