/** --include and --exclude, on a real folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScanOptions, scan } from '../../src/inbox/scan.js';

const files = [
  'IMG_1.JPG',
  'note.txt',
  'a,b.jpg',
  '.hidden.jpg',
  'raw/IMG_2.jpg',
  'trip/IMG_3.jpg',
  'trip/raw/x.jpg',
].concat(['trip/day 1/IMG_4.png', '@eaDir/IMG_5.jpg', '@eaDir/large/IMG_6.jpg', 'trip/#recycle/IMG_7.jpg']);
/** Those that count without any pattern. */
const usual = [
  'IMG_1.JPG',
  'a,b.jpg',
  'raw/IMG_2.jpg',
  'trip/IMG_3.jpg',
  'trip/raw/x.jpg',
  'trip/day 1/IMG_4.png',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selection-'));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), '');
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const look = (options: Partial<ScanOptions>) =>
  scan({ folder, outbox: join(folder, 'stylized'), recursive: true, ...options });

it.each<[Partial<ScanOptions>, string[]]>([
  [{}, usual],
  [{ include: ['*.jpg'] }, usual.filter((name) => !name.endsWith('png'))],
  [
    { include: ['IMG_?.{jpg,png}'] },
    ['IMG_1.JPG', 'raw/IMG_2.jpg', 'trip/IMG_3.jpg', 'trip/day 1/IMG_4.png'],
  ],
  [{ include: ['trip'] }, usual.filter((name) => name.startsWith('trip'))],
  [{ include: ['trip/*.jpg'] }, ['trip/IMG_3.jpg']],
  [{ include: ['trip/**/*.png', 'raw/'] }, ['raw/IMG_2.jpg', 'trip/raw/x.jpg', 'trip/day 1/IMG_4.png']],
  [{ exclude: ['raw'] }, usual.filter((name) => !name.includes('raw'))],
  [{ exclude: ['/raw'] }, usual.filter((name) => !name.startsWith('raw'))],
  [{ include: ['trip'], exclude: ['day*', '*_3.*'] }, ['trip/raw/x.jpg']],
  // A system folder comes in besides the others.
  [{ include: ['@eaDir'] }, [...usual, '@eaDir/IMG_5.jpg', '@eaDir/large/IMG_6.jpg']],
  [{ include: ['@eaDir/*.jpg', 'a,*'] }, ['a,b.jpg', '@eaDir/IMG_5.jpg']],
  [
    { include: ['#recycle'], exclude: ['trip/raw'] },
    [...usual, 'trip/#recycle/IMG_7.jpg'].filter((name) => !name.includes('raw/x')),
  ],
  [{ include: ['.hidden.jpg'] }, [...usual, '.hidden.jpg']],
])('%j takes in %j', async (options, expected) => {
  const { files } = await look(options);
  expect(files.map(({ path }) => relative(folder, path)).sort()).toEqual(expected.sort());
});

it('counts what it leaves out, photos only', async () => {
  expect((await look({ exclude: ['*.txt'] })).leftOut).toEqual({ photos: 0, folders: 0 });
  expect((await look({ include: ['*.png'], exclude: ['raw'] })).leftOut).toEqual({ photos: 3, folders: 2 });
  expect((await look({ exclude: ['raw', 'IMG_1.jpg'], recursive: false })).leftOut).toEqual({
    photos: 1,
    folders: 0,
  });
});

it('looks into none of the folders that photos are moved to', async () => {
  const { files } = await look({ aside: [join(folder, 'raw'), join(folder, 'trip', 'raw')] });
  expect(files.map(({ path }) => relative(folder, path)).sort()).toEqual(
    usual.filter((name) => !name.includes('raw')).sort(),
  );
});
