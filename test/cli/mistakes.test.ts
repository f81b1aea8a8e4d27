/** What the command line says about mistakes. In this process, since each start of the program costs half a second. */
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorCommand } from '../../src/cli/commands/doctor.js';
import { commands } from '../../src/cli/commands.js';
import { describeCommand } from '../../src/cli/flags/catalog.js';
import { commandNames } from '../../src/cli/flags/mistakes.js';
import { runCommandLine } from '../../src/cli/main.js';
import { UserError } from '../../src/util/errors.js';
import { cat, wave } from '../e2e/program.js';

const before = process.cwd();
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mistakes-'));
  await copyFile(cat, join(folder, 'cat.jpg'));
  await writeFile(join(folder, 'two.json'), JSON.stringify({ styles: ['cat.jpg', 'cat.jpg'] }));
  process.chdir(folder);
});
afterAll(() => process.chdir(before));

/** The message that a command line is answered with. */
async function answer(line: string): Promise<string> {
  try {
    await runCommandLine(line.split(' ').filter(Boolean));
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error(`${line}: is no mistake`);
}

const ofCommands: [string, RegExp][] = [
  ['', /^Which photo\? .*--style starry-night.*--help/],
  ['wach inbox', /^wach: there is no such command or file\. Did you mean watch\?/],
  ['frobnicate', /^frobnicate: there is no such command or file\.\nSee stylize-tui --help/],
  ['run', /^Which photo\? For example/],
  ['run --styles a.jpg cat.jpg', /^Which photo\?.*--styles takes all words that follow/s],
  [
    'watch',
    /^watch needs <inbox> \(Folder with the photos; several have one --output\)\. For example: stylize-tui watch \.\/inbox/,
  ],
  ['watch cat.jpg more', /^watch cat\.jpg, more: several inboxes need --output/],
  ['sweep', /^sweep needs --content \(.*\) and --output/],
  ['sweep --content cat.jpg -o s.jpg', /^Which styles\?/],
  ['models', /Which one\? Choose list, info/],
  ['models lst', /^lst: .*Did you mean list\?/],
  ['models convert', /^models convert needs <file> \(.*\) and <out> \(/],
  ['models convert a', /^models convert needs/],
  ['engine instal cuda', /Did you mean install\?/],
  ['engine install cuba', /cuba: expected one of tensorflow, cuda\. Did you mean cuda\?/],
  ['jobs show', /^jobs show needs <jobs>.*For example: stylize-tui jobs show 12/],
  ['jobs retr', /nothing was painted here.*Did you mean retry\?/],
  ['jobs retr 12', /Did you mean retry\?/],
];

const ofFlags: [string, RegExp][] = [
  ['--verison', /^--verison: there is no such flag\. Did you mean --version\?/],
  ['cat.jpg --stlye x', /^--stlye: there is no such flag\. Did you mean --style\?/],
  ['cat.jpg --style-wieght 3', /^--style-wieght: .*Did you mean --style-weight\?/],
  ['cat.jpg --styleWieght 3', /^--styleWieght: .*Did you mean --style-weight\?/],
  ['cat.jpg --no-tiu', /^--no-tiu: .*Did you mean --no-tui\?/],
  ['cat.jpg --iter 3', /Did you mean --iterations\?/],
  ['cat.jpg -size 3', /^-size: .*Did you mean --size\?/],
  ['cat.jpg -x', /^-x: there is no such flag\.\nSee stylize-tui run --help/],
  ['run cat.jpg --once', /It is a flag of watch, work\./],
  ['cat.jpg -s', /^-s needs a value/],
  ['cat.jpg --size', /^--size needs a value/],
  ['cat.jpg --size=', /^--size= needs a value/],
  ['cat.jpg --flavour red', /^--flavour: there is no such flag/],
  ['cat.jpg --colour red', /^--color red: expected one of auto, always, never/],
];

const paint = `cat.jpg -s ${wave}`;
const ofValues: [string, RegExp][] = [
  ['caat.jpg -s x.jpg', /^caat\.jpg: there is no such file\. Did you mean cat\.jpg\?/],
  ['none/*.jpg -s x.jpg', /^none\/\*\.jpg: no photo matches/],
  [`${tmpdir()}/mistakes-nowhere/ -s x.jpg`, /there is no such file/],
  ['cat.jpg', /--styles? needs at least one/],
  ['cat.jpg -s stary-night', /^--style stary-night: .*Did you mean starry-night\?/],
  ['cat.jpg -s nowhere.jpg', /nowhere\.jpg: there is no such file/],
  ['cat.jpg -s draft', /^--style draft: that preset has no style\. Use it with --preset draft/],
  [`${paint} --preset darft`, /^--preset darft: .*Did you mean draft\?/],
  [
    `${paint} --preset draft broad -o x.jpg`,
    /^broad: there is no such file\. For the preset: --preset broad/,
  ],
  [`${paint} --size big`, /--size big: expected a number/],
  [`${paint} --size 9.5k`, /--size 9500: expected 8192 or less/],
  [`${paint} --width 0.1k --size 1k`, /^--size and --width exclude each other/],
  [`${paint} --start noise --initial cat.jpg`, /^--initial and --start exclude each other/],
  [`${paint} --style-size 100 --style-scales 2`, /exclude each other/],
  [`${paint} --style-layers relu1_1 --style-layer-weight-exp 2`, /exclude each other/],
  [`${paint} --content-layers relu1_1 --content-weight-blend 0.5`, /exclude each other/],
  [`${paint} --learning-rate 5`, /^--learning-rate: has no effect without --optimizer adam/],
  [
    `${paint} --start nois`,
    /^--start nois: expected one of content, recolored, noise\. Did you mean noise\?/,
  ],
  [`${paint} --optimizer adan`, /Did you mean adam\?/],
  [`${paint} --style-layers relu1_9`, /no layer "relu1_9"\. Did you mean relu1_\d\?/],
  [`${paint} --style-layers conv4_2`, /conv4_2.*did you mean relu4_2\?/],
  [`${paint} --layer-styles relu4_1`, /expected LAYER=STYLE/],
  [`${paint} --layer-styles relu4_1=starri-night`, /Did you mean starry-night\?/],
  [`${paint} --blend 1,2`, /2 weights for 1 style/],
  [`${paint} --blend=-1`, /from 0 up/],
  [`${paint} --blend much`, /--blend NaN.*number/],
  [`${paint} --memory much`, /--memory much: expected a size, such as 2GB/],
  [`${paint} --until much`, /--until much: expected a number/],
  [`${paint} --threads 9k`, /--threads 9000: this machine has/],
  [`${paint} --slots 0`, /--slots 0: expected a whole number from 1 up/],
  [`${paint} --device gpu:0`, /--device gpu:0/],
  [`${paint} --engine onnyx`, /Did you mean onnx\?/],
  [`${paint} --checkpoint-iterations 5`, /need each other/],
  [`${paint} -o x.bmp`, /cannot write that format/],
  [`${paint} -o {nam}.jpg`, /there is no \{nam\}\. Did you mean \{name\}\? There are \{name\}, /],
  [`${paint} -o cat.jpg --overwrite`, /never changed/],
  [
    `${paint} ${wave} -o x.jpg`,
    /^--output x\.jpg: one name for 2 paintings\. Name a folder \(x\/\) or a pattern/,
  ],
  [`${paint} ${wave} --progress-write`, /^--progress-write: is for one photo only/],
  [`${paint} --from cat.jpg`, /carries no recipe/],
  ['watch nowhere -s starry-night', /nowhere: there is no such folder/],
  ['watch cat.jpg -s starry-night', /expected a folder, got a file/],
  ['watch . -s starry-night -o .', /paintings cannot go into the inbox itself/],
  ['watch . -s starry-night --sidecar-limit few', /--sidecar-limit: expected a number/],
  ['watch . -s starry-night --duplicates drop', /--duplicates drop: expected one of skip, paint/],
  ['presets goood', /Did you mean good\?/],
];

it.each([...ofCommands, ...ofFlags, ...ofValues])('answers: %s', async (line, message) => {
  expect(await answer(line)).toMatch(message);
});

it('knows the names of all commands', () => {
  const names = [...commands, doctorCommand].map(({ command }) => String(command).split(' ')[0]);
  expect(names.sort()).toEqual([...commandNames].sort());
});

describe('every flag of every command', () => {
  const flags = commands.flatMap(({ command, builder }) =>
    [...describeCommand(builder).options].map(([name, option]) => ({
      command: String(command).split(' ')[0],
      name,
      ...option,
    })),
  );

  it('is described in a line, and says what it takes', () => {
    for (const { command, name, describe, type } of flags) {
      expect(describe, `${command} --${name}`).toMatch(/^\S[^\n]{5,140}$/);
      expect(['string', 'boolean'], `${command} --${name}`).toContain(type);
    }
  });

  it('asks for a value if it needs one, and names itself', async () => {
    const needy = flags.filter(({ requiresArg, command }) => requiresArg && command === 'run');
    expect(needy.length).toBeGreaterThan(40);
    for (const { name } of needy)
      expect(await answer(`run --${name}`), name).toMatch(new RegExp(`^--${name} needs a value`));
  });

  it('refuses what is none of its choices, and names them', async () => {
    const choosy = flags.filter(({ choices, command }) => choices && command === 'watch');
    expect(choosy.length).toBeGreaterThan(5);
    for (const { name, choices } of choosy)
      expect(await answer(`watch . --${name} nonsense`), name).toContain(
        `--${name} nonsense: expected one of ${choices!.join(', ')}`,
      );
  });
});
