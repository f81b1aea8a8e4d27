/** The package that npm would publish, installed elsewhere. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { cat, newFolder } from './program.js';

it('works when installed in another folder', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const folder = await newFolder();
  await execa('npm', ['pack', '--pack-destination', folder], { cwd: root });
  const [archive] = await readdir(folder);
  await execa('npm', ['init', '--yes'], { cwd: folder });
  await execa(
    'npm',
    ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', archive],
    { cwd: folder },
  );
  const style = join(folder, 'node_modules/stylize-tui/presets/styles/great-wave.jpg');
  const flags = [
    '--content',
    cat,
    '--styles',
    style,
    '--output',
    'out.png',
    '--size',
    '64',
    '--iterations',
    '2',
  ];
  const { stdout } = await execa(join(folder, 'node_modules/.bin/stylize-tui'), ['run', ...flags], {
    cwd: folder,
  });
  expect(stdout).toMatch(/done in/);
  expect(await readdir(folder)).toContain('out.png');
}, 240_000);
