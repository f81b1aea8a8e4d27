/** A sweep from the command line: killed, gone on with, widened. */
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decode } from '../../src/image/decode.js';
import { findFlaws } from '../../src/image/flaws.js';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, eventsOf, newFolder, scream, start, wave } from './program.js';

it('paints every combination once, whatever came between, and lays them out', async () => {
  const folder = await newFolder();
  const sheet = join(folder, 'sheet.png');
  const bad = join(folder, 'bad.jpg');
  await writeFile(bad, 'no picture');
  const sweep = (weights: string, ...more: string[]) =>
    start(
      ...['sweep', '--content', cat, bad, '--styles', wave, scream, '--style-weight', weights],
      ...['--output', sheet, '--json', '--size', '64', '--iterations', '2', '--threads', '1'],
      ...['--keep-frame', ...more],
    );

  // Killed when the first painting is there.
  const killed = sweep('5');
  killed.stdout.on('data', (chunk) => {
    if (String(chunk).includes('"event":"done"')) killed.kill('SIGKILL');
  });
  await killed;
  expect(existsSync(sheet)).toBe(false);

  // Gone on with: a bad photo leaves its row empty, and is told by the exit code.
  const second = await sweep('5');
  expect(second.exitCode).toBe(1);
  const events = eventsOf(second.stdout);
  const done = events.filter(({ event }) => event === 'done');
  const skipped = events.flatMap((event) => (event.event === 'skipped' ? [event.reason] : []));
  expect(done.length).toBeLessThan(2);
  expect(skipped.filter((reason) => reason.startsWith('already painted'))).toHaveLength(2 - done.length);
  const end = events.at(-1)!;
  if (end.event !== 'sheet') throw new Error(`the last event is ${end.event}`);
  expect(end.output).toBe(sheet);
  const [withWave, withScream, ...none] = end.cells;
  for (const { output, flaws, ...cell } of [withWave, withScream]) {
    const photo = await decode(cat, { longest: 64 });
    const style = await decode(cell.style, { width: 64 });
    expect(flaws).toEqual(findFlaws(await decode(output!), { style, photo }));
    const { content, settings } = await readProvenance(output!);
    expect({ content, style: settings.styles[0], variant: '' }).toEqual(cell);
    expect(settings.styleWeight).toBe(5);
  }
  const reason = expect.stringMatching(/bad\.jpg: not a picture/);
  expect(none).toEqual([wave, scream].map((style) => ({ content: bad, style, variant: '', reason })));
  const { width, height } = await sharp(sheet).metadata();
  expect(width).toBeGreaterThan(3 * 64);
  expect(height).toBeGreaterThan(2 * 43);

  // Never replaced unasked, and that is found out before anything is painted.
  const third = await sweep('5');
  expect(third.exitCode).toBe(2);
  expect(third.stderr).toMatch(/sheet\.png: the file already exists/);

  // Planned: what is painted would not be painted again.
  const before = await readdir(folder, { recursive: true });
  const plan = (await sweep('5,20', '--overwrite', '--dry-run')).stdout.split('\n');
  const planned = plan.map((line): { output?: string; reason?: string } => JSON.parse(line));
  expect(planned.map(({ output, reason }) => (output ? basename(output) : reason))).toEqual([
    ...Array(2).fill(expect.stringMatching(/^already painted/)),
    ...['cat-great-wave-style-weight-20.png', 'cat-the-scream-style-weight-20.png'],
    ...Array(4).fill(expect.stringMatching(/not a picture/)),
  ]);
  expect(await readdir(folder, { recursive: true })).toEqual(before);

  // Widened: what is painted is not painted again.
  const wider = eventsOf((await sweep('5,20', '--overwrite')).stdout);
  expect(wider.filter(({ event }) => event === 'done')).toHaveLength(2);
  const last = wider.at(-1)!;
  const names = last.event === 'sheet' && last.cells.slice(0, 4).map(({ output }) => basename(output!));
  expect(names).toEqual([
    'cat-great-wave.png',
    'cat-the-scream.png',
    'cat-great-wave-style-weight-20.png',
    'cat-the-scream-style-weight-20.png',
  ]);

  const wrong = await start('sweep', '--content', cat, '--styles', wave, '--size', '64,0', '--output', sheet);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toMatch(/--size 0: expected 32 or more/);
}, 240_000);
