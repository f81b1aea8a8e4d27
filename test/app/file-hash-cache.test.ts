import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileHashCache } from '../../src/app/file-hash-cache.js';
import { hashBytes, hashFile } from '../../src/util/hash.js';

it('looks at a file once for each use, and again when it changes or was not good', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'checked-')), 'style.jpg');
  await writeFile(path, 'one');
  const checked = new FileHashCache();
  let looks = 0;
  const hash = (use = 'style') =>
    checked.hash(use, path, () => {
      looks++;
      return hashFile(path);
    });
  const one = hashBytes(Buffer.from('one'));
  expect(await Promise.all([hash(), hash()])).toEqual([one, one]);
  expect(looks).toBe(1);
  await hash('mask');
  expect(looks).toBe(2);
  await writeFile(path, 'other');
  expect(await hash()).toBe(hashBytes(Buffer.from('other')));
  expect(looks).toBe(3);

  const refuse = () => Promise.reject(new Error('no network'));
  await expect(checked.hash('network', path, refuse)).rejects.toThrow('no network');
  expect(await checked.hash('network', path, async () => 'fixed')).toBe('fixed');
});
