/** Paintings side by side, in the terminal and on a sheet. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { captionsOf } from '../../src/cli/commands/compare.js';
import type { Provenance } from '../../src/settings/provenance.js';
import { settingsSchema } from '../../src/settings/settings.js';
import { cat, coffee, newFolder, rocket, start } from './program.js';

it('names the settings in which paintings differ, and no others', () => {
  const painted = (settings: object) => ({
    path: 'a.jpg',
    recipe: { settings: settingsSchema.parse(settings) } as Provenance,
  });
  const all = [
    painted({ styles: ['/s/wave.jpg'], styleWeight: 3, size: 64 }),
    painted({ styles: ['/s/wave.jpg', '/s/scream.jpg'], size: 64 }),
    { path: 'photo.jpg' },
  ];
  expect(captionsOf(all)).toEqual([
    'style-weight 3, styles wave.jpg',
    'style-weight 10, styles wave.jpg+scream.jpg',
    'not a painting of stylize-tui',
  ]);
});

it('shows pictures in rows that fit, and draws a sheet that replaces nothing', async () => {
  const folder = await newFolder();
  const [bad, sheet] = ['bad.jpg', 'sheet.png'].map((name) => join(folder, name));
  await writeFile(bad, 'no picture');
  const { stdout, stderr, exitCode } = await start('compare', cat, coffee, bad);
  const lines = stdout.split('\n');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(lines.find((line) => /cat\.jpg/.test(line))).toMatch(/^cat\.jpg {2,}coffee\.jpg$/);
  expect(lines).toContain('bad.jpg');
  expect(stderr).toMatch(/bad\.jpg: not a picture that can be read/);
  expect(exitCode).toBe(1);

  const drawn = await start('compare', cat, coffee, rocket, '-o', sheet);
  expect(drawn).toMatchObject({ exitCode: 0, stderr: '' });
  const { width, height } = await sharp(sheet).metadata();
  expect(width! / height!).toBeGreaterThan(2);
  const again = await start('compare', cat, coffee, '-o', sheet);
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/already exists/) });
});
