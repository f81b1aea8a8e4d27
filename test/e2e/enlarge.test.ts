/** run --enlarge: a finished painting at a larger size. */
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, eventsOf, newFolder, shallow, start, tiny, wave } from './program.js';

let folder: string;
let photo: string;
let painting: string;
beforeAll(async () => {
  folder = await newFolder();
  [photo, painting] = ['photo.jpg', 'painting.png'].map((name) => join(folder, name));
  copyFileSync(cat, photo);
  const how = [...tiny, ...shallow, '--style', wave, '--tv-weight', '0.0001', '--print-size', '10x15mm@160'];
  const sized = how.filter((_, i) => i > 1);
  expect((await start('run', photo, '-o', painting, ...sized, '--no-tui')).exitCode).toBe(0);
});
afterAll(() => rm(folder, { recursive: true }));

const enlarge = (...more: string[]) => start('run', '--from', painting, '--threads', '1', '--json', ...more);

const pixels = (path: string, width: number, height: number) =>
  sharp(path).removeAlpha().resize(width, height, { fit: 'fill' }).raw().toBuffer();

const difference = (a: Buffer, b: Buffer) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

/** How much there is beyond half of the size, in gray levels. */
async function fineness(path: string, width: number, height: number) {
  const half = await sharp(path)
    .resize(width / 2, height / 2, { fit: 'fill' })
    .png()
    .toBuffer();
  const smooth = await sharp(half).removeAlpha().resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return difference(await pixels(path, width, height), smooth);
}

it('keeps what was painted, and adds strokes at the larger size', async () => {
  const { width, height } = await sharp(painting).metadata();
  expect([width, height]).toEqual([94, 63]);
  const output = join(folder, 'big.png');
  const { stdout, stderr, exitCode } = await enlarge('--enlarge', '2x', '-o', output);
  expect([exitCode, stderr]).toEqual([0, '']);
  const [large, tall] = [189, 126];
  expect(eventsOf(stdout).find(({ event }) => event === 'started')).toMatchObject({
    ...{ width: large, height: tall, scales: 1, iterations: 6, print: '15 x 10 mm' },
  });
  const small = await pixels(painting, width, height);
  expect(difference(await pixels(output, width, height), small)).toBeLessThan(
    0.6 * difference(await pixels(cat, width, height), small),
  );
  const lanczos = join(folder, 'lanczos.png');
  await sharp(painting).resize(large, tall, { fit: 'fill' }).png().toFile(lanczos);
  const even = (side: number) => side - (side % 2);
  const [own, plain] = await Promise.all(
    [output, lanczos].map((path) => fineness(path, even(large), even(tall))),
  );
  expect(own).toBeGreaterThan(1.5 * plain);
  const { settings } = await readProvenance(output);
  expect(settings).toMatchObject({ start: 'enlarged', initial: painting, tvWeight: 0.0001 });
});

it('goes on where it was stopped', async () => {
  const output = join(folder, 'stopped.png');
  const long = ['--enlarge', '2x', '--iterations', '4000', '-o', output];
  const first = enlarge(...long);
  for await (const line of first)
    if (String(line).includes('"iteration":2,')) {
      first.kill('SIGINT');
      break;
    }
  const { exitCode, stderr } = await first;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/it goes on when the same command is started again/);
  expect(readdirSync(folder).filter((name) => name.endsWith('.state'))).toHaveLength(1);
  const second = enlarge(...long);
  for await (const line of second)
    if (String(line).includes('"resumed"')) {
      second.kill('SIGINT');
      break;
    }
  expect((await second).exitCode).toBe(130);
});

it('takes the painting itself for the photo if that is gone, and says so', async () => {
  const output = join(folder, 'alone.png');
  rmSync(photo);
  const { stderr, exitCode } = await enlarge('--enlarge', '150', '-o', output);
  expect(stderr).toMatch(/photo\.jpg: is not there\. The painting itself is the content/);
  expect(exitCode).toBe(0);
  expect((await sharp(output).metadata()).width).toBe(150);
});

it.each([
  [['--enlarge', 'big'], /expected how many times \(4x\)/],
  [['--enlarge', '80'], /that is 80×54 pixels, and .* has 94×63/],
  [['--enlarge', '100x'], /at most 8192 a side/],
  [['--enlarge', '20x20mm@200'], /was cropped for 10x15mm@160/],
  [['--enlarge', '2x', '--width', '300'], /--width and --enlarge exclude each other/],
])('refuses %s', async (flags, message) => {
  const { stderr, exitCode } = await enlarge(...flags);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
});
