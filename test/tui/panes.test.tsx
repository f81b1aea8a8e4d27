/** Panes other than the default: comparison, full picture, log; and the screen reader's sentences. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { completed } from '../../src/app/recipes.js';
import { toXmp } from '../../src/image/xmp.js';
import type { PaintEvent } from '../../src/render/events.js';
import { unicode } from '../../src/util/format.js';
import { done, iteration, losses, ofJob, started } from './events.js';
import { show } from './terminal.js';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const painting = {
  ...started(1),
  source: file('samples/cat.jpg'),
  styles: ['starry-night', 'the-scream'].map((name) => file(`presets/styles/${name}.jpg`)),
} as PaintEvent;
const bad = (job: number): PaintEvent => ({
  event: 'failed',
  ...ofJob(job),
  reason: `/in/photo-${job}.jpg: it is empty`,
});

const sizes = [
  [60, 20],
  [80, 24],
  [140, 50],
] as const;

describe.each(sizes)('at %d×%d', (columns, rows) => {
  it('compares pictures, each with its name', async () => {
    const screen = show(columns, rows, unicode, { colors: 3 });
    await screen.tell(painting, iteration(1, 58));
    await screen.press('c');
    // Nothing has been painted yet: there is a photo but no result.
    await screen.until(/▄{5}/);
    await screen.until(/no picture yet[\s\S]*content +result/);
    await screen.press('cc');
    await screen.until(/starry-night 0\.70/);
    await screen.until(/the-scream 0\.30/);
    await screen.until(/▄{5}/);
    for (const line of screen.lines()) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    screen.close();
  });

  it('shows the picture alone, and comes back with esc', async () => {
    const screen = show(columns, rows, unicode, { colors: 3 });
    await screen.tell(painting, iteration(1, 58));
    await screen.press('ccv');
    // In cells the photo is three times as wide as high; it is as large as fits.
    await screen.until(/▄{40}/);
    const lines = screen.lines();
    expect(lines).toHaveLength(rows - 1);
    expect(lines.at(-1)).toMatch(/^photo-1\.jpg|^cat\.jpg {2}58\/130/);
    const drawn = lines.filter((line) => line.includes('▄')).length;
    expect(drawn).toBeGreaterThanOrEqual(Math.min(rows - 3, Math.floor(columns / 3) - 1));
    expect(lines.join('\n')).not.toContain('content relu4_2');
    await screen.press('\x1b');
    expect(screen.lines().join('\n')).toContain('content 5.00');
    screen.close();
  });

  it('keeps failures before the eyes until they are looked at, and has a log', async () => {
    const screen = show(columns, rows);
    await screen.tell(painting, iteration(1, 58), ...Array.from({ length: 80 }, (_, i) => bad(i + 2)));
    await screen.press('s');
    // A key's message takes precedence; the count stays.
    expect(screen.lines().at(-2)).toMatch(/^Saving a snapshot +! 80 failed, l shows$/);
    await screen.press('l');
    const log = screen.lines();
    expect(log.join('\n')).toMatch(/\d\d:\d\d:\d\d {2}! photo-81\.jpg: failed, it is empty\n/);
    expect(log.at(-2)).toBe('Saving a snapshot');
    // Scrolled up by one line, the last one is hidden.
    await screen.press('k');
    expect(screen.lines().join('\n')).not.toContain('photo-81.jpg');
    await screen.press('l');
    expect(screen.lines().join('\n')).not.toContain('failed, l shows');
    screen.close();
  });

  it('is sentences for a screen reader', async () => {
    const screen = show(columns, rows, unicode, {}, true);
    await screen.tell(painting, iteration(1, 58), bad(2));
    const text = screen.lines().join('\n');
    for (const sentence of [
      'Painting cat.jpg, step 58 of 130, scale 1 of 2.',
      '1 minute left.',
      'Loss 10.0.',
      'Chosen weight: style, 5.00k.',
      '0 waiting, 0 done, 1 failed, 0 skipped.',
      'Failed: photo-2.jpg: it is empty.',
    ])
      expect(text).toContain(sentence);
    expect(text).not.toMatch(/[█▄░▸]/);
    await screen.press('q');
    expect(screen.lines().join('\n')).toContain('Keys: y quit,');
    screen.close();
  });
});

it('writes next to nothing for an iteration, and nothing for one that shows the same', async () => {
  const screen = show(140, 50, unicode, { colors: 3 });
  await screen.tell(painting, iteration(1, 58));
  // Wait for all three pictures: drawing one later would count as output.
  await screen.until(/^▄{28} [\s\S]*\n {10}content/m);
  await screen.until(/▄{28}\n.*starry-night/);
  await screen.until(/▄{10}\n.*the-scream/);
  const { terminal } = screen;
  const written = async (event: PaintEvent) => {
    const before = terminal.written;
    await screen.tell(event);
    screen.lines();
    return terminal.written - before;
  };
  // A whole screen is 7,000 characters, not counting colors.
  expect(await written(iteration(1, 59))).toBeLessThan(1000);
  expect(await written({ event: 'queued', ...ofJob(9) })).toBeLessThan(300);
  expect(await written({ event: 'resumed', ...ofJob(1), iteration: 59 })).toBe(0);
  screen.close();
});

it('shows the chosen picture of the queue beside it: the painting, or the photo', async () => {
  const screen = show(120, 40, unicode, { colors: 3 });
  const [cat, night] = ['samples/cat.jpg', 'presets/styles/starry-night.jpg'].map(file);
  await screen.tell({ event: 'queued', ...ofJob(7, cat) }, painting, {
    ...done(1),
    output: night,
  } as PaintEvent);
  await screen.press('Q');
  await screen.until(/▸waiting +cat\.jpg[\s\S]*▄{40}\n +cat\.jpg$/m);
  await screen.press('j');
  await screen.until(/▸done +photo-1\.jpg → starry-night\.jpg[\s\S]*▄{40}\n[\s\S]* photo-1\.jpg$/m);
  await screen.resize(80, 24);
  expect(screen.lines().join('\n')).not.toContain('▄');
  screen.close();
});

it('shows a finished painting large, before and after, how it was painted, and the next one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'viewer-'));
  const output = join(folder, 'cat.jpg');
  const settings = completed({
    styles: [file('presets/styles/great-wave.jpg'), '/s/own.jpg'],
    blend: [0.7, 0.3],
    size: 512,
    iterations: 32,
    styleWeight: 500,
  });
  const provenance = {
    program: 'stylize-tui 1',
    engine: 'onnx',
    device: 'cpu',
    content: file('samples/cat.jpg'),
    settings,
    files: {},
    network: '0'.repeat(64),
    iterations: 32,
    history: [],
    losses,
  };
  const picture = sharp(file('samples/cat.jpg')).resize(96).withXmp(toXmp(provenance)!);
  await picture.toFile(output);
  const screen = show(120, 40, unicode, { colors: 3 });
  screen.records.set(1, { status: 'done', source: file('samples/cat.jpg'), output, reason: null });
  const night = file('presets/styles/starry-night.jpg');
  screen.records.set(2, { status: 'done', source: file('samples/coffee.jpg'), output: night, reason: null });
  await screen.tell(started(1), { ...done(1), output } as PaintEvent);
  await screen.tell(started(2), { ...done(2), output: night } as PaintEvent, bad(3));
  await screen.press('Qjj\r');
  await screen.until(/cat\.jpg → cat\.jpg\n[\s\S]*▄{40}/);
  await screen.until(/style +great-wave 0\.70, own 0\.30\n/);
  for (const line of [
    / preset +good$/m,
    / size +512$/m,
    / iterations +32$/m,
    / weights +content 1, style 500,/,
    / total +10\.0$/m,
  ])
    expect(screen.lines().join('\n')).toMatch(line);
  await screen.press('c');
  await screen.until(/ before +after +/);
  // Without the facts there is room for more.
  await screen.press('cv');
  await screen.until(/▄{90}[\s\S]*before/);
  expect(screen.lines().join('\n')).not.toContain('great-wave');
  // The other one is newer; there is none beyond it.
  await screen.press('c\x1b[D');
  await screen.until(/coffee\.jpg → starry-night\.jpg/);
  await screen.press('\x1b[D');
  expect(screen.lines().join('\n')).toContain('coffee.jpg → starry-night.jpg');
  await screen.press('\x1b[C');
  await screen.until(/cat\.jpg → cat\.jpg/);
  await screen.press('o');
  expect(screen.asked).toEqual([['open', output]]);
  await screen.resize(60, 20);
  await screen.press('v');
  await screen.until(/▄{10}[\s\S]*\nstyle +great-wave/);
  await screen.press('\x1b');
  expect(screen.lines().find((line) => line.startsWith('▸'))).toContain('photo-1.jpg');
  screen.close();
});

it('says at rest what to do next, and shows the latest painting', async () => {
  const screen = show(80, 24, unicode, { colors: 3 });
  await screen.until(/Waiting for pictures\n +Copy photos into the folder, or drop them onto this window\./);
  await screen.tell({ event: 'queued', ...ofJob(1) });
  expect(screen.lines().join('\n')).toMatch(/^ +Starting$/m);
  const output = file('presets/styles/starry-night.jpg');
  await screen.tell(started(1), { ...done(1), output } as PaintEvent);
  await screen.until(/▄{20}[\s\S]*starry-night\.jpg {2}o opens it\n\n +Waiting for pictures/);
  screen.close();
});

it('marks where weights are left out, and cuts no name while all have room', async () => {
  const styles = ['/s/a-style-with-a-rather-long-name.jpg', '/s/b.jpg'];
  const layers = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`relu${n}_1`, 0.2]));
  const screen = show(200, 60);
  await screen.tell({ ...started(1), styles, layers: { content: {}, style: layers } } as PaintEvent);
  const line = () => screen.lines().find((line) => line.includes('▸'))!;
  expect(line()).toContain('a-style-with-a-rather-long-name 0.70');
  expect(line()).toMatch(/relu5_1 0\.20$/);
  await screen.resize(80, 24);
  expect(line()).toMatch(/^ content 5\.00 .* a-style-…ng-name 0\.70 .* {2}…$/);
  // To the last one and back.
  await screen.press('k'.repeat(2));
  expect(line()).toMatch(/^… .*▸relu5_1 0\.20$/);
  await screen.resize(60, 20);
  expect(line()).toMatch(/^… .*▸relu5_1 0\.20$/);
  screen.close();
});

it('keeps a gap between counts and time, whatever their length', async () => {
  for (const columns of [50, 60, 80, 120, 140, 180, 200]) {
    const screen = show(columns, 60);
    const queued = Array.from(
      { length: 1234 },
      (_, i): PaintEvent => ({ event: 'queued', ...ofJob(i + 10) }),
    );
    const skipped: PaintEvent = { event: 'skipped', ...ofJob(9), reason: 'x' };
    await screen.tell(...queued, started(3), done(3), bad(4), skipped, started(1), iteration(1, 3));
    expect(screen.lines().join('\n'), `${columns}`).toMatch(
      /waiting 1234( {3}\w+ 1)+( {2,}[\d:]+ left( in all)?)?( {2,}what happened)?$/m,
    );
    screen.close();
  }
});

it('keeps the chosen weight in view whatever a style is called', async () => {
  const screen = show(60, 20);
  const styles = ['星月夜星月夜星月夜星月夜', '神奈川沖浪裏神奈川沖浪裏', 'c', 'd'].map(
    (name) => `/s/${name}.jpg`,
  );
  const blend = [0.25, 0.25, 0.25, 0.25];
  const weights = { content: 1, style: 10, tv: 1, blend };
  await screen.tell({ ...started(1), styles, weights } as PaintEvent);
  for (let chosen = 0; chosen < 7; chosen++) {
    const line = screen.lines().find((line) => line.includes('▸'))!;
    expect(line).toMatch(/▸\S+ [\d.]+/);
    expect(stringWidth(line)).toBeLessThanOrEqual(60);
    await screen.press('\t');
  }
  screen.close();
});

it('measures styles in columns where their names are offered, and the device in the first line', async () => {
  const screen = show(60, 20);
  const styles = Array.from({ length: 6 }, (_, i) => `/s/${'星月夜'.repeat(4)}${i}.jpg`);
  const weights = { content: 1, style: 10, tv: 1, blend: styles.map(() => 1 / 6) };
  const device = '図形処理装置'.repeat(3);
  await screen.tell({ ...started(1), styles, weights, device } as PaintEvent);
  // There is no room for a device as wide as this beside the title.
  expect(screen.lines()[0]).toBe('stylize-tui  watc…out');
  await screen.press(':星');
  // Whole names only.
  expect(screen.lines().at(-1)).toMatch(/^tab( {2}(星月夜){4}\d)+$/);
  screen.close();
});
