/** The config file: what it may say, and what holds. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { paintingFlags } from '../../src/cli/commands/config.js';
import { loadConfig, readConfig } from '../../src/cli/config.js';
import { explicitSettings } from '../../src/cli/flags/options.js';
import { cat, wave } from '../e2e/program.js';

let path: string;
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'config-')), 'config.json');
});
const put = (values: unknown) =>
  writeFile(path, typeof values === 'string' ? values : JSON.stringify(values));
const read = (command = 'watch') => readConfig(command, paintingFlags, path);

it('says nothing if it is not there', async () => {
  expect(await readConfig('watch', paintingFlags, join(path, 'nowhere'))).toMatchObject({
    settings: {},
    presets: [],
    flags: {},
  });
});

it('has a part for each command, which its other parts do not concern', async () => {
  await put({
    preset: ['draft'],
    size: 100,
    threads: 1,
    styles: ['great-wave', 'own.jpg'],
    watch: { recursive: true, size: 200 },
    run: { output: '{name}.png', overwrite: true },
  });
  const styles = [wave, join(path, '..', 'own.jpg')];
  expect(await read('watch')).toEqual({
    path,
    presets: ['draft'],
    settings: { size: 200, styles },
    flags: { threads: 1, recursive: true },
  });
  expect(await read('run')).toMatchObject({
    settings: { size: 100, styles },
    flags: { threads: 1, output: '{name}.png', overwrite: true },
  });
});

it.each<[unknown, RegExp]>([
  ['{', /not JSON/],
  ['[]', /expected settings/],
  [{ sise: 3 }, /there is no flag sise\. Did you mean size\?/],
  [{ size: 9 }, /size 9: expected 32 or more/],
  [{ size: '9k' }, /size 9k: expected a number/],
  [{ threads: 'two' }, /threads "two": expected a number/],
  [{ recursive: 'yes' }, /recursive "yes": expected true or false/],
  [{ engine: 'onyx' }, /engine "onyx": expected one of auto, onnx, tensorflow/],
  [{ device: 3 }, /device 3: expected a list of texts/],
  [{ memory: 'much' }, /--memory much: expected a size/],
  [{ watch: { name: '../{name}' } }, /watch: --name .*in the folder of the paintings/],
  [{ preset: 'darft' }, /Did you mean draft\?/],
  [{ styles: ['stary-night'] }, /Did you mean starry-night\?/],
  [{ output: 'x.jpg' }, /output: means something else for each command/],
  [{ run: { recursive: true } }, /: run: there is no flag recursive/],
  [{ run: 3 }, /: run: expected settings/],
])('refuses %j, and names itself', async (values, message) => {
  await put(values);
  const error = await read().catch((error: Error) => error);
  expect(error).toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
  expect((error as Error).message.startsWith(`${path}: `)).toBe(true);
});

it('stands below the command line, whose presets replace its own', async () => {
  await put({ preset: 'draft', size: 100, styles: ['great-wave'] });
  await loadConfig('run', paintingFlags, path);
  expect(await explicitSettings({})).toMatchObject({ size: 100, iterations: 10, styles: [wave] });
  expect(await explicitSettings({ preset: ['best'] })).toMatchObject({ size: 1024, iterations: 60 });
  const { size, width } = await explicitSettings({ width: 64 });
  expect({ size, width }).toEqual({ size: 100, width: 64 });
  expect(await explicitSettings({ styles: [cat] })).toMatchObject({ styles: [cat] });
  // A repeated painting is as it was.
  expect(await explicitSettings({}, { size: 77, styles: [cat] })).toMatchObject({ size: 77, styles: [cat] });
  await loadConfig('run', paintingFlags, join(path, 'nowhere'));
});
