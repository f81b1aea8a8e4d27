import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { findPhotos } from '../../src/cli/photos.js';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'photos-')));
  await mkdir(join(folder, 'sub'));
  for (const name of ['img-10.jpg', 'img-2.JPG', '.hidden.jpg', 'notes.txt', 'a[1].png', 'sub/b.jpg'])
    await writeFile(join(folder, name), '');
  await symlink(join(folder, 'img-2.JPG'), join(folder, 'link.jpg'));
});

const find = async (...words: string[]) => {
  const { photos, problems } = await findPhotos(words.map((word) => join(folder, word)));
  return { found: photos.map(({ path }) => relative(folder, path)), problems };
};

it('takes files, folders without subfolders, and patterns, in order and each once', async () => {
  expect((await find('.')).found).toEqual(['a[1].png', 'img-2.JPG', 'img-10.jpg']);
  expect((await find('sub', 'img-10.jpg', 'img-*')).found).toEqual(['sub/b.jpg', 'img-10.jpg', 'img-2.JPG']);
  expect((await find('**/*.jpg')).found).toEqual(['img-10.jpg', 'link.jpg', 'sub/b.jpg']);
  // A file that is there is no pattern; a file is painted whatever its name ends with.
  expect((await find('a[1].png', 'notes.txt')).found).toEqual(['a[1].png', 'notes.txt']);
  expect((await find('img-2.JPG', 'link.jpg')).found).toEqual(['img-2.JPG']);
});

it('tells what is not there beside what is, and throws if nothing is', async () => {
  const { found, problems } = await find('img-2.JPG', 'img-1.jpg', '*.webp');
  expect(found).toEqual(['img-2.JPG']);
  expect(problems).toEqual([
    expect.stringMatching(/img-1\.jpg: there is no such file\. Did you mean img-10\.jpg\?/),
    expect.stringMatching(/\*\.webp: no photo matches/),
  ]);
  await mkdir(join(folder, 'empty'), { recursive: true });
  await expect(find('empty', 'none.jpg')).rejects.toThrow(
    /empty: there are no photos.*none\.jpg: there is no/s,
  );
});
