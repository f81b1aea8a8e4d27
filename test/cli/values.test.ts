import { mkdtemp, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  bytes,
  expandHome,
  files,
  last,
  layerShares,
  layerStyles,
  list,
  numbers,
  toNumber,
  toShare,
} from '../../src/cli/flags/values.js';

it('reads lists by comma or space', () => {
  expect(list(['a,b', 'c'])).toEqual(['a', 'b', 'c']);
  expect(numbers(['0.7,0.3'])).toEqual([0.7, 0.3]);
  expect(list(undefined)).toBeUndefined();
});

it('takes the name of a file that is there whole, comma and all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'values-'));
  const path = join(folder, 'a,b.jpg');
  await writeFile(path, '');
  expect(files([path, 'c,d'])).toEqual([path, 'c', 'd']);
});

it.each([
  ['~/a.jpg,~/b.jpg', 'H/a.jpg,H/b.jpg'],
  ['--styles=~/a.jpg,b.jpg,~/c~/d.jpg', '--styles=H/a.jpg,b.jpg,H/c~/d.jpg'],
  ['relu1_1=~/a.jpg:0.5+~/b.jpg:0.5', 'relu1_1=H/a.jpg:0.5+H/b.jpg:0.5'],
  ['--output=~', '--output=H'],
  ['~somebody/a.jpg', '~somebody/a.jpg'],
  ['a~/b.jpg', 'a~/b.jpg'],
])('puts the home folder in for ~ in %s', (argument, expected) => {
  expect(expandHome(argument)).toBe(expected.replaceAll('H', homedir()));
});

it('leaves ~ alone in the name of a file that is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'values-'));
  const path = join(folder, 'a,~');
  await writeFile(path, '');
  expect(expandHome(path)).toBe(path);
  expect(expandHome(`${path},`)).not.toBe(`${path},`);
});

it('lets the last of a flag count', () => {
  expect(last([2, 1])).toBe(1);
  expect(last(3)).toBe(3);
  expect(last(undefined)).toBeUndefined();
});

it('reads sizes of memory, in thousands or in 1024s', () => {
  expect(bytes('2GB')).toBe(2e9);
  expect(bytes(['1g', '1.5 GiB'])).toBe(1.5 * 2 ** 30);
  expect(bytes('800M')).toBe(800e6);
  expect(bytes(undefined)).toBeUndefined();
  for (const wrong of ['2', 'much', '0GB', '1.2.3GB', '-1GB']) expect(() => bytes(wrong)).toThrow(wrong);
});

it('reads numbers, and leaves what is none for the message', () => {
  expect(toNumber(['6', '1'])).toBe(1);
  expect(toNumber('1e-8')).toBe(1e-8);
  expect(toNumber('abc')).toBe('abc');
  expect(toNumber(undefined)).toBeUndefined();
});

it('reads a share as a number or in per cent', () => {
  expect(toShare('0.001')).toBe(0.001);
  expect(toShare(['5%', '0.1%'])).toBeCloseTo(0.001, 12);
  expect(toShare('little')).toBe('little');
  expect(toShare('a%')).toBe('a%');
  expect(toShare(undefined)).toBeUndefined();
});

it('reads shares of layers', () => {
  expect(layerShares('relu2_2:0.3,relu4_2')).toEqual({ relu2_2: 0.3, relu4_2: 1 });
});

it('reads styles of layers, and paths with colons', () => {
  expect(layerStyles(['relu1_1=a.jpg,relu4_1=b.jpg:0.6+c.jpg:0.4', 'relu5_1=C:\\d.jpg:2'])).toEqual({
    relu1_1: [{ style: 'a.jpg', share: 1 }],
    relu4_1: [
      { style: 'b.jpg', share: 0.6 },
      { style: 'c.jpg', share: 0.4 },
    ],
    relu5_1: [{ style: 'C:\\d.jpg', share: 2 }],
  });
  expect(() => layerStyles('a.jpg')).toThrow(/expected LAYER=STYLE/);
});
