import { link, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { checkOutputs, snapshotNames } from '../../src/cli/flags/outputs.js';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outputs-'));
  await writeFile(at('photo.jpg'), 'photo');
});

const check = (
  output: string,
  more: { progress?: string[]; snapshots?: string[]; overwrite?: boolean } = {},
) =>
  checkOutputs(
    {
      output: at(output),
      progress: (more.progress ?? []).map(at),
      snapshots: (more.snapshots ?? []).map(at),
    },
    [at('photo.jpg')],
    more.overwrite ?? true,
  );

it('never lets a painting replace its photo, whatever names lead there', async () => {
  await expect(check('photo.jpg')).rejects.toThrow(/--output .*would replace/);
  await mkdir(at('real'));
  await symlink(at('real'), at('linked'));
  await writeFile(at('real/photo.jpg'), 'photo');
  const outputs = { output: at('linked/photo.jpg'), progress: [], snapshots: [] };
  await expect(checkOutputs(outputs, [at('real/photo.jpg')], true)).rejects.toThrow(/would replace/);
  await symlink(at('photo.jpg'), at('name.jpg'));
  const throughLink = { output: at('photo.jpg'), progress: [], snapshots: [] };
  await expect(checkOutputs(throughLink, [at('name.jpg')], true)).rejects.toThrow(/would replace/);
  await expect(check('new.jpg', { progress: ['photo.jpg'] })).rejects.toThrow(/would replace/);
  await expect(check('new.jpg', { snapshots: ['photo.jpg'] })).rejects.toThrow(/--checkpoint-output/);
  // A second name of the photo is only a name: replacing it leaves the photo.
  await link(at('photo.jpg'), at('second.jpg'));
  await check('second.jpg');
});

it('finds what cannot be written before the work', async () => {
  await mkdir(at('folder.jpg'));
  await expect(check('folder.jpg')).rejects.toThrow(/is a folder/);
  await expect(check(`${'x'.repeat(300)}.jpg`)).rejects.toThrow(/ENAMETOOLONG/);
  await expect(check('photo.jpg/out.jpg')).rejects.toThrow(/ENOTDIR/);
  await symlink(at('nowhere.jpg'), at('dangling.jpg'));
  await expect(check('dangling.jpg', { overwrite: false })).rejects.toThrow(/already exists/);
  await writeFile(at('old.progress.csv'), '');
  await expect(check('old.jpg', { progress: ['old.progress.csv'], overwrite: false })).rejects.toThrow(
    /exists/,
  );
  await expect(check('out_6.jpg', { snapshots: ['out_3.jpg', 'out_6.jpg'] })).rejects.toThrow(
    /out_6.jpg is the file of --output/,
  );
  await check('deep/er/out.jpg', { overwrite: false });
});

it('knows every name that a snapshot will have', () => {
  expect(snapshotNames(7, { output: 'a_{:02}.jpg', every: 3 })).toEqual([
    'a_00.jpg',
    'a_03.jpg',
    'a_06.jpg',
    'a_07.jpg',
  ]);
  expect(snapshotNames(7, undefined)).toEqual([]);
});
