/**
 * npm run soak -- --pictures 40 --kill 50: paints a folder of small pictures with the real program, which is killed at
 * random moments and started again, and counts what must be 0: pictures lost, painted twice, half-written, originals
 * touched. Writes the numbers into docs/reliability.md.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';
import { childrenOf } from './children.js';
import { machine, writeSection } from './report.js';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const program = here('../bin/stylize-tui.js');
const style = here('../presets/styles/great-wave.jpg');
const [width, height] = [144, 112];
/** Two scales, so that where a painting stands is written down half-way. */
const flags = ['--styles', style, '--size', '128', '--iterations', '6', '--scales', '2'];

/** Milliseconds for the program's start and a few pictures, and for a picture. */
const [shortLife, pictureTime] = [8000, 1000];

/**
 * @param {{ pictures: number, kills: number, seed?: number, tell?: (line: string) => void }} options
 * @returns {Promise<Record<'lost' | 'twice' | 'half' | 'touched' | 'left' | 'kills' | 'childKills' | 'resumed', number>>}
 */
export async function soak({ pictures, kills, seed = 1, tell = () => {} }) {
  const inbox = await mkdtemp(join(tmpdir(), 'soak-'));
  const generator = xoroshiro128plus(seed);
  const random = (/** @type {number} */ most) => uniformInt(generator, 0, most);
  const originals = await makePictures(inbox, pictures, random);
  /** @type {Map<string, number>} */
  const done = new Map();
  let [childKills, resumed] = [0, 0];
  // So long that the kills come all along the way.
  const longestLife = Math.max(shortLife, (2 * pictureTime * pictures) / kills);
  const note = (/** @type {{ event: string, source: string }[]} */ events) => {
    for (const { event, source } of events) {
      if (event === 'done') done.set(source, (done.get(source) ?? 0) + 1);
      if (event === 'resumed') resumed++;
    }
  };
  for (let kill = 0; kill < kills; kill++) {
    const childOnly = random(1) === 1;
    note(await live(inbox, { life: random(longestLife), childOnly }));
    if (childOnly) childKills++;
    tell(`${kill + 1} of ${kills} kills, ${done.size} of ${pictures} pictures done`);
  }
  note(await live(inbox));

  const outbox = join(inbox, 'stylized');
  const files = await readdir(outbox);
  const painted = files.filter((name) => name.endsWith('.png') && !name.startsWith('.'));
  const whole = new Set();
  for (const name of painted) if (await isWhole(join(outbox, name))) whole.add(name);
  const hashes = await hashAll(inbox, [...originals.keys()]);
  const result = {
    lost: [...originals.keys()].filter((name) => !whole.has(name)).length,
    twice: painted.length - new Set(painted.map((name) => name.replace(/-\d+\.png$/, '.png'))).size,
    half: painted.length - whole.size,
    touched: [...originals].filter(([name, hash]) => hashes.get(name) !== hash).length,
    left: files.filter((name) => name.endsWith('.tmp') || name.endsWith('.state')).length,
    kills,
    childKills,
    resumed,
  };
  // Told as done twice is painted twice, though the second took the place of the first.
  result.twice += [...done.values()].filter((times) => times > 1).length;
  await rm(inbox, { recursive: true });
  return result;
}

/**
 * Pictures of noise, each another one, by name with their hashes.
 * @param {string} folder
 * @param {number} count
 * @param {(most: number) => number} random
 */
export async function makePictures(folder, count, random) {
  for (let i = 0; i < count; i++) {
    const pixels = Uint8Array.from(
      { length: 3 * width * height },
      (_, k) => (k * (i + 3) + random(60)) % 256,
    );
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, `picture${String(i).padStart(4, '0')}x.png`));
  }
  return hashAll(folder, (await readdir(folder)).sort());
}

/**
 * @param {string} folder
 * @param {string[]} names
 */
export async function hashAll(folder, names) {
  const hashes = new Map();
  for (const name of names) {
    const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    hashes.set(name, createHash('sha256').update(bytes).digest('hex'));
  }
  return hashes;
}

/**
 * Starts the program on the folder, and after its life kills it with all it started, or its child alone.
 * @param {string} inbox
 * @param {{ life?: number, childOnly?: boolean }} [fate]
 */
async function live(inbox, { life, childOnly } = {}) {
  const args = [program, 'watch', inbox, '--once', '--json', ...flags, '--engine', 'onnx', '--device', 'cpu'];
  const running = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = /** @type {number} */ (running.pid);
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const ended = new Promise((resolve) => running.once('exit', resolve));
  if (life !== undefined) {
    await Promise.race([sleep(life), ended]);
    if (running.exitCode === null && childOnly) {
      for (const child of await childrenOf(pid)) kill(child);
      await Promise.race([sleep(life), ended]);
    }
    if (running.exitCode === null) kill(-pid);
  }
  await ended;
  const lines = output.split('\n').slice(0, -1).filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** @param {number} pid */
export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

export const isWhole = (/** @type {string} */ path) =>
  sharp(path, { failOn: 'warning' })
    .raw()
    .toBuffer()
    .then(
      (pixels) => pixels.length === 3 * 128 * Math.round((128 * height) / width),
      () => false,
    );

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      pictures: { type: 'string', default: '40' },
      kill: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [pictures, kills, seed] = [values.pictures, values.kill, values.seed].map(Number);
  const start = Date.now();
  const result = await soak({ pictures, kills, seed, tell: (line) => console.log(line) });
  const minutes = ((Date.now() - start) / 60_000).toFixed(0);
  const report = `Result of \`npm run soak -- --pictures ${pictures} --kill ${kills}\`: the real program on a folder of small
pictures, killed together with its child processes (${result.kills - result.childKills} times), or its painting process alone first
(${result.childKills} times) at random moments, and started again. ${machine}, ${minutes} minutes.

| what | number |
|---|---|
| pictures lost | ${result.lost} |
| painted twice | ${result.twice} |
| incomplete outputs | ${result.half} |
| originals changed | ${result.touched} |
| temporary files left | ${result.left} |
| kills | ${result.kills} |
| pictures resumed from a checkpoint | ${result.resumed} |
`;
  await writeSection('Kills', report);
  console.log(report);
  const { lost, twice, half, touched, left } = result;
  process.exitCode = lost + twice + half + touched + left > 0 ? 1 : 0;
}
