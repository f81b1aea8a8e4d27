/** The power goes between every two steps that put a picture in its place; the next start heals what it left. */
import { readdir, readFile, rm, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cat, eventsOf, newFolder, shallow, start, startWith, wave } from './program.js';

const hook = fileURLToPath(new URL('./cut-power.mjs', import.meta.url));
/** Two scales: where the painting stands is written down, too. */
const small = ['--size', '150', '--iterations', '2', '--scales', '2', '--threads', '1'];
const flags = ['--styles', wave, ...small, ...shallow];

it('loses nothing, paints nothing twice and leaves nothing half, whenever the power goes', async () => {
  const inbox = await newFolder();
  const outbox = join(inbox, 'stylized');
  const steps = join(await newFolder(), 'steps');
  const done: string[] = [];
  /** Brings in another picture, paints, and has the power go before a step that concerns it. */
  const paint = async (number: number, cut?: number) => {
    const name = `picture${number}.png`;
    const pixels = await sharp(cat)
      .resize(150, 100)
      .modulate({ hue: 20 * number })
      .png()
      .toBuffer();
    await sharp(pixels).toFile(join(inbox, name));
    // In its order, and long enough ago to be whole.
    await utimes(join(inbox, name), 1e6 + number, 1e6 + number);
    await rm(steps, { force: true });
    const env = {
      NODE_OPTIONS: `--import ${hook}`,
      STEPS_FILE: steps,
      CUT_BEFORE: String(cut),
      CUT_PICTURE: name,
    };
    const { stdout, signal } = await startWith(
      { env, detached: true },
      'watch',
      inbox,
      '--once',
      '--json',
      ...flags,
    );
    const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1) || '';
    for (const event of eventsOf(cut === undefined ? stdout : whole))
      if (event.event === 'done') done.push(basename(event.source));
    expect(signal).toBe(cut === undefined ? undefined : 'SIGKILL');
    return (await readFile(steps, 'utf8')).trim().split('\n');
  };

  const all = await paint(0);
  expect(all).toEqual([
    ...['create', 'write', 'sync file', 'rename', 'sync folder', 'remove tmp'],
    ...['create', 'write', 'sync file', 'link', 'sync folder', 'remove tmp'],
    ...['remove state', 'ledger'],
  ]);
  for (const [i, step] of all.entries()) expect((await paint(i + 1, i + 1)).at(-1)).toBe(step);

  const last = await start('watch', inbox, '--once', '--json', ...flags);
  expect(last.exitCode).toBe(0);
  done.push(
    ...eventsOf(last.stdout).flatMap((event) => (event.event === 'done' ? basename(event.source) : [])),
  );
  expect(new Set(done).size).toBe(done.length);
  const pictures = (await readdir(inbox)).filter((name) => name.endsWith('.png')).sort();
  expect(pictures).toHaveLength(all.length + 1);
  expect((await readdir(outbox)).sort()).toEqual(['.stylize-tui.sqlite', ...pictures]);
  for (const name of pictures)
    expect((await sharp(join(outbox, name)).raw().toBuffer({ resolveWithObject: true })).info.width).toBe(
      150,
    );
  const jobs = (await start('jobs', outbox, '--json')).stdout.split('\n').map((line) => JSON.parse(line));
  expect(jobs.map(({ status }) => status)).toEqual(pictures.map(() => 'done'));
});
