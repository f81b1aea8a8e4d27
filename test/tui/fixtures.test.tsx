/**
 * Whole screens, as files in test/fixtures/screens: `cat` shows them as a terminal would. To update them, and then
 * review them by eye: npx vitest run test/tui/fixtures -u
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chalk from 'chalk';
import sharp from 'sharp';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { PaintEvent } from '../../src/render/events.js';
import type { Look } from '../../src/tui/look.js';
import { themes } from '../../src/tui/theme.js';
import { ascii, unicode } from '../../src/util/format.js';
import { done, iteration, losses, ofJob, started } from './events.js';
import { show } from './terminal.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/screens/${name}`, import.meta.url));
let folder: string;

/** Two colors, one above the other, so that the result does not depend on the resizing method. */
async function picture(name: string, width: number, height: number, background: string) {
  const path = join(folder, name);
  const upper = { create: { width, height: height / 2, channels: 3, background: 'black' } } as const;
  const file = await sharp({ create: { width, height, channels: 3, background } })
    .composite([{ input: upper, gravity: 'north' }])
    .png()
    .toBuffer();
  await sharp(file).toFile(path);
  return { path, file };
}

beforeAll(async () => {
  process.env.TZ = 'UTC';
  folder = await mkdtemp(join(tmpdir(), 'screens-'));
  // The screen shows paths; relative to here they are the same on every machine.
  process.chdir(folder);
});
afterEach(() => {
  chalk.level = 0;
});

/** Matches once all pictures of the screen have been drawn. */
function places(columns: number): RegExp[] {
  if (columns < 140) return [/[▄@%=]{5}/];
  const right = `^.{${Math.floor(0.83 * columns)},}[▄@%=]\\n.*`;
  const styles = ['starry-night', 'the-scream'].map((name) => new RegExp(`${right}${name}`, 'm'));
  const earlier = /waiting 3.*[▄@%=]{9}/s;
  const middle = new RegExp(`[▄@%=]{${Math.floor(0.4 * columns)}}`);
  return [earlier, /^[▄@%=]{5}/m, middle, ...styles];
}

const looks: Record<string, Partial<Look>> = {
  dark: { glyphs: unicode, colors: 3 },
  light: { glyphs: unicode, colors: 3, theme: themes.light, bright: true },
  ascii: { glyphs: ascii, colors: 0 },
};

it.each([
  [60, 20, 'dark'],
  [60, 20, 'ascii'],
  [80, 24, 'dark'],
  [80, 24, 'light'],
  [80, 24, 'ascii'],
  [100, 30, 'dark'],
  [100, 30, 'ascii'],
  [140, 50, 'dark'],
  [140, 50, 'ascii'],
  [200, 60, 'dark'],
  [200, 60, 'ascii'],
])('%d×%d, %s', async (columns, rows, name) => {
  const look = looks[name];
  chalk.level = look.colors ?? 0;
  const [content, night, scream] = await Promise.all([
    picture('coast.png', 300, 200, '#4078a0'),
    picture('starry-night.png', 300, 240, '#203060'),
    picture('the-scream.png', 200, 260, '#c06030'),
  ]);
  const earlier = await picture('photo-3.jpg', 300, 200, '#705840');
  const result = await picture('result.png', 300, 200, '#506880');
  const screen = show(columns, rows, look.glyphs, look);
  const steps = Array.from({ length: 60 }, (_, i): PaintEvent => {
    const fall = 1 + 9 * Math.exp(-i / 12);
    const style = { relu1_1: 1.5 * fall + 0.5, relu2_1: 1 + 2 * fall, relu3_1: 4 + 4 * fall };
    const total = 5 + 3 * 0.5 + 7.5 * fall;
    return {
      ...iteration(5, i + 1),
      losses: { ...losses, style, total },
      source: content.path,
    } as PaintEvent;
  });
  const began = { ...started(5), source: content.path, styles: [night.path, scream.path] } as PaintEvent;
  const queued = [6, 7, 8].map((job): PaintEvent => ({ event: 'queued', ...ofJob(job) }));
  const finished = { ...done(3), output: basename(earlier.path) } as PaintEvent;
  const bad: PaintEvent = { event: 'failed', ...ofJob(4), reason: '/in/photo-4.jpg: it is empty' };
  await screen.tell(...queued, started(3), finished, bad, began, ...steps);
  screen.preview({ job: 5, png: result.file, width: 300, height: 200 });
  for (const place of places(columns)) await screen.until(place);
  if (columns === 60) {
    await expect(screen.painted().join('\n')).toMatchFileSnapshot(
      fixture(`${columns}x${rows}-picture-${name}.txt`),
    );
    await screen.press('x');
  }
  await expect(screen.painted().join('\n')).toMatchFileSnapshot(fixture(`${columns}x${rows}-${name}.txt`));
  screen.close();
});

/** Events of pictures that are printed: one is, one waits for its turn, one cannot be. */
const printed = (): PaintEvent[] => {
  const name = (job: number) => `/in/IMG_20260101_12000${job}_as-a-phone-names-it.jpg`;
  const queued = [1, 2, 3, 4].map((job): PaintEvent => ({ event: 'queued', ...ofJob(job, name(job)) }));
  const all = [1, 2, 3].flatMap((job): PaintEvent[] => [
    { ...started(job), source: name(job) } as PaintEvent,
    { ...done(job), source: name(job), output: name(job) } as PaintEvent,
  ]);
  const print = { event: 'follow-up', command: 'lp -d canon {output}', attempts: 1 } as const;
  const reason = 'exit code 1: lp: Error - the printer canon is not accepting jobs: out of paper';
  return [
    ...queued,
    ...all,
    { ...print, ...ofJob(1, name(1)), status: 'done' },
    { ...print, ...ofJob(2, name(2)), status: 'failed', reason },
    { ...print, ...ofJob(3, name(3)), status: 'waiting' },
    { ...started(4), source: name(4) } as PaintEvent,
    { ...iteration(4, 50), source: name(4) } as PaintEvent,
  ];
};

it.each([
  [60, 20],
  [80, 24],
  [140, 50],
])('queue and viewer with what follows pictures, %d×%d', async (columns, rows) => {
  const screen = show(columns, rows);
  await screen.tell(...printed());
  await screen.press('Q');
  await expect(screen.painted().join('\n')).toMatchFileSnapshot(
    fixture(`${columns}x${rows}-follow-ups-queue.txt`),
  );
  const { command, reason } = { command: 'lp -d canon {output}', reason: 'exit code 1: out of paper' };
  const failed = { command, status: 'failed', attempts: 2, reason } as const;
  screen.records.set(2, { status: 'done', reason: null, output: null, followUps: [failed] });
  screen.store.act({ type: 'pick', job: 2 });
  await screen.press('i');
  await screen.until(/cannot be read/);
  await expect(screen.painted().join('\n')).toMatchFileSnapshot(
    fixture(`${columns}x${rows}-follow-ups-viewer.txt`),
  );
  screen.close();
});

it('the code of the gallery, 80×24', async () => {
  const screen = show(80, 24);
  await screen.press('g');
  await expect(screen.painted().join('\n')).toMatchFileSnapshot(fixture('80x24-gallery.txt'));
  screen.close();
});

const look80 = { glyphs: unicode, colors: 3 } as const;

it.each([
  [60, 20],
  [80, 24],
])('the frames of a sequence, %d×%d', async (columns, rows) => {
  chalk.level = 3;
  const screen = show(columns, rows, unicode, look80);
  const frame = (job: number) => `/in/frame-${String(job).padStart(6, '0')}.png`;
  const skipped = { event: 'skipped', ...ofJob(1, frame(1)), reason: 'it is painted already' } as const;
  const weights = { content: 1, style: 10, tv: 0.00001, temporal: 0.003, blend: [1] };
  const began = { ...started(2), source: frame(2), output: frame(2), weights } as PaintEvent;
  const queued = [2, 3].map((job): PaintEvent => ({ event: 'queued', ...ofJob(job, frame(job)) }));
  const step = { ...iteration(2, 50), source: frame(2), weights } as PaintEvent;
  screen.store.act({ type: 'frames', frames: 240 });
  await screen.tell(skipped, ...queued, began, step);
  await expect(screen.painted().join('\n')).toMatchFileSnapshot(fixture(`${columns}x${rows}-sequence.txt`));
  screen.close();
});
