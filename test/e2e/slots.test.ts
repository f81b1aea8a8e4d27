/** Several pictures at the same time. */
import { copyFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cat, coffee, eventsOf, newFolder, rocket, start, wave } from './program.js';

it('paints two at a time, and each of three once', async () => {
  const inbox = await newFolder();
  const photos = [cat, coffee, rocket];
  for (const photo of photos) await copyFile(photo, join(inbox, basename(photo)));
  // So many that the second has begun long before the first ends.
  const flags = ['--size', '96', '--iterations', '30', '--scales', '1', '--slots', '2', '--threads', '1'];
  const { stdout, exitCode } = await start('watch', inbox, '--once', '--json', '--styles', wave, ...flags);
  expect(exitCode).toBe(0);
  const events = eventsOf(stdout);
  const before = events.slice(
    0,
    events.findIndex(({ event }) => event === 'done'),
  );
  const slots = before.flatMap((event) => (event.event === 'started' ? [event.slot] : []));
  expect(slots.sort()).toEqual([1, 2]);
  const done = events.flatMap((event) => (event.event === 'done' ? [event] : []));
  expect(done.map(({ source }) => basename(source)).sort()).toEqual(['cat.jpg', 'coffee.jpg', 'rocket.jpg']);
  for (const { output, iterations, job } of done) {
    const { width, height } = await sharp(output).metadata();
    expect(Math.max(width, height)).toBe(96);
    // No iteration of one was taken for the other's.
    const counts = events.flatMap((event) =>
      event.event === 'iteration' && event.job === job ? [event.iteration] : [],
    );
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(iterations);
  }
  const files = (await readdir(join(inbox, 'stylized'))).filter((name) => !name.startsWith('.'));
  expect(files.sort()).toEqual(['cat.jpg', 'coffee.jpg', 'rocket.jpg']);
});
