/** Photos as they come to an inbox that nobody minds: none lost, none painted twice, no original touched. */
import { createHash } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import Database from 'libsql';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { eventSchema, type PaintEvent } from '../../src/render/events.js';
import { cat, eventsOf, newFolder, painterOf, shallow, start, wave } from './program.js';

const small = ['--size', '64', '--iterations', '2', '--scales', '1', '--threads', '1'];
/** From the photo itself, so that a painting has its color still. */
const quick = ['--styles', wave, '--start', 'content', ...small, ...shallow];

type Color = readonly [red: number, green: number, blue: number];
const red: Color = [200, 40, 40];
const green: Color = [40, 180, 40];
const blue: Color = [40, 60, 200];
const yellow: Color = [200, 190, 40];

/** A photo that is known by its color. */
const photo = ([r, g, b]: Color) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: { r, g, b } } });
const jpeg = (color: Color) => photo(color).jpeg().toBuffer();

/** Two steps change little: the painting has its photo's color all over. */
async function expectColor(painting: string, color: Color): Promise<void> {
  const { channels } = await sharp(painting).stats();
  for (const [i, { mean }] of channels.slice(0, 3).entries())
    expect(Math.abs(mean - color[i]), `${painting}, channel ${i}`).toBeLessThan(45);
}

/** A picture that takes 50 KB on disk, and 300 MB once decoded. */
const bomb = () =>
  sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: 'red' } })
    .png({ palette: true, colors: 2 })
    .toBuffer();

/** Every file below a folder but for its outbox: its bytes and its time. */
async function originalsIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'stylized') Object.assign(found, await originalsIn(path));
    if (entry.isFile())
      found[path] = `${createHash('sha256')
        .update(await readFile(path))
        .digest('hex')} ${(await stat(path)).mtimeMs}`;
  }
  return found;
}

/** The paintings' paths below the outbox. */
async function paintingsIn(outbox: string): Promise<string[]> {
  const paths = Object.keys(await originalsIn(outbox)).map((path) => relative(outbox, path));
  return paths.filter((path) => !path.startsWith('.')).sort();
}

/** What became of each source, by name; `[]` where nothing was said. */
function fates(events: readonly PaintEvent[], inbox: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const event of events) {
    if (event.event !== 'done' && event.event !== 'failed' && event.event !== 'skipped') continue;
    const name = relative(inbox, event.source);
    found[name] ??= [];
    found[name].push(event.event);
  }
  return found;
}

it('paints every photo of a folder once, whatever else lies there, and fails the rest with reasons', async () => {
  const inbox = await newFolder();
  const outside = await mkdtemp(join(tmpdir(), 'outside-'));
  const put = (name: string, data: Uint8Array | string) => writeFile(join(inbox, name), data);
  const bytes = await readFile(cat);
  const png = await sharp(cat).png().toBuffer();
  const long = `${'ü'.repeat(122)}👍.gif`;
  const half = (data: Uint8Array) => data.subarray(0, data.length >> 1);

  await mkdir(join(inbox, 'day 1', 'photo.jpg'), { recursive: true });
  await put('red.jpg', await jpeg(red));
  await put('day 1/red.jpg', await jpeg(green));
  await put('day 1/photo.jpg/red.jpg', await jpeg(blue));
  await put('png inside.jpg', await photo(yellow).png().toBuffer());
  const frames = Buffer.concat([Buffer.alloc(64 * 64 * 3, 200), Buffer.alloc(64 * 64 * 3, 20)]);
  const film = sharp(frames, { raw: { width: 64, height: 128, channels: 3, pageHeight: 64 } });
  await put(long, await film.gif().toBuffer());
  await put('cmyk.jpg', await photo(green).toColorspace('cmyk').jpeg().toBuffer());
  await put('16 bit.png', await photo(red).toColorspace('rgb16').png().toBuffer());
  const good = Object.keys(await originalsIn(inbox)).map((path) => relative(inbox, path));
  expect(good).toHaveLength(7);

  await put('twin.jpg', await jpeg(red));
  await writeFile(join(outside, 'secret.jpg'), await jpeg(yellow));
  await symlink(join(outside, 'secret.jpg'), join(inbox, 'link.jpg'));
  const bad: Record<string, [Uint8Array | string, RegExp]> = {
    'empty.jpg': ['', /is empty/],
    'cut.jpg': [half(bytes), /cut short/],
    'cut.png': [half(png), /damaged or cut short/],
    'zeros.jpg': [Buffer.concat([half(bytes), Buffer.alloc(bytes.length >> 1)]), /end marker is missing/],
    'text.jpg': ['Dear all,\n', /it is text/],
    'drawing.jpg': ['<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>', /it is SVG/],
    'paper.jpg': ['%PDF-1.7\n%\xff\xff', /it is PDF/],
    'bomb.png': [await bomb(), /100 megapixels/],
    'line.png': [await photo(red).resize(1, 900, { fit: 'fill' }).png().toBuffer(), /1×900.* too small/],
  };
  for (const [name, [data]] of Object.entries(bad)) await put(name, data);
  const before = await originalsIn(inbox);

  const watch = (...flags: string[]) =>
    start('watch', inbox, '--once', '--recursive', '--json', ...flags, ...quick);
  const first = await watch();
  expect(first.stderr).toBe('');
  expect(first.exitCode).toBe(1);
  const events = eventsOf(first.stdout);
  expect(fates(events, inbox)).toEqual({
    ...Object.fromEntries(good.map((name) => [name, ['done']])),
    ...Object.fromEntries(Object.keys(bad).map((name) => [name, ['failed']])),
    'twin.jpg': ['skipped'],
    'link.jpg': ['skipped'],
  });
  const db = new Database(join(inbox, 'stylized', '.stylize-tui.sqlite'));
  for (const [name, [, reason]] of Object.entries(bad)) {
    const event = events.find(({ event, ...of }) => 'source' in of && of.source === join(inbox, name));
    expect(event).toMatchObject({ event: 'failed', reason: expect.stringMatching(reason) });
    const rows = db.prepare('SELECT status, reason FROM jobs WHERE source = ?').all(join(inbox, name));
    expect(rows, name).toMatchObject([{ status: 'failed', reason: expect.stringMatching(reason) }]);
  }
  db.close();
  const reasonOf = (name: string) =>
    events.flatMap((event) =>
      event.event === 'skipped' && basename(event.source) === name ? [event.reason] : [],
    );
  expect(reasonOf('twin.jpg')).toEqual([expect.stringMatching(/^the same picture as red\.jpg, /)]);
  expect(reasonOf('link.jpg')).toEqual([expect.stringMatching(/links are not followed/)]);

  const outbox = join(inbox, 'stylized');
  const painted = await paintingsIn(outbox);
  expect(painted).toEqual(good.map((name) => name.replace('.gif', '.png')).sort());
  await expectColor(join(outbox, 'red.jpg'), red);
  await expectColor(join(outbox, 'day 1', 'red.jpg'), green);
  await expectColor(join(outbox, 'day 1', 'photo.jpg', 'red.jpg'), blue);
  await expectColor(join(outbox, 'png inside.jpg'), yellow);
  await expectColor(join(outbox, long.replace('.gif', '.png')), [200, 200, 200]);

  // Nothing has changed, so nothing is tried again; then one is fixed.
  const second = await watch();
  expect(second.exitCode).toBe(0);
  expect(new Set(eventsOf(second.stdout).map(({ event }) => event))).toEqual(new Set(['skipped']));
  expect(await originalsIn(inbox)).toEqual(before);
  await put('cut.jpg', await jpeg(blue.map((value) => value + 9) as unknown as Color));
  // With that, the same content under another name is another photo, if asked.
  const third = eventsOf((await watch('--duplicates', 'paint')).stdout);
  expect(third.filter(({ event }) => event === 'failed')).toEqual([]);
  const anew = Object.entries(fates(third, inbox)).filter(([, fate]) =>
    fate.some((what) => what !== 'skipped'),
  );
  expect(Object.fromEntries(anew)).toEqual({ 'cut.jpg': ['done'], 'twin.jpg': ['done'] });
  expect(await paintingsIn(outbox)).toEqual([...painted, 'cut.jpg', 'twin.jpg'].sort());
});

it('paints whole photos only while they are replaced, removed, doubled and completed', async () => {
  const inbox = await newFolder();
  const outbox = join(inbox, 'stylized');
  const path = (name: string) => join(inbox, name);
  const program = start('watch', inbox, '--json', ...quick);
  const events: PaintEvent[] = [];
  let rest = '';
  let ended = false;
  let wake = () => {};
  void program.then(() => {
    ended = true;
    wake();
  });
  program.stdout.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n');
    rest = lines.pop()!;
    events.push(...lines.map((line) => eventSchema.parse(JSON.parse(line))));
    wake();
  });
  const until = async (event: PaintEvent['event'], name: string, count = 1) => {
    const isIt = (e: PaintEvent) => e.event === event && (!('source' in e) || basename(e.source) === name);
    while (events.filter(isIt).length < count) {
      if (ended) throw new Error(`it ended before ${name} was ${event}: ${rest}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  /** As careful programs do it. */
  const replace = async (name: string, data: Uint8Array) => {
    await writeFile(path(`${name}.part`), data);
    await rename(path(`${name}.part`), path(name));
  };

  await until('idle', '');
  await writeFile(path('first.jpg'), await jpeg(red));
  await until('started', 'first.jpg');
  // The child rests here, so that all of this happens while one is painted and the others wait.
  process.kill(painterOf(program)!, 'SIGSTOP');
  await replace('first.jpg', await jpeg(green));
  await writeFile(path('swapped.jpg'), await jpeg(blue));
  await writeFile(path('removed.jpg'), await jpeg(yellow));
  await writeFile(path('moved.jpg'), await jpeg([90, 90, 90]));
  await writeFile(path('advised.jpg'), await jpeg([20, 90, 160]));
  const bytes = await readFile(cat);
  await writeFile(path('slow.jpg'), bytes.subarray(0, 20_000));
  for (const name of ['swapped.jpg', 'removed.jpg', 'moved.jpg', 'advised.jpg']) await until('queued', name);
  await until('queued', 'first.jpg', 2);
  await copyFile(path('moved.jpg'), path('copy.jpg'));
  await until('skipped', 'copy.jpg');
  await until('failed', 'slow.jpg');
  // Its settings change while it waits, first to what cannot be.
  await writeFile(path('advised.jpg.json'), '{"size": 60, "styles": ["moon.jpg"]}');
  await until('failed', 'advised.jpg');
  await writeFile(path('advised.jpg.json'), '{"size": 60}');
  await until('queued', 'advised.jpg', 2);
  await rm(path('removed.jpg'));
  await rm(path('moved.jpg'));
  await replace('swapped.jpg', await jpeg([200, 40, 200]));
  await writeFile(path('slow.jpg'), bytes);
  await until('queued', 'slow.jpg');
  await until('queued', 'swapped.jpg', 2);
  process.kill(painterOf(program)!, 'SIGCONT');
  await until('idle', '', 2);
  program.kill('SIGTERM');
  const { exitCode, stderr } = await program;
  expect(exitCode).toBe(143);
  expect(stderr).toBe('');

  expect(fates(events, inbox)).toEqual({
    'first.jpg': ['done', 'done'],
    'swapped.jpg': ['skipped', 'done'],
    'removed.jpg': ['skipped'],
    // Its other name serves instead.
    'copy.jpg': ['skipped', 'done'],
    'slow.jpg': ['failed', 'done'],
    'advised.jpg': ['skipped', 'failed', 'done'],
  });
  expect(await paintingsIn(outbox)).toEqual([
    'advised.jpg',
    'copy.jpg',
    'first-2.jpg',
    'first.jpg',
    'slow.jpg',
    'swapped.jpg',
  ]);
  expect(await sharp(join(outbox, 'advised.jpg')).metadata()).toMatchObject({ width: 60 });
  await expectColor(join(outbox, 'first.jpg'), red);
  await expectColor(join(outbox, 'first-2.jpg'), green);
  await expectColor(join(outbox, 'swapped.jpg'), [200, 40, 200]);
  await expectColor(join(outbox, 'copy.jpg'), [90, 90, 90]);
  // What a painting says it was made of is what it was made of.
  const { files } = await readProvenance(join(outbox, 'first.jpg'));
  expect(files[path('first.jpg')]).toBe(
    createHash('sha256')
      .update(await jpeg(red))
      .digest('hex'),
  );
});

it('refuses an outbox that would feed the inbox', async () => {
  const outbox = await newFolder();
  const inbox = join(outbox, 'in');
  await mkdir(inbox);
  await symlink(inbox, join(outbox, 'same'));
  const around = await start('watch', inbox, '--output', outbox, '--recursive', '--once', ...quick);
  expect(around.stderr).toMatch(/contains the inbox/);
  expect(around.exitCode).toBe(2);
  const same = await start('watch', inbox, '--output', join(outbox, 'same'), '--once', ...quick);
  expect(same.stderr).toMatch(/paintings cannot go into the inbox itself/);
  expect(same.exitCode).toBe(2);
});
