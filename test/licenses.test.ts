/** Licenses of what is installed with the program: none that would bind it, none unknown. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));

const permissive = new Set(
  'MIT ISC Apache-2.0 BSD-2-Clause BSD-3-Clause Zlib BlueOak-1.0.0 CC0-1.0 Unlicense 0BSD NIST-Software'.split(
    ' ',
  ),
);

/** Packages whose license is not in their package.json, read by hand; libvips, which NOTICE names, is linked dynamically. */
const known = new Map([
  ['dom-walk', 'MIT'],
  ['exif-parser', 'MIT'],
  ['h5wasm', 'NIST-Software'],
]);
const isLibvips = (name: string) => /^@img\/sharp-(libvips|win32|wasm32)/.test(name);

it('has permissive licenses only, but for libvips', () => {
  const wrong: string[] = [];
  for (const [path, { license, dev, devOptional }] of Object.entries<Locked>(lock.packages)) {
    const name = path.replace(/^.*node_modules\//, '');
    if (name === '' || dev || devOptional) continue;
    const parts = (known.get(name) ?? license ?? 'unknown').replace(/[()]/g, '').split(/ (?:AND|OR) /);
    const others = parts.filter((part) => !permissive.has(part));
    if (others.some((part) => part !== 'LGPL-3.0-or-later' || !isLibvips(name)))
      wrong.push(`${name}: ${parts.join(', ')}`);
  }
  expect(wrong).toEqual([]);
  expect(readFileSync(new URL('../NOTICE', import.meta.url), 'utf8')).toContain('libvips');
});
