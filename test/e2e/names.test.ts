/** Paintings named by a pattern, in folders by the date of their photos. */
import { copyFileSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { jobStorePath } from '../../src/app/outbox.js';
import { cat, eventsOf, newFolder, rocket, shallow, start, tiny, wave } from './program.js';

const paintingsIn = async (folder: string) =>
  (await readdir(folder, { recursive: true })).filter((name) => /\w\.(jpg|png)$/.test(name)).sort();

let inbox: string;
beforeEach(async () => {
  inbox = await newFolder();
});
afterEach(() => rmSync(inbox, { recursive: true }));

it('names paintings by a pattern, of the date of the photo or its file, and finds them again', async () => {
  const outbox = join(inbox, 'stylized');
  const day = '2023:07:04 23:59:58';
  const dated = await sharp(cat)
    .resize(96)
    .withExif({ IFD2: { DateTimeOriginal: day } })
    .jpeg()
    .toBuffer();
  await writeFile(join(inbox, 'cat.jpg'), dated);
  mkdirSync(join(inbox, 'trip'));
  copyFileSync(rocket, join(inbox, 'trip', 'rocket.jpg'));
  utimesSync(join(inbox, 'trip', 'rocket.jpg'), new Date(2021, 1, 3), new Date(2021, 1, 3));
  const watch = (...more: string[]) =>
    start('watch', inbox, '--once', '--recursive', '--style', wave, ...tiny, ...shallow, ...more);
  const byMonth = ['--name', '{date:yyyy}/{date:MM-dd}/{name}-{style}.png'];

  const plan = await watch('--dry-run', ...byMonth);
  expect(plan.stdout).toContain(join('2023', '07-04', 'cat-great-wave.png'));
  expect((await watch('--json', ...byMonth)).exitCode).toBe(0);
  const paintings = ['2021/02-03/rocket-great-wave.png', '2023/07-04/cat-great-wave.png'];
  expect(await paintingsIn(outbox)).toEqual(paintings);

  rmSync(jobStorePath(outbox));
  const again = await watch('--json', ...byMonth);
  expect(again.stderr).toMatch(/contains the 2 whose recipe was found/);
  expect(eventsOf(again.stdout).map(({ event }) => event)).toEqual(['skipped', 'skipped']);

  // Without folders in the pattern, those of the photos stay; no name is given twice.
  const plain = await watch('--json', '--force', '--name', '{date:yyyy}-{style}', '--iterations', '1');
  expect(plain.exitCode).toBe(0);
  const names = ['2023-great-wave.jpg', 'trip/2021-great-wave.jpg'];
  expect(await paintingsIn(outbox)).toEqual([...paintings, ...names].sort());

  const run = await start(
    'run',
    join(inbox, 'cat.jpg'),
    '-s',
    wave,
    ...tiny,
    ...shallow,
    '--dry-run',
    '-o',
    join(outbox, '{date:yyyy}/{date:dd}.jpg'),
  );
  expect(run.stdout).toContain(join('2023', '04.jpg'));
  const wrong = await watch('--name', '../{name}');
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/in the folder of the paintings/),
  ]);
});
