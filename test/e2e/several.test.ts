/** `run` without the word: several photos, names, a dry run, and what is left when it is stopped. */
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProvenance } from '../../src/image/xmp.js';
import { cat, coffee, newFolder, shallow, startWith, tiny } from './program.js';

it('paints several photos in order, names them, and paints none twice', async () => {
  const cwd = await newFolder();
  await copyFile(cat, join(cwd, 'b.jpg'));
  await copyFile(coffee, join(cwd, 'a.jpg'));
  await writeFile(join(cwd, 'bad.jpg'), 'no picture');
  const paint = (...args: string[]) =>
    startWith({ cwd }, 'b.jpg', 'none.jpg', '*.jpg', '-s', 'great-wave', ...tiny, ...shallow, ...args);

  const dry = await paint('--dry-run');
  expect(dry.stdout).toMatch(
    /^b\.jpg +96×64 +about 0:\d\d +0\.\d+ GB +b-great-wave\.jpg\na\.jpg .*\nbad\.jpg +not painted: not a picture/,
  );
  expect(dry.stdout).toMatch(/2 pictures, about 0:\d\d on onnx cpu\. Nothing was painted\.\nMemory: about/);
  expect((await readdir(cwd)).sort()).toEqual(['a.jpg', 'b.jpg', 'bad.jpg']);

  const first = await paint();
  expect(first.stderr).toMatch(/none\.jpg: there is no such file/);
  expect(first.stderr).toMatch(/bad\.jpg: failed: not a picture/);
  expect(first.stdout).toMatch(/b-great-wave\.jpg\n.*a-great-wave\.jpg\n/s);
  expect(first.stdout).toMatch(/\nPainted 2 pictures, in \.\. 1 failed\.$/);
  expect(first.exitCode).toBe(1);
  expect((await readProvenance(join(cwd, 'b-great-wave.jpg'))).content).toBe(join(cwd, 'b.jpg'));

  // The pattern finds the paintings too, which are no photos.
  const second = await paint();
  expect(second.stdout).toMatch(/b\.jpg: skipped: is painted already: b-great-wave\.jpg/);
  expect(second.stdout).toMatch(/Nothing was painted: 1 failed, 4 skipped\.$/);
  expect((await readdir(cwd)).filter((name) => /-/.test(name))).toHaveLength(2);

  const other = await startWith(
    { cwd },
    ...['a.jpg', '-s', 'great-wave', '-o', '{name}-{size}-{n}.png', ...tiny, ...shallow],
  );
  expect(other.exitCode).toBe(0);
  expect(await readdir(cwd)).toContain('a-96-1.png');
});

it('keeps the best so far when it is stopped, and says what is left', async () => {
  const cwd = await newFolder();
  await copyFile(cat, join(cwd, 'a.jpg'));
  await copyFile(coffee, join(cwd, 'b.jpg'));
  const flags = [...tiny, ...shallow, '--iterations', '5000', '--print-iterations', '1'];
  const program = startWith({ cwd }, 'a.jpg', 'b.jpg', '-s', 'great-wave', ...flags);
  let output = '';
  program.stdout.on('data', (data) => {
    output += data;
  });
  while (!output.includes('a.jpg: 3/5000')) await new Promise((resolve) => setTimeout(resolve, 20));
  program.kill('SIGINT');
  const { exitCode, stdout } = await program;
  expect(exitCode).toBe(130);
  expect(stdout).toMatch(
    /\na\.jpg: stopped after \d+ iterations, the best so far is a-great-wave\.partial\.jpg\.\nStopped: nothing was painted to the end\.\n2 are left, not painted\.$/,
  );
  expect((await readdir(cwd)).sort()).toEqual(['a-great-wave.partial.jpg', 'a.jpg', 'b.jpg']);
  const { iterations, settings } = await readProvenance(join(cwd, 'a-great-wave.partial.jpg'));
  expect(iterations).toBeGreaterThanOrEqual(3);
  expect(settings.iterations).toBe(5000);
});
