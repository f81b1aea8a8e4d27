/**
 * npm run strangers -- --arrivals 1000 --hostile 200 --kill 50: photos are dropped into a watched folder, some of them
 * files that an attacker or a broken camera would drop. The program is killed at random moments, its small disk fills up,
 * its share fails with EIO, and a second watch with another clock tries to take over. Counts what must be 0, and writes the
 * numbers into docs/reliability.md. Linux only; as root the outbox is a small disk.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';
import { machine, writeSection } from './report.js';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const program = here('../bin/stylize-tui.js');
const style = here('../presets/styles/great-wave.jpg');
const flags = ['--styles', style, '--size', '64', '--iterations', '2', '--scales', '1', '--recursive'];
const place = ['--engine', 'onnx', '--device', 'cpu'];
const isRoot = process.getuid?.() === 0;

/** Milliseconds in which good photos wait and none is queued: then the feed counts as stopped. */
const longestStop = 10_000;

/** A color that no good photo has: a painting of it shows that the secret picture was read. */
const secretColor = { r: 255, g: 0, b: 255 };

/**
 * @typedef {object} Place where a hostile file is dropped
 * @property {string} inbox
 * @property {string} secret a picture outside of the inbox
 * @property {string} name without an ending
 * @property {Buffer} photo a good photo's bytes
 */

/** @type {Record<string, (place: Place) => Promise<void> | void>} */
const hostile = {
  'a link': ({ inbox, secret, name }) => symlink(secret, join(inbox, `${name}.png`)),
  'a link to a device': ({ inbox, name }) => symlink('/dev/zero', join(inbox, `${name}.png`)),
  'a photo that becomes a link': async ({ inbox, secret, name, photo }) => {
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 999));
    await sleep(900);
    await symlink(secret, join(inbox, `.${name}`));
    await rename(join(inbox, `.${name}`), join(inbox, `${name}.png`));
  },
  'a folder that becomes a link': async ({ inbox, secret, name }) => {
    await mkdir(join(inbox, name));
    await writeFile(join(inbox, name, 'secret.png'), 'not yet');
    await sleep(600);
    await rename(join(inbox, name), join(inbox, `.${name}`));
    await symlink(join(secret, '..'), join(inbox, name));
  },
  'a pipe': ({ inbox, name }) => void execFileSync('mkfifo', [join(inbox, `${name}.jpg`)]),
  'a folder with the name of a photo': async ({ inbox, name }) => {
    await mkdir(join(inbox, `${name}.jpg`));
  },
  text: ({ inbox, name }) => writeFile(join(inbox, `${name}.jpg`), 'not a picture'),
  'a truncated photo': ({ inbox, name, photo }) =>
    writeFile(join(inbox, `${name}.png`), photo.subarray(0, photo.length / 2)),
  'a bomb': async ({ inbox, name, photo }) => {
    const bytes = Buffer.from(photo);
    bytes.writeUInt32BE(60_000, 16);
    bytes.writeUInt32BE(60_000, 20);
    await writeFile(join(inbox, `${name}.png`), bytes);
  },
  'markers without end': ({ inbox, name }) =>
    writeFile(
      join(inbox, `${name}.jpg`),
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(40e6, 0xff)]),
    ),
  zeros: ({ inbox, name }) => writeFile(join(inbox, `${name}.webp`), Buffer.alloc(5e6)),
  'a name that moves the cursor': ({ inbox, name }) =>
    writeFile(join(inbox, `\x1b]52;c;aGk=\x07\x1b[2J\u202e${name}.jpg`), 'not a picture'),
  'a deep sidecar': async ({ inbox, name, photo }) => {
    await writeFile(join(inbox, `${name}.png.json`), `{"preset":${'['.repeat(60_000)}`);
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 998));
  },
  'a sidecar that names a secret': async ({ inbox, secret, name, photo }) => {
    await writeFile(join(inbox, `${name}.png.json`), JSON.stringify({ styles: [secret] }));
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 997));
  },
  'a sidecar whose style becomes a link': async ({ inbox, secret, name, photo }) => {
    await writeFile(join(inbox, `${name}-style.png`), photo);
    await writeFile(join(inbox, `${name}.png.json`), JSON.stringify({ styles: [`${name}-style.png`] }));
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 996));
    await sleep(1100);
    await symlink(secret, join(inbox, `.${name}`));
    await rename(join(inbox, `.${name}`), join(inbox, `${name}-style.png`));
  },
  'a sidecar of extremes': async ({ inbox, name, photo }) => {
    const extremes = { iterations: 1e9, size: -1, styleWeight: 1e308, blend: [0], seed: '\x1b[31m' };
    await writeFile(join(inbox, `${name}.png.json`), JSON.stringify(extremes));
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 995));
  },
  'a pipe for a sidecar': async ({ inbox, name, photo }) => {
    execFileSync('mkfifo', [join(inbox, `${name}.png.json`)]);
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 994));
  },
  'a photo that goes again': async ({ inbox, name, photo }) => {
    await writeFile(join(inbox, `${name}.png`), await variant(photo, 993));
    await sleep(1050);
    await rm(join(inbox, `${name}.png`));
  },
};

/**
 * @param {{ arrivals: number, hostiles: number, kills: number, seed?: number, tell?: (line: string) => void }} options
 */
export async function strangers({ arrivals, hostiles, kills, seed = 1, tell = () => {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'strangers-'));
  const [inbox, outbox, elsewhere, flag] = ['in', 'out', 'secret', 'eio'].map((name) => join(folder, name));
  for (const made of [inbox, outbox, elsewhere]) await mkdir(made);
  if (isRoot) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', outbox]);
  const secret = join(elsewhere, 'secret.png');
  const background = secretColor;
  await sharp({ create: { width: 96, height: 96, channels: 3, background } })
    .png()
    .toFile(secret);
  const secretHash = hash(await readFile(secret));
  const generator = xoroshiro128plus(seed);
  const random = (/** @type {number} */ most) => uniformInt(generator, 0, most);
  const photo = await sharp({ create: { width: 96, height: 80, channels: 3, background: '#557788' } })
    .png()
    .toBuffer();
  const hook = join(folder, 'eio.mjs');
  await writeFile(hook, failingDisk(flag));

  /** @type {Map<string, { hash: string, came: number }>} */
  const good = new Map();
  /** @type {Map<string, number>} */
  const done = new Map();
  const result = {
    lost: 0,
    twice: 0,
    half: 0,
    touched: 0,
    leaked: 0,
    takenOver: 0,
    refused: 0,
    escapes: 0,
    stop: 0,
    memory: 0,
  };
  /** Good photos that came and were not queued yet, and since when the program could have done so. */
  const pending = new Map();
  let lastQueued = 0;
  /** @type {Watch | undefined} */
  let watch;
  const onEvent = (/** @type {{ event: string, source: string }} */ { event, source }) => {
    if (event === 'queued' || event === 'done') {
      const now = performance.now();
      const oldest = Math.min(...pending.values());
      if (pending.delete(source)) {
        result.stop = Math.max(result.stop, now - Math.max(oldest, lastQueued));
        lastQueued = now;
      }
    }
    if (event === 'done') done.set(source, (done.get(source) ?? 0) + 1);
  };
  const start = async () => {
    watch = new Watch(inbox, outbox, hook, onEvent);
    await watch.ready;
    for (const source of pending.keys()) pending.set(source, performance.now());
  };
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    if (!watch) return;
    result.memory = Math.max(result.memory, await watch.peakMemory());
    await watch.end(signal);
    if (['\x1b', '\u202e'].some((mark) => watch?.stderr.includes(mark))) result.escapes++;
  };

  const kinds = Object.keys(hostile);
  const isHostile = shuffled(
    Array.from({ length: arrivals }, (_, i) => i < hostiles),
    random,
  );
  const killsAt = new Set(
    Array.from({ length: kills }, (_, i) => Math.round(((i + 0.5) * arrivals) / kills)),
  );
  let dropped = 0;
  await start();
  for (let i = 0; i < arrivals; i++) {
    const name = `photo${String(i).padStart(4, '0')}x`;
    if (isHostile[i]) {
      const kind = kinds[dropped++ % kinds.length];
      await hostile[kind]({ inbox, secret, name, photo: await variant(photo, i) });
    } else {
      const bytes = await variant(photo, i);
      const path = join(inbox, `${name}.png`);
      await writeFile(join(folder, 'coming'), bytes);
      await rename(join(folder, 'coming'), path);
      good.set(path, { hash: hash(bytes), came: performance.now() });
      pending.set(path, performance.now());
    }
    if (i % 40 === 20) await whileAway(flag, 3000);
    if (isRoot && i % 60 === 30) await whileFull(outbox, 3000);
    if (i % 100 === 50) result[await second(inbox, outbox, folder)]++;
    if (killsAt.has(i)) {
      await end('SIGKILL');
      await start();
      tell(`${i + 1} of ${arrivals} arrivals, ${done.size} done, longest stop ${Math.round(result.stop)} ms`);
    }
    // About as fast as it paints.
    await sleep(random(1200));
    while (pending.size > 20) await sleep(200);
  }
  // The program may be killed between a painting and the event that tells of it: the files count.
  const paintings = async () =>
    (await readdir(outbox, { recursive: true })).filter((name) => name.endsWith('.png'));
  const isPainted = (/** @type {string[]} */ names, /** @type {string} */ path) =>
    names.includes(basename(path));
  const patience = performance.now() + 600_000;
  for (let names = await paintings(); performance.now() < patience; names = await paintings()) {
    if ([...good.keys()].every((path) => isPainted(names, path))) break;
    await sleep(500);
  }
  await end('SIGTERM');

  const painted = await paintings();
  for (const [path, { hash: before }] of good) {
    const after = await readFile(path).then(hash, () => '');
    if (after !== before) result.touched++;
    if (!isPainted(painted, path)) result.lost++;
    const isDouble = painted.some((name) => name.startsWith(`${basename(path, '.png')}-`));
    if (isDouble || (done.get(path) ?? 0) > 1) result.twice++;
  }
  for (const name of painted) {
    const bytes = await readFile(join(outbox, name));
    const whole = await sharp(bytes, { failOn: 'warning' })
      .stats()
      .catch(() => undefined);
    if (!whole) result.half++;
    const { xmp } = await sharp(bytes, { failOn: 'none' }).metadata();
    const [red, green, blue] = whole?.channels.map(({ mean }) => mean) ?? [];
    if (String(xmp).includes(secretHash) || (red > 200 && green < 60 && blue > 200)) result.leaked++;
  }
  if (isRoot) execFileSync('umount', [outbox]);
  await rm(folder, { recursive: true });
  return { ...result, good: good.size, dropped, kinds: Math.min(kinds.length, dropped) };
}

/** The program at work on a folder. */
class Watch {
  stderr = '';
  /**
   * @param {string} inbox
   * @param {string} outbox
   * @param {string} hook
   * @param {(event: { event: string, source: string }) => void} onEvent
   */
  constructor(inbox, outbox, hook, onEvent) {
    const args = [program, 'watch', inbox, '--output', outbox, '--json', ...flags, ...place];
    const env = { ...process.env, NODE_OPTIONS: `--import ${hook}` };
    this.running = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
    let rest = '';
    /** @type {Promise<void>} */
    this.ready = new Promise((resolve) => {
      this.running.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        const lines = (rest + text).split('\n');
        rest = /** @type {string} */ (lines.pop());
        for (const line of lines.filter(Boolean)) onEvent(JSON.parse(line));
        resolve();
      });
      setTimeout(resolve, 5000);
    });
    this.running.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr = (this.stderr + text).slice(-100_000);
    });
    this.ended = new Promise((resolve) => this.running.once('exit', resolve));
  }

  /** Of the parent alone, in MB. */
  async peakMemory() {
    const status = await readFile(`/proc/${this.running.pid}/status`, 'utf8').catch(() => '');
    return Math.round(Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  }

  /** @param {NodeJS.Signals} signal */
  async end(signal) {
    const pid = /** @type {number} */ (this.running.pid);
    process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    await this.ended;
  }
}

/**
 * Another watch of the same outbox, on a machine of the same name whose clock is two minutes ahead.
 * @param {string} inbox
 * @param {string} outbox
 * @param {string} folder
 */
async function second(inbox, outbox, folder) {
  const hook = join(folder, 'clock.mjs');
  await writeFile(
    hook,
    `const { now } = Date; Date.now = () => now() + 120_000;
     const Real = Date; globalThis.Date = class extends Real { constructor(...given) { super(...(given.length ? given : [Date.now()])); } };`,
  );
  const args = [program, 'watch', inbox, '--output', outbox, '--json', '--once', ...flags, ...place];
  const env = { ...process.env, NODE_OPTIONS: `--import ${hook}` };
  // A namespace of its own for processes is what another machine is to this one.
  const [command, before] = isRoot
    ? ['unshare', ['--pid', '--fork', '--kill-child']]
    : [process.execPath, []];
  const given = isRoot ? [...before, process.execPath, ...args] : args;
  const other = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  let errors = '';
  other.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  other.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  await new Promise((resolve) => other.once('exit', resolve));
  if (/"event":"started"/.test(output)) return 'takenOver';
  if (/another stylize-tui paints into it/.test(errors)) return 'refused';
  throw new Error(`the second watch neither painted nor was refused: ${errors}`);
}

/**
 * A share that fails: photos cannot be opened while the flag is there.
 * @param {string} flag
 */
const failingDisk = (flag) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { open } = fs.promises;
  fs.promises.open = async (path, ...rest) => {
    if (String(path).endsWith('x.png') && fs.existsSync(${JSON.stringify(flag)}))
      throw Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO', syscall: 'open' });
    return open(path, ...rest);
  };
  syncBuiltinESMExports();`;

/**
 * @param {string} flag
 * @param {number} time
 */
async function whileAway(flag, time) {
  await writeFile(flag, '');
  await sleep(time);
  await rm(flag);
}

/**
 * @param {string} outbox
 * @param {number} time
 */
async function whileFull(outbox, time) {
  const filler = join(outbox, '.filler');
  await writeFile(filler, Buffer.alloc(70e6)).catch(() => {});
  await sleep(time);
  await rm(filler);
}

/**
 * Another photo for each number.
 * @param {Buffer} photo
 * @param {number} number
 */
const variant = (photo, number) =>
  sharp(photo)
    .composite([
      {
        input: {
          create: {
            ...{ width: 30, height: 30, channels: 3 },
            background: { r: number % 256, g: (number * 7) % 256, b: Math.floor(number / 256) },
          },
        },
      },
    ])
    .png()
    .toBuffer();

const hash = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * @template T
 * @param {T[]} values
 * @param {(most: number) => number} random
 */
function shuffled(values, random) {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random(i);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

const { values } = parseArgs({
  options: {
    arrivals: { type: 'string', default: '1000' },
    hostile: { type: 'string', default: '200' },
    kill: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});
const [arrivals, hostiles, kills, seed] = [values.arrivals, values.hostile, values.kill, values.seed].map(
  Number,
);
const began = Date.now();
const found = await strangers({ arrivals, hostiles, kills, seed, tell: (line) => console.log(line) });
const minutes = ((Date.now() - began) / 60_000).toFixed(0);
const text = `Result of \`npm run strangers -- --arrivals ${arrivals} --hostile ${hostiles} --kill ${kills}\`: files dropped into a
watched folder, ${found.dropped} of them hostile (links, files swapped for links, pipes, bombs, damaged pictures, sidecars that
name other files: ${found.kinds} kinds). The program was killed ${kills} times, its share failed with EIO${isRoot ? ', its disk was full' : ''} and a second
watch with a clock two minutes ahead was started now and then. ${machine}, ${minutes} minutes.

| what | number |
|---|---|
| good photos | ${found.good} |
| lost | ${found.lost} |
| painted twice | ${found.twice} |
| incomplete outputs | ${found.half} |
| originals changed | ${found.touched} |
| paintings with a picture from outside the inbox | ${found.leaked} |
| takeovers by a second watch, of ${found.takenOver + found.refused} tried | ${found.takenOver} |
| lines with escape sequences | ${found.escapes} |
| longest time in which photos waited and none was queued, in seconds | ${(found.stop / 1000).toFixed(1)} |
| most memory of the parent, in MB | ${found.memory} |
`;
await writeSection('Strangers', text);
console.log(text);
const { lost, twice, half, touched, leaked, takenOver, escapes, stop, memory } = found;
const isFine = lost + twice + half + touched + leaked + takenOver + escapes === 0;
process.exitCode = isFine && stop < longestStop && memory < 400 ? 0 : 1;
