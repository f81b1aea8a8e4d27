import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { readWhole } from '../../src/util/read-file.js';

let around: string;
let within: string;
beforeEach(async () => {
  around = await realpath(await mkdtemp(join(tmpdir(), 'read-')));
  within = join(around, 'in');
  await mkdir(join(within, 'sub'), { recursive: true });
  await mkdir(join(around, 'private'));
  await writeFile(join(within, 'sub', 'a'), 'mine');
  await writeFile(join(around, 'private', 'a'), 'secret');
});

const options = () => ({ maxBytes: 10, within });
const refused = (why: string) => expect.objectContaining({ why });

it('reads a file below the folder', async () => {
  expect(`${await readWhole(join(within, 'sub', 'a'), options())}`).toBe('mine');
});

it('follows no link: neither the file itself nor a folder on the way', async () => {
  await symlink(join(around, 'private', 'a'), join(within, 'link'));
  await expect(readWhole(join(within, 'link'), options())).rejects.toEqual(refused('link'));
  await rm(join(within, 'sub'), { recursive: true });
  await symlink(join(around, 'private'), join(within, 'sub'));
  await expect(readWhole(join(within, 'sub', 'a'), options())).rejects.toEqual(refused('link'));
  // Where nobody else may write, links are the person's own.
  expect(`${await readWhole(join(within, 'link'), { maxBytes: 10 })}`).toBe('secret');
});

it('never reads what a folder that is swapped for a link leads to', async () => {
  const [sub, aside] = [join(within, 'sub'), join(within, 'aside')];
  let isOver = false;
  const swap = async () => {
    while (!isOver) {
      await rename(sub, aside);
      await symlink(join(around, 'private'), sub);
      await rm(sub);
      await rename(aside, sub);
    }
  };
  const swapping = swap();
  const read = new Set<string>();
  for (let i = 0; i < 500; i++)
    await readWhole(join(sub, 'a'), options()).then(
      (bytes) => read.add(`${bytes}`),
      () => {},
    );
  isOver = true;
  await swapping;
  expect([...read]).toEqual(['mine']);
});

it('refuses folders, pipes and what is too large, without waiting or reading', async () => {
  await expect(readWhole(join(within, 'sub'), options())).rejects.toEqual(refused('kind'));
  await writeFile(join(within, 'large'), '');
  await truncate(join(within, 'large'), 2 ** 42);
  await expect(readWhole(join(within, 'large'), options())).rejects.toEqual(refused('size'));
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(within, 'pipe')]);
  await expect(readWhole(join(within, 'pipe'), options())).rejects.toEqual(refused('kind'));
});
