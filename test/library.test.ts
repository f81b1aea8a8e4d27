/** The library, as a program uses it that has the package installed. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { readProvenance } from '../src/image/xmp.js';
import { cat, newFolder, wave } from './e2e/program.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await newFolder();
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/stylize-tui'));
  await copyFile(cat, join(folder, 'photo.jpg'));
  await copyFile(wave, join(folder, 'wave.jpg'));
});

/** Runs a module in a program of its own. */
async function program(code: string) {
  const file = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(file, code);
  return run(process.execPath, [file], { cwd: folder });
}

/** The examples of the documentation, small enough for a test. */
async function examples(): Promise<string[]> {
  const page = await readFile(join(root, 'docs/library.md'), 'utf8');
  return Array.from(page.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) =>
    code.replace(/(preset: 'draft',)/, '$1 size: 64,'),
  );
}

it('paints a file as in the first example, with its recipe', async () => {
  const [example] = await examples();
  const { stdout, stderr } = await program(example.replace('size: 64,', 'size: 64, iterations: 3,'));
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^0 of 3: [\d.]+\n1 of 3: [\d.]+\n2 of 3: [\d.]+\n3 of 3: [\d.]+\nPainted in \d+ s: /,
  );
  const { settings, iterations } = await readProvenance(join(folder, 'painting.jpg'));
  expect(settings).toMatchObject({ blend: [0.7, 0.3], size: 64, iterations: 3 });
  expect(iterations).toBe(3);
});

it('yields every iterate and takes changes, as in the second example', async () => {
  const [, example] = await examples();
  await program(example);
  const { width, height } = await sharp(join(folder, 'painting.png')).metadata();
  expect([width, height]).toEqual([64, 43]);
});

it('paints in a child process with the same numbers', async () => {
  const { stdout } = await program(`
    import { paint } from 'stylize-tui';
    const totals = [];
    for (const childProcess of [false, true])
      for await (const step of paint('photo.jpg', { styles: ['wave.jpg'], size: 64, iterations: 2, output: 'both.png', overwrite: true, childProcess }))
        if (step.event === 'done') totals.push(step.losses.total);
    console.log(JSON.stringify(totals));`);
  const [here, there] = JSON.parse(stdout);
  expect(there).toBeCloseTo(here, 6);
});

it('abandons a painting whose loop is left or whose signal is aborted, and writes nothing', async () => {
  const { stdout } = await program(`
    import { existsSync } from 'node:fs';
    import { paint } from 'stylize-tui';
    const options = { styles: ['wave.jpg'], size: 64, iterations: 500 };
    for await (const step of paint('photo.jpg', { ...options, output: 'left.png' })) if (step.iteration === 2) break;
    const controller = new AbortController();
    try {
      for await (const step of paint('photo.jpg', { ...options, output: 'aborted.png', signal: controller.signal }))
        if (step.iteration === 2) controller.abort(new Error('enough'));
    } catch (error) {
      console.log(error.message, existsSync('left.png'), existsSync('aborted.png'));
    }`);
  expect(stdout).toBe('enough false false\n');
});

it('says what is wrong as a UserError', async () => {
  const { stdout } = await program(`
    import { paint, presets, recipeFor, settingsSchema, UserError } from 'stylize-tui';
    const reason = async (work) => {
      try { await work(); } catch (error) { console.log(error instanceof UserError, error.message.split('.')[0]); }
    };
    await reason(async () => { for await (const step of paint('none.jpg', { styles: ['wave.jpg'], output: 'x.png' })); });
    await reason(async () => { for await (const step of paint('photo.jpg', { styles: ['wave.jpg'], output: 'x.gif' })); });
    await reason(() => recipeFor({ styles: ['starry-nite'] }));
    await reason(() => recipeFor({ styles: ['wave.jpg'], styleWeight: -1 }));
    console.log((await presets()).best.size, settingsSchema.parse({ styles: ['a'] }).iterations);`);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^true .*none$/);
  expect(lines[1]).toMatch(/^true .*x$/);
  expect(lines[2]).toMatch(/^true --style starry-nite: there is no such file/);
  expect(lines[3]).toMatch(/^true Wrong settings: styleWeight/);
  expect(lines[4]).toBe('1024 32');
});
