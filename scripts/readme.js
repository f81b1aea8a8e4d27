#!/usr/bin/env node
/**
 * Writes the README's table of keys from the screen's own: `npm run readme`. With --check it only says whether the README
 * has it so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { helpFor } from '#dist/tui/help.js';

const readme = new URL('../README.md', import.meta.url);
const [begin, end] = ['<!-- keys: npm run readme -->\n', '<!-- /keys -->\n'];

const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|');
const rows = helpFor('').map(
  ({ keys, command, help }) => `| ${cell(keys)} | \`${cell(command)}\` | ${cell(help)} |\n`,
);
const table = `| key | command | what it does |\n|---|---|---|\n${rows.join('')}`;

const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(begin);
const after = rest?.split(end)[1];
if (after === undefined)
  throw new Error(`README.md: expected a part between ${begin.trim()} and ${end.trim()}`);
const renewed = `${before}${begin}${table}${end}${after}`;
if (!process.argv.includes('--check')) writeFileSync(readme, renewed);
else if (renewed !== text) {
  process.stderr.write('README.md: its table of keys is not the one of src/tui/keymap.ts: npm run readme.\n');
  process.exitCode = 1;
}
