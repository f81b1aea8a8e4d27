import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { freeName, nameFrom, patternOf } from '../../src/cli/names.js';
import { styleName } from '../../src/util/format.js';

const parts = { name: 'cat', style: 'a+b', preset: 'draft', size: '512', date: '2026-11-28', n: '07' };

it('fills patterns in', () => {
  expect(nameFrom('{name}-{style}.jpg', parts)).toBe(resolve('cat-a+b.jpg'));
  expect(nameFrom('x/{date}/{n}-{preset}-{size}.png', parts)).toBe(resolve('x/2026-11-28/07-draft-512.png'));
  expect(nameFrom('{1}.jpg', parts)).toBe(resolve('{1}.jpg'));
});

it('leads into no other folder, and makes no name too long for a file system', () => {
  expect(nameFrom('{name}.jpg', { ...parts, name: '../up' })).toBe(resolve('..-up.jpg'));
  const long = nameFrom('{name}-{style}.jpg', { ...parts, style: 'x'.repeat(300) });
  expect(Buffer.byteLength(long.slice(resolve('.').length + 1))).toBe(255);
  expect(long).toMatch(/x\.jpg$/);
});

it('takes what --output says as a name, a folder or a pattern', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'names-'));
  expect(patternOf(undefined, 3)).toBe('{name}-{style}.jpg');
  expect(patternOf(folder, 3)).toBe(join(folder, '{name}-{style}.jpg'));
  expect(patternOf('new/', 3)).toBe(join('new', '{name}-{style}.jpg'));
  expect(patternOf('x.png', 1)).toBe('x.png');
  expect(patternOf('{n}.png', 3)).toBe('{n}.png');
  expect(() => patternOf('x.png', 2)).toThrow(/one name for 2 paintings/);
  expect(() => patternOf('{size}-{sytle}.png', 1)).toThrow(/no \{sytle\}\. Did you mean \{style\}\?/);
});

it('finds the next free name', () => {
  const taken = ['/out/cat.jpg', '/out/cat-2.jpg'];
  expect(freeName('/out/cat.jpg', (path) => taken.includes(path))).toBe('/out/cat-3.jpg');
});

it('names styles by their files', () => {
  expect(styleName(['/a/great-wave.jpg', '/b/own.png'])).toBe('great-wave+own');
});
