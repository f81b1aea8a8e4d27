/** What `run` has from anishathalye/neural-style's command line, and what goes beyond it. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../src/image/decode.js';
import { readProvenance } from '../../src/image/xmp.js';
import type { PaintEvent } from '../../src/render/events.js';
import { fixture, readJson, relative } from '../reference.js';
import {
  cat,
  coffee,
  eventsOf,
  newFolder,
  scream,
  screamNote,
  start,
  startWith,
  tiny,
  wave,
} from './program.js';

let folder: string;
beforeAll(async () => {
  folder = await newFolder();
});
const file = (name: string) => join(folder, name);
const cup = (...args: string[]) => ['run', '--content', coffee, ...args];

async function paint(output: string, ...args: string[]) {
  const { stdout, stderr, exitCode } = await start(
    ...args,
    '--output',
    file(output),
    '--json',
    '--overwrite',
    // Two test files paint at the same time.
    '--threads',
    '1',
  );
  expect(stderr.replace(screamNote, '')).toBe('');
  expect(exitCode).toBe(0);
  return eventsOf(stdout);
}
type Iteration = PaintEvent & { event: 'iteration' };
const iterations = (events: PaintEvent[]) =>
  events.filter((event): event is Iteration => event.event === 'iteration');
const add = (values: number[]) => values.reduce((a, b) => a + b, 0);

async function pixels(path: string) {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

/** The photo as it enters the painting. */
const smallCup = async () => {
  const { data, width, height } = await decode(coffee, { longest: 96 });
  const plane = width * height;
  return Uint8Array.from({ length: 3 * plane }, (_, i) => data[(i % 3) * plane + Math.floor(i / 3)]);
};

describe('the ancestor, through the command line', () => {
  it.each(['one-style-max', 'two-styles-avg', 'odd-size-max', 'odd-size-avg'])('%s', async (name) => {
    const { settings, losses } = readJson(`seed-${name}.json`);
    const { width } = await sharp(fixture(settings.content)).metadata();
    // Its fixtures were made with styles at their own size.
    const scales = await Promise.all(
      settings.styles.map(async (style: string) => (await sharp(fixture(style)).metadata()).width / width),
    );
    const list = (flag: string, values: unknown[]) => [flag, ...values.map(String)];
    const events = await paint(
      `seed-${name}.png`,
      'run',
      ...['--preset', 'neural-style', '--content', fixture(settings.content)],
      ...list('--styles', settings.styles.map(fixture)),
      ...list('--style-blend-weights', settings.style_blend_weights),
      ...list('--style-scales', scales),
      ...[
        '--initial',
        fixture(settings.initial),
        '--initial-noiseblend',
        String(settings.initial_noiseblend),
      ],
      ...['--pooling', settings.pooling, '--iterations', String(settings.iterations)],
      ...['--style-layer-weight-exp', String(settings.style_layer_weight_exp)],
      ...['--content-weight-blend', String(settings.content_weight_blend)],
      ...['--content-weight', String(settings.content_weight), '--tv-weight', String(settings.tv_weight)],
      ...['--style-weight', String(settings.style_weight), '--learning-rate', String(settings.learning_rate)],
      ...['--beta1', String(settings.beta1), '--beta2', String(settings.beta2)],
      ...['--eps', String(settings.epsilon)],
    );
    const got = iterations(events).map((event) => event.losses);
    expect(got).toHaveLength(losses.length);
    for (const [step, { content, style, tv, total }] of losses.entries()) {
      const tolerance = step === 0 ? 1e-4 : 0.01;
      expect(relative(got[step].total, total), `total at step ${step}`).toBeLessThan(tolerance);
      if (step > 0) continue;
      expect(Math.abs(add(Object.values(got[0].content)) - content)).toBeLessThanOrEqual(1e-4 * content);
      expect(relative(add(Object.values(got[0].style).flat()), style)).toBeLessThan(1e-4);
      expect(relative(got[0].tv, tv)).toBeLessThan(1e-4);
    }
  });

  it('starts the neural-style preset from noise', async () => {
    const flags = [...tiny, '--styles', wave, '--preset', 'neural-style', '--iterations', '1'];
    const [start] = iterations(await paint('noise.png', ...cup(...flags)));
    // Normal noise of deviation 0.256: neighbours differ by 2 · 0.256² on average, along both axes.
    expect(relative(start.losses.tv, 100 * 4 * 0.256 ** 2)).toBeLessThan(0.03);
    const [mixed] = iterations(await paint('mixed.png', ...cup(...flags, '--initial-noiseblend', '0.5')));
    const [photo] = iterations(await paint('photo.png', ...cup(...flags, '--start', 'content')));
    expect(photo.losses.content.relu4_2).toBe(0);
    const expected = 0.25 * photo.losses.tv + 0.25 * start.losses.tv;
    expect(relative(mixed.losses.tv, expected)).toBeLessThan(0.03);
  });
});

describe('what is left on the way', () => {
  it('saves checkpoints under numbered names, and losses as a table and a chart', async () => {
    const events = await paint(
      'way.jpg',
      ...cup(...tiny, '--styles', wave, scream, '--progress-write', '--progress-plot'),
      ...['--checkpoint-output', file('way_{:03}.jpg'), '--checkpoint-iterations', '4'],
    );
    const names = (await readdir(folder)).filter((name) => name.startsWith('way')).sort();
    expect(names).toEqual([
      'way.jpg',
      'way.progress.csv',
      'way.progress.png',
      'way_000.jpg',
      'way_004.jpg',
      'way_006.jpg',
    ]);
    const [header, ...rows] = (await readFile(file('way.progress.csv'), 'utf8')).trim().split('\n');
    const columns = header.split(',');
    expect(columns).toContain('style relu4_1');
    expect(rows).toHaveLength(7);
    for (const [i, { losses }] of iterations(events).entries()) {
      const row = Object.fromEntries(rows[i].split(',').map((value, k) => [columns[k], Number(value)]));
      expect(row.total).toBe(losses.total);
      expect(row['style relu4_1']).toBe(losses.style.relu4_1);
      const terms = columns.filter((name) => /^(content|style|tv)/.test(name)).map((name) => row[name]);
      expect(relative(add(terms), losses.total)).toBeLessThan(1e-9);
    }
    const { data, width, height, channels } = await pixels(file('way.progress.png'));
    expect(width).toBeGreaterThan(800);
    // White paper with lines in several colors.
    const colors = new Set<number>();
    for (let i = 0; i < width * height; i++) colors.add(data.readUIntBE(channels * i, 3));
    expect(colors).toContain(0xffffff);
    expect(colors.size).toBeGreaterThan(20);
  });

  it('keeps pictures at the size that was asked for, also those of coarser scales', async () => {
    const events = await paint(
      'full.png',
      ...cup('--styles', wave, '--size', '160', '--scales', '2', '--iterations', '4'),
      ...['--checkpoint-output', file('full_{}.png'), '--checkpoint-iterations', '1'],
    );
    // The third step's image is the first that is evaluated at the full size.
    expect(iterations(events).map(({ scale, scaleEnds }) => [scale, scaleEnds])).toEqual([
      ...Array(2).fill([1, [2]]),
      ...Array(3).fill([2, [2]]),
    ]);
    for (const name of ['full', 'full_0', 'full_1', 'full_2', 'full_3', 'full_4'])
      expect(await pixels(file(`${name}.png`))).toMatchObject({ width: 160, height: 107 });
  });

  it('takes styles of any shape, and the last of a flag that is given twice', async () => {
    await sharp(wave).resize(600, 200, { fit: 'fill' }).toFile(file('scroll.jpg'));
    const flags = [...tiny, '--iterations', '2', '--iterations', '1', '--styles', file('scroll.jpg')];
    expect(iterations(await paint('scroll.png', ...cup(...flags)))).toHaveLength(2);
  });

  it('prints the losses as often as asked', async () => {
    const flags = [...cup(...tiny), '--styles', wave, '--print-iterations', '3'];
    const { stdout } = await start(...flags, '--output', file('printed.jpg'));
    const printed = stdout.split('\n').filter((line) => /content .* style .* tv .* total/.test(line));
    expect(printed.map((line) => /(\d+)\/6/.exec(line)![1])).toEqual(['0', '3', '6']);
  });

  it.each<[string, string[], RegExp]>([
    ['a flag without a value', ['--iterations'], /--iterations needs a value/],
    ['an empty value', ['--width='], /--width= needs a value/],
    ['a photo that is not there', ['--content', 'nope.jpg'], /nope.jpg: there is no such file/],
    ['more threads than cores', ['--threads', '4000'], /--threads 4000: this machine has/],
    ['one checkpoint flag alone', ['--checkpoint-iterations', '5'], /need each other/],
    [
      'a checkpoint without a place for the number',
      ['--checkpoint-iterations', '5', '--checkpoint-output', 'a.jpg'],
      /needs a placeholder for the iteration/,
    ],
    [
      'checkpoints in an unknown format',
      ['--checkpoint-iterations', '5', '--checkpoint-output', 'a_%d.bmp'],
      /cannot write that format/,
    ],
    [
      'a checkpoint over the photo',
      ['--content', 'photo_3.jpg', '--checkpoint-iterations', '3', '--checkpoint-output', 'photo_{}.jpg'],
      /would replace .*photo_3.jpg/,
    ],
    ['a mask too few', ['--styles', `${wave},${scream}`, '--mask', cat], /1 mask for 3 styles/],
    ['a layer that is not there', ['--style-layers', 'relu1_1,relu1_3'], /no layer "relu1_3"/],
    [
      'a layer without style',
      ['--layer-styles', `relu3_2=${wave}`],
      /--layer-styles relu3_2: .*--style-layers/,
    ],
    ['layers without a style', ['--layer-styles', wave], /expected LAYER=STYLE/],
    [
      'two ways to say one thing',
      ['--content-layers', 'relu3_1', '--content-weight-blend', '0.5'],
      /exclude/,
    ],
    ['a network that is none', ['--network', cat], /expected VGG-19's weights/],
    ['a picture without a recipe', ['--from', cat], /carries no recipe/],
  ])('answers %s with a sentence and exit code 2', async (_, flags, message) => {
    const here = await newFolder();
    await writeFile(join(here, 'photo_3.jpg'), await readFile(cat));
    const { stderr, exitCode } = await startWith(
      { cwd: here },
      ...['run', '--content', cat, '--styles', wave, '--output', 'never.jpg', ...tiny, ...flags],
    );
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(2);
  });
});

describe('beyond the ancestor', () => {
  it('paints with another blend on a layer, and tells every style of every layer', async () => {
    const events = await paint(
      'layers.jpg',
      ...cup(...tiny, '--styles', wave),
      ...['--layer-styles', `relu4_1=${scream},relu5_1=${wave}:1+${scream}:3`],
      ...['--style-loss', 'gram'],
    );
    const [start] = events.filter((event) => event.event === 'started');
    expect(start).toMatchObject({
      styles: [wave, scream],
      layers: { blends: { relu4_1: [0, 1], relu5_1: [0.25, 0.75] } },
      weights: { blend: [1, 0] },
    });
    const [{ losses }] = iterations(events);
    const painted = Object.entries(losses.styles!).map(([layer, values]) => [
      layer,
      values.map((v) => v > 0),
    ]);
    expect(Object.fromEntries(painted)).toEqual({
      relu1_1: [true, false],
      relu2_1: [true, false],
      relu3_1: [true, false],
      relu4_1: [false, true],
      relu5_1: [true, true],
    });
  });

  it('measures the layers it is told to, in their shares', async () => {
    const [{ losses }] = iterations(
      await paint(
        'shares.jpg',
        ...cup(...tiny, '--styles', wave, '--iterations', '1', '--start', 'noise'),
        ...['--content-layers', 'relu2_2:0.3,relu4_2:1', '--style-layers', 'relu1_2:2,relu3_3'],
      ),
    );
    expect(Object.keys(losses.content)).toEqual(['relu2_2', 'relu4_2']);
    expect(Object.keys(losses.style)).toEqual(['relu1_2', 'relu3_3']);
  });

  it('leaves the photo alone outside all masks', async () => {
    const [width, height] = [96, 64];
    const half = Buffer.alloc(width * height);
    for (let i = 0; i < half.length; i++) half[i] = i % width < width / 2 ? 255 : 0;
    await sharp(half, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(file('mask.png'));
    for (const optimizer of ['lbfgs', 'adam']) {
      const flags = ['--size', '96', '--iterations', '8', '--scales', '2', '--optimizer', optimizer];
      await paint(
        'masked.png',
        ...cup('--styles', wave, '--mask', file('mask.png'), '--start', 'noise', ...flags),
      );
      const painted = await pixels(file('masked.png'));
      const photo = await smallCup();
      let [inside, outside] = [0, 0];
      for (let i = 0; i < photo.length; i++) {
        const difference = Math.abs(painted.data[i] - photo[i]);
        const x = Math.floor(i / 3) % width;
        if (x >= width / 2) outside = Math.max(outside, difference);
        else if (x < width / 2 - 2) inside += difference;
      }
      expect(outside).toBe(0);
      expect(inside / (height * (width / 2) * 3)).toBeGreaterThan(5);
    }
  });

  it('keeps the photo’s colors, in either way', async () => {
    await paint('preserved.png', ...cup(...tiny, '--styles', scream, '--preserve-colors'));
    const painted = await pixels(file('preserved.png'));
    const photo = await smallCup();
    // Cb and Cr of Rec. 601 where nothing was clamped.
    let compared = 0;
    for (let i = 0; i < photo.length; i += 3) {
      const rgb = [...painted.data.subarray(i, i + 3)];
      if (Math.min(...rgb) < 2 || Math.max(...rgb) > 253) continue;
      const chroma = ([r, g, b]: number[]) => [
        -0.1687 * r - 0.3313 * g + 0.5 * b,
        0.5 * r - 0.4187 * g - 0.0813 * b,
      ];
      const expected = chroma([...photo.subarray(i, i + 3)]);
      chroma(rgb).forEach((value, k) => {
        expect(Math.abs(value - expected[k])).toBeLessThan(1.1);
      });
      compared++;
    }
    expect(compared).toBeGreaterThan(3000);
    const plain = iterations(await paint('plain.png', ...cup(...tiny, '--styles', scream)));
    const matched = iterations(
      await paint('matched.png', ...cup(...tiny, '--styles', scream, '--match-colors')),
    );
    expect(matched[0].losses.total).not.toBe(plain[0].losses.total);
  });

  it('carries its recipe, and repeats it byte for byte', async () => {
    const flags = ['--styles', wave, scream, '--blend', '0.6', '0.4', '--style-weight', '9', '--scales', '2'];
    await paint('first.jpg', ...cup('--size', '96', '--iterations', '4', ...flags));
    const recipe = await readProvenance(file('first.jpg'));
    expect(recipe).toMatchObject({ content: coffee, iterations: 4, history: [] });
    expect(recipe.settings).toMatchObject({ styleWeight: 9, blend: [0.6, 0.4], styles: [wave, scream] });
    await paint('again.jpg', 'run', '--from', file('first.jpg'));
    const [first, again] = await Promise.all(['first', 'again'].map((name) => readFile(file(`${name}.jpg`))));
    expect(again.equals(first)).toBe(true);
    await paint('box.jpg', 'run', '--from', file('first.jpg'), '--network', 'box');
    expect((await readFile(file('box.jpg'))).equals(first)).toBe(true);
    await paint('other.png', 'run', '--from', file('first.jpg'), '--style-weight', '2');
    expect((await readProvenance(file('other.png'))).settings).toMatchObject({ styleWeight: 2, scales: 2 });
  });

  it('says which file a recipe misses', async () => {
    const [photo, style] = [file('mine.jpg'), file('style.jpg')];
    await writeFile(photo, await readFile(cat));
    await writeFile(style, await readFile(wave));
    await paint('kept.png', 'run', '--content', photo, '--styles', style, ...tiny, '--iterations', '1');
    await writeFile(style, await readFile(scream));
    const again = () => start('run', '--from', file('kept.png'), '--output', file('never.png'));
    expect((await again()).stderr).toMatch(/style.jpg: has changed since .* was painted/);
    await writeFile(style, await readFile(wave));
    await writeFile(photo, await readFile(coffee));
    expect((await again()).stderr).toMatch(/mine.jpg: has changed since .* was painted/);
  });
});

describe('presets', () => {
  it('lists and shows them, the user’s own too, and flags win', async () => {
    const home = await newFolder();
    const own = join(home, 'stylize-tui', 'presets');
    await mkdir(own, { recursive: true });
    await writeFile(
      join(own, 'mine.json'),
      JSON.stringify({ size: 64, iterations: 1, styles: ['wave.jpg'] }),
    );
    await writeFile(join(own, 'wave.jpg'), await readFile(wave));
    const env = { XDG_CONFIG_HOME: home };
    const { stdout } = await startWith({ env }, 'presets');
    for (const name of ['draft', 'good', 'best', 'neural-style', 'starry-night', 'mine'])
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect((await startWith({ env }, 'presets', 'mine')).stdout).toMatch(/\* size +64/);
    const flags = [...cup('--preset', 'mine', '--iterations', '2'), '--output', file('preset.png'), '--json'];
    const events = eventsOf((await startWith({ env }, ...flags)).stdout);
    expect(events.find(({ event }) => event === 'started')).toMatchObject({
      width: 64,
      iterations: 2,
      styles: [join(own, 'wave.jpg')],
    });
    await writeFile(join(own, 'mine.json'), JSON.stringify({ sise: 64 }));
    const { stderr, exitCode } = await startWith({ env }, ...flags);
    expect(stderr).toMatch(/mine.json: .*sise/);
    expect(exitCode).toBe(2);
  });
});
