/** A budget of time: `--within`. How well it is kept is tested in test/render/time-budget.test.ts. */
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, coffee, newFolder, rocket, shallow, start, tiny, wave } from './program.js';

const flags = ['--styles', wave, '--no-tui', ...tiny, ...shallow];

it('plans other evaluations than the settings say, and --from repeats those that were made', async () => {
  const folder = await newFolder();
  const output = join(folder, 'cat.png');
  // By far enough for more than 8 evaluations of a small picture.
  const run = await start('run', '--content', cat, '--output', output, '--within', '12s', ...flags);
  expect(run.exitCode, run.stderr).toBe(0);
  const { settings, iterations, history } = await readProvenance(output);
  expect(settings.iterations).toBe(6);
  expect(iterations).toBeGreaterThan(6);
  expect(history.length).toBeGreaterThan(0);
  const again = join(folder, 'again.png');
  const repeated = await start('run', '--from', output, '--output', again, '--threads', '1', '--no-tui');
  expect(repeated.exitCode, repeated.stderr).toBe(0);
  expect(await readFile(again)).toEqual(await readFile(output));
});

it('leaves what a folder has no time for to the next start, which needs no budget', async () => {
  const inbox = await newFolder();
  for (const photo of [cat, coffee, rocket]) await copyFile(photo, join(inbox, photo.split('/').at(-1)!));
  const paintings = async () => (await readdir(join(inbox, 'stylized'))).filter((name) => /jpg$/.test(name));
  await mkdir(join(inbox, 'stylized'));
  // Over before the first is begun, which is painted nevertheless.
  const short = await start('watch', inbox, '--once', '--within', '0.1s', ...flags);
  expect(short.exitCode, short.stderr).toBe(0);
  expect(short.stderr).toContain(
    'The time is over: 2 pictures are not painted yet. The next start paints them.',
  );
  expect(await paintings()).toHaveLength(1);
  const rest = await start('watch', inbox, '--once', ...flags);
  expect(rest.exitCode, rest.stderr).toBe(0);
  expect(rest.stdout).toMatch(/already painted/);
  expect(await paintings()).toHaveLength(3);
});

it('is a time', async () => {
  const { stderr, exitCode } = await start('run', '--within', 'soon', '--output', 'x.png', '--styles', wave);
  expect(stderr).toContain('--within soon: expected a time, such as 90s, 5m or 1h30m.');
  expect(exitCode).toBe(2);
});
