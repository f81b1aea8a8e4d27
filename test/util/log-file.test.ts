import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { LogFile } from '../../src/util/log-file.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'log-'));
const line = (n: number) => `{"n":${n},"text":"${'x'.repeat(80)}"}\n`;
const numbers = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text).n);

const disk = newFolder();
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
afterAll(() => canMount && spawnSync('umount', ['--lazy', disk]));

const open = (path: string, told: string[], size = 1e6) =>
  new LogFile(path, { size, files: 3, retryEvery: 50, failed: ({ code }) => told.push(code!) });

it.skipIf(!canMount)('writes what a full disk held up, whole and in order, and says so once', async () => {
  const path = join(disk, 'a.log');
  const told: string[] = [];
  const log = open(path, told);
  // Room for the file's own first page, which lines of this length do not fill evenly.
  writeFileSync(join(disk, 'filler'), Buffer.alloc(56 * 1024));
  for (let n = 0; n < 200; n++) log.write(line(n));
  await vi.waitFor(() => expect(told).toEqual(['ENOSPC']));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(told).toHaveLength(1);
  const before = numbers(path);
  expect(before.length).toBeLessThan(200);
  rmSync(join(disk, 'filler'));
  await vi.waitFor(() => expect(numbers(path)).toEqual(Array.from({ length: 200 }, (_, n) => n)));
  await log.close();
});

it('keeps a bounded number of files of a bounded size, the latest lines in the first', async () => {
  const folder = newFolder();
  const path = join(folder, 'a.log');
  const log = open(path, [], 1000);
  for (let n = 0; n < 100; n++) log.write(line(n));
  await log.close();
  expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
  const kept = ['a.log.2', 'a.log.1', 'a.log'].flatMap((name) => numbers(join(folder, name)));
  expect(kept.at(-1)).toBe(99);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 100 - kept.length + i));
  for (const name of readdirSync(folder))
    expect(readFileSync(join(folder, name)).length).toBeLessThanOrEqual(1000);
});

it('writes into no file of another kind', () => {
  const path = join(newFolder(), 'photo.jpg');
  writeFileSync(path, '\xff\xd8');
  expect(() => open(path, [])).toThrow(/photo.jpg: is a file of another kind/);
  expect(() => open(newFolder(), [])).toThrow(/another kind/);
});
