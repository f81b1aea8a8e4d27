#!/usr/bin/env node
/**
 * Writes the tables of flags and keys in docs/ from the program's help: `npm run docs`. With --check it only checks that they
 * are up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { runCommand } from '#dist/cli/commands/run.js';
import { watchCommand } from '#dist/cli/commands/watch.js';
import { describeCommand } from '#dist/cli/flags/catalog.js';
import { kebab, toNumber } from '#dist/cli/flags/values.js';
import { settingNames } from '#dist/settings/settings.js';
import { helpFor } from '#dist/tui/help.js';

/**
 * Example values of flags, except for switches, numbers and choices.
 * @type {Record<string, string>}
 */
const examples = {
  style: 'a.jpg,b.jpg',
  styles: 'a.jpg b.jpg',
  blend: '0.7,0.3',
  preset: 'NAME',
  'print-size': '10x15cm@300',
  until: '0.1%',
  'content-layers': 'relu2_2:0.3,…',
  'style-layers': 'relu1_1:1,…',
  'layer-styles': 'relu1_1=a.jpg,…',
  'style-scales': '1,0.5',
  masks: 'sky.png,ground.png',
  initial: 'x.jpg',
  network: 'FILE',
  content: 'photo.jpg',
  from: 'out.jpg',
  enlarge: '4x',
  output: 'PATH',
  name: 'PATTERN',
  'checkpoint-output': 'foo_{:04}.jpg',
  include: 'PATTERN…',
  exclude: 'PATTERN…',
  'sidecar-limit': 'N',
  gallery: '8734',
  'gallery-host': 'ADDRESS',
  'gallery-title': 'TITLE',
  device: 'cuda:0',
  within: '60s',
  exec: 'COMMAND',
  'exec-failed': 'COMMAND',
  'exec-timeout': '60s',
  'move-done': 'FOLDER',
  'move-failed': 'FOLDER',
  memory: '2GB',
  log: 'FILE',
  health: 'FILE',
  queue: 'redis://host',
  store: 'FOLDER',
  'queue-name': 'NAME',
  'queue-password-file': 'FILE',
};

/**
 * Sentences that the table adds to a flag's help.
 * @type {Record<string, string>}
 */
const notes = {
  style: 'Several are separated by comma, or each has its own `--style`.',
  blend: 'Scaled to a sum of 1.',
  preset:
    '`good` by default; later presets override earlier ones, and flags override presets: [Presets](settings.md#presets).',
  'print-size': '[Prints](prints.md)',
  bleed: 'The network would paint a rim at the edges.',
  until: '0: never.',
  scales: 'Each is half the next.',
  'style-weight': '[Looks](looks.md)',
  'style-loss':
    'With `gram`, the loss of anishathalye/neural-style, the weights are 5, 2000, 400 by default.',
  'keep-frame': 'Otherwise it is detected and left out.',
  masks: 'Stretched to the photo.',
  'checkpoint-output': 'A snapshot is the best picture so far; one is also saved at the end.',
  'progress-write': '`out.progress.csv` for `out.jpg`.',
  'progress-plot': '`out.progress.png` for `out.jpg`.',
  name: '[Folders](folders.md)',
  recursive: 'Otherwise they are ignored.',
  include:
    'Folders such as @eaDir, #recycle and lost+found are ignored otherwise: [Choosing photos](after.md#choosing-photos).',
  repaint: 'Otherwise they are skipped.',
  duplicates: '`paint`: paint it under each name.',
  force: 'Otherwise photos that were painted with the same settings are skipped.',
  gallery: '[Gallery](gallery.md)',
  engine: 'Tested once: [Graphics cards](gpu.md).',
  exec: '[After a painting](after.md)',
  queue: '[Several machines](cluster.md)',
  color: '`NO_COLOR` is respected.',
};

/** @typedef {import('#dist/cli/flags/catalog.js').Option} Option */

/**
 * `--size N`
 * @param {string} name
 * @param {Option} option
 */
function flagOf(name, { type, alias, choices, coerce, default: usual }) {
  const aliases = [alias ?? []].flat();
  if (type === 'boolean') return `\`--${usual === true ? 'no-' : ''}${name}\``;
  const value = choices?.join('|') ?? examples[name] ?? (coerce === toNumber ? 'N' : undefined);
  if (value === undefined) throw new Error(`scripts/docs.js: expected an example value for --${name}.`);
  return `\`--${name} ${value}\`${aliases.map((each) => `, \`${each.length === 1 ? '-' : '--'}${each}\``).join('')}`;
}

/**
 * @param {string} name
 * @param {Option} option
 */
function helpOf(name, { describe, choices, default: usual }) {
  const help = describe
    // Not the number of cores of this machine.
    .replace(`(${availableParallelism()})`, name === 'threads' ? '(all cores)' : '$&')
    .replace(/docs\/(\w+)\.md/, '[$&]($1.md)')
    .replace(/<[^>]+>[^ )]*|\{name\}-\{style\}\.jpg/, '`$&`');
  const chosen = choices && typeof usual === 'string' ? ` (${usual})` : '';
  return `${help}${chosen}${name in notes ? `. ${notes[name]}` : ''}`;
}

/** @param {readonly (readonly string[])[]} rows of cells, the heading first */
function table([heading, ...rows]) {
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(heading), `${'|---'.repeat(heading.length)}|\n`, ...rows.map(line)].join('');
}

const [watch, run] = [watchCommand, runCommand].map(({ builder }) => describeCommand(builder).options);
const looks = ['style', 'preset', ...settingNames.map(kebab)];
for (const name of [...Object.keys(examples), ...Object.keys(notes)])
  if (!watch.has(name) && !run.has(name)) throw new Error(`scripts/docs.js: there is no flag --${name}.`);

const lookRows = [...run]
  .filter(([name]) => looks.includes(name))
  .map(([name, option]) => [flagOf(name, option), helpOf(name, option)]);
/** @type {(command: string, options: Map<string, Option>, wanted: (name: string, option: Option) => boolean) => string[][]} */
const runningRows = (command, options, wanted) =>
  [...options]
    .filter(([name, option]) => !looks.includes(name) && wanted(name, option))
    .map(([name, option]) => [flagOf(name, option), command, helpOf(name, option)]);
const isShared = (/** @type {string} */ name) => run.get(name)?.describe === watch.get(name)?.describe;

/**
 * The generated parts of each page, by the name in their marks.
 * @type {Record<string, Record<string, string>>}
 */
const pages = {
  'docs/commands.md': {
    looks: table([['flag', 'what it does'], ...lookRows]),
    running: table([
      ['flag', 'command', 'what it does'],
      ...runningRows('run', run, (name) => !isShared(name)),
      ...runningRows('watch', watch, (name) => !isShared(name)),
      ...runningRows('both', run, isShared),
    ]),
  },
  'docs/screen.md': {
    keys: table([
      ['key', 'command', 'what it does'],
      ...helpFor('').map(({ keys, command, help }) => [keys, `\`${command}\``, help]),
    ]),
  },
};

for (const [page, parts] of Object.entries(pages)) {
  const file = new URL(`../${page}`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  let updated = text;
  for (const [name, part] of Object.entries(parts)) {
    const [begin, end] = [`<!-- ${name}: npm run docs -->\n`, `<!-- /${name} -->\n`];
    const [before, rest] = updated.split(begin);
    const after = rest?.split(end)[1];
    if (after === undefined)
      throw new Error(`${page}: expected a part between ${begin.trim()} and ${end.trim()}`);
    updated = before + begin + part + end + after;
  }
  if (!process.argv.includes('--check')) writeFileSync(file, updated);
  else if (updated !== text) {
    process.stderr.write(`${page}: its tables of flags or keys are out of date. Run npm run docs.\n`);
    process.exitCode = 1;
  }
}
