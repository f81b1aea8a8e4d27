import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import {
  freeName,
  nameFrom,
  pathFrom,
  patternExtension,
  patternOf,
  watchPattern,
} from '../../src/cli/names.js';
import { styleName } from '../../src/util/format.js';

const parts = {
  name: 'cat',
  style: 'a+b',
  preset: 'draft',
  size: '512',
  date: '2026-11-28T09:05:07',
  n: '07',
};

it('fills patterns in', () => {
  expect(pathFrom('{name}-{style}.jpg', parts)).toBe(resolve('cat-a+b.jpg'));
  expect(pathFrom('../x/{date}/{n}-{preset}-{size}.png', parts)).toBe(
    resolve('../x/2026-11-28/07-draft-512.png'),
  );
  expect(nameFrom('{date:yyyy}/{date:MM}/{date:HH.mm.ss}.png', parts)).toBe('2026/11/09.05.07.png');
  expect(pathFrom('{1}.jpg', parts)).toBe(resolve('{1}.jpg'));
});

it('leads into no other folder, hides no file, and makes no name too long for a file system', () => {
  expect(nameFrom('{name}.jpg', { ...parts, name: '../up' })).toBe('_-up.jpg');
  expect(nameFrom('{style}/{name}.jpg', { ...parts, style: '..', name: 'a\nb' })).toBe('_/a-b.jpg');
  const long = nameFrom('{name}-{style}.jpg', { ...parts, style: 'x'.repeat(300) });
  expect(Buffer.byteLength(long)).toBe(255);
  const folders = nameFrom('{style}/{name}.jpg', { ...parts, style: 'x'.repeat(300) });
  expect(folders).toBe(`${'x'.repeat(255)}/cat.jpg`);
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

it('takes what --name says as a pattern in the outbox', () => {
  expect(watchPattern('{date:yyyy}/{name}-{style}.jpg')).toBe('{date:yyyy}/{name}-{style}.jpg');
  expect(watchPattern('{date:yyyy}/')).toBe('{date:yyyy}/{name}');
  expect(['{name}', '{date:yyyy.MM}', '{name}.v2.png'].map(patternExtension)).toEqual(['', '', '.png']);
});

it.each([
  ['{nam}.jpg', /no \{nam\}\. Did you mean \{name\}\?/],
  ['{n}.jpg', /no \{n\}\./],
  ['{date:YYYY}', /\{date:YYYY\}: the format of a date has yyyy/],
  ['{date:yyyy/MM}/{name}', /format of a date/],
  ['{date:}/{name}', /format of a date/],
  ['{name:x}', /only \{date\} has a format/],
  ['../{name}.jpg', /in the folder of the paintings/],
  ['/tmp/{name}.jpg', /in the folder of the paintings/],
  ['c:\\{name}.jpg', /in the folder of the paintings/],
  ['a//{name}.jpg', /in the folder of the paintings/],
  ['.{name}.jpg', /hidden/],
  ['{name}.bmp', /cannot write that format/],
])('refuses --name %s', (name, message) => {
  expect(() => watchPattern(name)).toThrow(message);
});

it('finds the next free name', () => {
  const taken = ['/out/cat.jpg', '/out/cat-2.jpg'];
  expect(freeName('/out/cat.jpg', (path) => taken.includes(path))).toBe('/out/cat-3.jpg');
});

it('names styles by their files', () => {
  expect(styleName(['/a/great-wave.jpg', '/b/own.png'])).toBe('great-wave+own');
});
