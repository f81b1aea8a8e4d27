/** Frames as a sequence: each begins with the painting before it. */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import type { PaintEvent } from '../../src/render/events.js';
import { cat, eventsOf, newFolder, rocket, shallow, start, startWith, wave } from './program.js';

const look = ['--styles', wave, '--size', '64', '--iterations', '10', '--threads', '1', ...shallow];

let inbox: string;
const at = (name: string) => join(inbox, name);
const painted = (name: string) => join(inbox, 'stylized', name);

beforeAll(async () => {
  inbox = await newFolder();
  const photo = (left: number) =>
    sharp(rocket).resize(80, 60, { fit: 'fill' }).extract({ left, top: 0, width: 64, height: 48 }).png();
  // Written in another order than that of their numbers.
  for (const i of [10, 9, 2, 1]) await photo(Math.min(i, 4)).toFile(at(`frame${i}.png`));
  await writeFile(at('frame5.png'), 'no picture');
  await sharp(cat).resize(64, 48, { fit: 'fill' }).negate().png().toFile(at('frame11.png'));
});
afterAll(() => rm(inbox, { recursive: true }));

const ofKind = <K extends PaintEvent['event']>(events: PaintEvent[], kind: K) =>
  events.filter((event): event is Extract<PaintEvent, { event: K }> => event.event === kind);

const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

it('paints frames in the order of their numbers, each from the painting before, and goes on after a broken one', async () => {
  const { stdout, stderr, exitCode } = await start('watch', inbox, '--once', '--sequence', '--json', ...look);
  const events = eventsOf(stdout);
  const done = ofKind(events, 'done').map(({ source }) => source);
  expect(done).toEqual([1, 2, 9, 10, 11].map((i) => at(`frame${i}.png`)));
  expect(ofKind(events, 'failed').map(({ source }) => source)).toEqual([at('frame5.png')]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /frame11\.png: painted as if it were the first frame: it has little in common with frame10\.png/,
  );
  // A later frame takes fewer evaluations.
  expect(ofKind(events, 'started').map(({ iterations }) => iterations)).toEqual([10, 5, 5, 5, 10]);

  const formers = await Promise.all(
    [1, 2, 9, 10, 11].map(async (i) => (await readProvenance(painted(`frame${i}.png`))).former),
  );
  const former = (i: number) => ({ photo: at(`frame${i}.png`), painting: painted(`frame${i}.png`) });
  expect(formers).toEqual([undefined, former(1), former(2), former(9), undefined]);
  const { files, losses } = await readProvenance(painted('frame9.png'));
  expect(files[painted('frame2.png')]).toBe(await hashOf(painted('frame2.png')));
  const { total, content, style, tv, temporal } = losses;
  const sum = [content, style]
    .flatMap((layers) => Object.values(layers))
    .reduce((a, b) => a + b, tv + temporal!);
  expect(temporal).toBeGreaterThan(0);
  expect(sum).toBeCloseTo(total, 6);
  // Frames 9 and 10 are the same photo: hardly anything changes.
  const [nine, ten] = await Promise.all(
    [9, 10].map((i) =>
      sharp(painted(`frame${i}.png`))
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  const change = nine.reduce((sum, value, i) => sum + Math.abs(value - ten[i]), 0) / nine.length;
  expect(change).toBeLessThan(4);
});

it('goes on from the painting on the disk, and repeats a frame', async () => {
  const before = await readFile(painted('frame9.png'));
  await rm(painted('frame9.png'));
  const again = await start('watch', inbox, '--once', '--sequence', '--json', ...look);
  const [{ source, output: redone }] = ofKind(eventsOf(again.stdout), 'done');
  expect(source).toBe(at('frame9.png'));
  expect(await readFile(redone)).toEqual(before);

  const output = at('again.png');
  const repeated = await start('run', '--from', redone, '--output', output, '--threads', '1');
  expect(repeated.exitCode).toBe(0);
  expect(await hashOf(output)).toBe(await hashOf(redone));
});

it('paints a sequence with run too', async () => {
  const folder = await newFolder();
  const photos = [at('frame2.png'), at('frame9.png')];
  const run = () => start('run', ...photos, '--sequence', '-o', join(folder, '{name}.png'), ...look);
  await run();
  expect((await readProvenance(join(folder, 'frame9.png'))).former).toEqual({
    photo: photos[0],
    painting: join(folder, 'frame2.png'),
  });
  const before = await hashOf(join(folder, 'frame9.png'));
  await rm(join(folder, 'frame9.png'));
  await run();
  expect(await hashOf(join(folder, 'frame9.png'))).toBe(before);
  await rm(folder, { recursive: true });
});

it('does without optical flow, and says how to get it', async () => {
  const folder = await newFolder();
  // As if the package were not installed.
  const hook = join(folder, 'hook.cjs');
  await writeFile(
    hook,
    `const Module = require('node:module');
    const { _resolveFilename: resolve } = Module;
    Module._resolveFilename = (name, ...rest) => {
      if (name.startsWith('@techstark/')) throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' });
      return resolve(name, ...rest);
    };`,
  );
  const photos = [at('frame9.png'), at('frame10.png')];
  const flags = [...photos, '--sequence', '-o', join(folder, '{name}.png'), ...look];
  const { stderr, exitCode } = await startWith(
    { env: { NODE_OPTIONS: `--require ${hook}` } },
    'run',
    ...flags,
  );
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/Without optical flow, .*: npm install @techstark\/opencv-js@/);
  expect((await readProvenance(join(folder, 'frame10.png'))).former?.photo).toBe(photos[0]);
  await rm(folder, { recursive: true });
});

it.each([
  [
    ['--sequence', '--slots', '2'],
    /--slots 2: with --sequence each frame begins with the painting before it/,
  ],
  [['--sequence', '--queue', 'redis://127.0.0.1:1'], /--queue: with --sequence .* on one machine/],
  [['--temporal-weight', '1'], /--temporal-weight: has no effect without --sequence/],
])('refuses %j', async (flags, message) => {
  const { stderr, exitCode } = await start('watch', inbox, '--once', ...look, ...flags);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});
