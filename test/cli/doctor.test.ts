/** What doctor's checks find, and how it is shown. */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkPlace } from '../../src/cli/checks/engines.js';
import { bad, describeError, good, missing } from '../../src/cli/checks/finding.js';
import { checkFolder } from '../../src/cli/checks/folders.js';
import { hideHome } from '../../src/cli/checks/home.js';
import { checkFormats } from '../../src/cli/checks/libraries.js';
import { checkLibrary, checkMemory, checkNode } from '../../src/cli/checks/machine.js';
import {
  checkCharacters,
  checkColors,
  checkKeys,
  checkPictures,
  checkScreen,
} from '../../src/cli/checks/terminal.js';
import { areaText } from '../../src/cli/checks/text.js';
import { checkInstallScripts, checkTool } from '../../src/cli/checks/tools.js';
import { nvidiaCards } from '../../src/engine/nvidia.js';
import { UserError } from '../../src/util/errors.js';
import { ascii, unicode } from '../../src/util/format.js';
import { newFolder } from '../e2e/program.js';

afterEach(() => void vi.unstubAllEnvs());

describe('text', () => {
  const findings = [
    good('Node', '20.19.0'),
    missing('image protocol', 'none 8×8'),
    bad('cache', 'a sentence that is longer than the line has columns left for it', 'mv a b'),
    bad('data', `${'/abcd'.repeat(10)}: not there`, `${'rm '.repeat(15)}&& mv a b`),
  ];

  it('is aligned in columns, and what is bad ends with what fixes it', () => {
    const text = stripVTControlCharacters(areaText('area', findings, 60, { glyphs: unicode }));
    expect(text.split('\n')).toEqual([
      'area',
      '  good     Node               20.19.0',
      '  missing  image protocol     none 8×8',
      '  bad      cache              a sentence that is longer than',
      '                              the line has columns left for',
      '                              it',
      '           → mv a b',
      '  bad      data               /abcd/abcd/abcd/abcd/abcd/abcd',
      '                              /abcd/abcd/abcd/abcd: not',
      '                              there',
      '           → rm rm rm rm rm rm rm rm rm rm rm rm rm rm rm &&',
      '           mv a b',
    ]);
  });

  it('is ASCII where the terminal is', () => {
    const text = areaText('area', findings, 60, { glyphs: ascii });
    expect(stripVTControlCharacters(text)).toMatch(/^[ -~\n]+$/);
    expect(text).toContain('none 8x8');
    expect(text).toContain('-> mv a b');
  });

  it('does not tell where the home folder is', () => {
    const hide = (text: string) => hideHome(text, '/home/ann');
    expect(hide('/home/ann')).toBe('~');
    expect(hide('cannot read /home/ann/a.jpg, nor /home/ann: gone.')).toBe(
      'cannot read ~/a.jpg, nor ~: gone.',
    );
    expect(hide('mv /home/ann/a /home/ann/b')).toBe('mv ~/a ~/b');
    expect(hide('/home/anna/a.jpg /backup/home/ann/a.jpg /home/ann.old/a')).toBe(
      '/home/anna/a.jpg /backup/home/ann/a.jpg /home/ann.old/a',
    );
  });

  it('takes errors apart into what is wrong and what to do', () => {
    expect(describeError(new UserError('a.b: is not there. Get it. Or not.'))).toEqual({
      found: 'a.b: is not there',
      advice: 'Get it. Or not.',
    });
    expect(describeError(new Error('Cannot load\nRequire stack:\n- x'))).toEqual({ found: 'Cannot load' });
  });
});

describe('machine', () => {
  it('compares versions as numbers', () => {
    expect(checkNode('20.9.0').status).toBe('bad');
    expect(checkNode('20.19.0').status).toBe('good');
    expect(checkNode('100.0.0').status).toBe('good');
    expect(checkLibrary('2.9')).toMatchObject({ status: 'bad', found: expect.stringContaining('2.28') });
    expect(checkLibrary('2.28').status).toBe('good');
    expect(checkLibrary(undefined)).toMatchObject({ status: 'bad', found: expect.stringContaining('musl') });
  });

  it('wants memory for a picture, free and within what a container may use', () => {
    const unlimited = 2 ** 64;
    const memory = { total: 16e9, available: 8e9, limit: unlimited };
    expect(checkMemory(memory)).toEqual(good('memory', '16.0 GB, 8.0 GB for painting'));
    expect(checkMemory({ ...memory, limit: 0 })).toEqual(good('memory', '16.0 GB, 8.0 GB for painting'));
    expect(checkMemory({ ...memory, available: 0.9e9, limit: 1e9 })).toMatchObject({
      status: 'bad',
      found: expect.stringContaining('at most 1.0 GB in this container'),
    });
    expect(checkMemory({ ...memory, available: 0.5e9 }).status).toBe('bad');
  });
});

describe('engines', () => {
  it('calls bad what was installed or came along, and missing what may be missing', () => {
    const reason = 'no such symbol';
    const failed = (engine: 'onnx' | 'tensorflow', device: string) =>
      checkPlace({ engine, device }, { engine, device, reason });
    expect(failed('onnx', 'cpu').status).toBe('bad');
    expect(failed('onnx', 'webgpu').status).toBe('missing');
    expect(failed('tensorflow', 'cuda:1')).toEqual(
      bad(
        'tensorflow cuda:1',
        reason,
        'stylize-tui engine remove tensorflow && stylize-tui engine install tensorflow --gpu',
      ),
    );
    const lack = { what: 'TensorFlow is not installed', fix: 'stylize-tui engine install tensorflow' };
    expect(checkPlace({ engine: 'tensorflow', device: 'cpu', missing: lack }, undefined)).toEqual(
      missing('tensorflow cpu', lack.what, lack.fix),
    );
  });

  it.skipIf(process.platform === 'win32')('asks nvidia-smi for cards', async () => {
    const folder = await newFolder();
    await writeFile(
      join(folder, 'nvidia-smi'),
      '#!/bin/sh\nprintf "NVIDIA H100 80GB HBM3, 550.54.15\\nTesla T4, 550.54.15\\n"\n',
    );
    await chmod(join(folder, 'nvidia-smi'), 0o755);
    vi.stubEnv('PATH', [folder, process.env.PATH].join(delimiter));
    expect(await nvidiaCards()).toEqual([
      { name: 'NVIDIA H100 80GB HBM3', driver: '550.54.15' },
      { name: 'Tesla T4', driver: '550.54.15' },
    ]);
  });

  it('tells whether npm runs install scripts, and how it does not', async () => {
    const home = await newFolder();
    const asked = (value: string) =>
      checkInstallScripts({ npm_config_ignore_scripts: value, npm_config_userconfig: join(home, 'npmrc') });
    expect((await asked('true')).status).toBe('good');
    expect(await asked('false')).toMatchObject({
      status: 'missing',
      fix: 'npm install -g --ignore-scripts stylize-tui',
    });
  });

  it('says how to get a tool that is not there', async () => {
    const nowhere = async () => {
      throw new UserError('A loom is needed. Build one.');
    };
    expect(await checkTool('loom', nowhere)).toEqual(missing('loom', 'A loom is needed', 'Build one.'));
    const node = await checkTool('Node', async () => process.execPath);
    expect(node).toEqual(good('Node', `${process.execPath}: ${process.version}`));
  });
});

describe('terminal', () => {
  it('must have room, if it is one', () => {
    expect(checkScreen({ columns: 49, rows: 16 }, {})).toMatchObject({
      status: 'bad',
      found: '49×16: too small',
    });
    expect(checkScreen(undefined, {}).status).toBe('missing');
    expect(checkScreen({ columns: 50, rows: 16 }, { TERM: 'dumb' }).found).toMatch(/TERM is dumb/);
  });

  it('says how pictures are shown, and what would show them better', () => {
    const tmux = { passes: true, drawsPlaceholders: true };
    const inTmux = { TMUX: '/tmp/tmux,1,0' };
    expect(checkPictures({}, tmux, 3, inTmux)).toMatchObject({ status: 'good' });
    expect(checkPictures({}, { ...tmux, passes: false }, 3, inTmux)).toEqual(
      missing(
        'pictures',
        "in colored blocks: tmux's allow-passthrough is off",
        'tmux set -g allow-passthrough on',
      ),
    );
    const other = { ...tmux, drawsPlaceholders: false };
    expect(checkPictures({ sixel: {} }, other, 3, inTmux).found).toMatch(/within tmux only/);
    expect(checkPictures({ sixel: {} }, undefined, 3, {}).found).toMatch(/alone \(v\).*as sixels/);
    expect(checkPictures({}, undefined, 0, { STY: '1.pts' }).found).toMatch(/^in characters: screen/);
    expect(checkPictures(undefined, undefined, 3, {}).found).toBe('none: there is no screen');
  });

  it('checks the keys of the user', async () => {
    const path = join(await newFolder(), 'keys.json');
    expect(await checkKeys(path)).toEqual(good('keys', 'the usual ones'));
    await writeFile(path, '{"pause": "P"}');
    expect(await checkKeys(path)).toEqual(good('keys', `as in ${path}`));
    await writeFile(path, '{"puase": "P", "pause": "p"}');
    expect(await checkKeys(path)).toEqual(
      missing(
        'keys',
        'keys.json: there is no action puase. Did you mean pause? The help lists them. keys.json: p is the key of pause and of styles: it is pause. styles has no key now; :styles does it.',
        `edit ${path}`,
      ),
    );
  });

  it('says why there are no colors', () => {
    expect(checkColors(3, true, {})).toEqual(good('colors', 'truecolor'));
    expect(checkColors(0, true, { NO_COLOR: '1', FORCE_COLOR: '0' })).toMatchObject({
      fix: 'unset NO_COLOR',
    });
    expect(checkColors(0, false, {})).toEqual(missing('colors', 'none: stdout is not a terminal'));
    expect(checkColors(0, true, { TERM: 'dumb' }).found).toMatch(/TERM is dumb/);
  });

  it.skipIf(process.platform !== 'linux')('says which variable decides the characters', () => {
    expect(checkCharacters({ LANG: 'C.UTF-8' })).toEqual(good('characters', 'Unicode, LANG is C.UTF-8'));
    expect(checkCharacters({ LANG: 'C.UTF-8', LC_ALL: 'C' })).toEqual(
      missing('characters', 'ASCII, LC_ALL is C', 'export LC_ALL=C.UTF-8'),
    );
    expect(checkCharacters({}).found).toBe('ASCII, no locale is set');
  });

  it('knows HEIC from AVIF', () => {
    expect(checkFormats(['jpeg', 'avif']).map(({ status }) => status)).toEqual(['good', 'missing']);
    expect(checkFormats(['jpeg', 'avif', 'heic']).map(({ status }) => status)).toEqual(['good']);
  });
});

describe('folders', () => {
  it('are good where they can be written or made, and are left as they were', async () => {
    const home = await newFolder();
    const path = join(home, 'a', 'b');
    expect(await checkFolder({ name: 'cache', path })).toEqual(good('cache', `${path}, can be created`));
    expect(await readdir(home)).toEqual([]);
    await mkdir(path, { recursive: true });
    expect(await checkFolder({ name: 'cache', path })).toEqual(good('cache', `${path}, writable`));
    expect(await readdir(path)).toEqual([]);
  });

  it('are bad where a file is in their way', async () => {
    const file = join(await newFolder(), 'my file');
    await writeFile(file, '');
    const folder = { name: 'cache', path: join(file, 'stylize-tui'), variable: 'TEST_CACHE_HOME' };
    const found = `${file} is a file, not a folder`;
    const escaped = file.replace(' ', '\\ ');
    if (process.platform !== 'win32')
      expect(await checkFolder(folder)).toEqual(bad('cache', found, `mv ${escaped} ${escaped}.old`));
    vi.stubEnv('TEST_CACHE_HOME', file);
    expect(await checkFolder(folder)).toEqual(bad('cache', found, 'unset TEST_CACHE_HOME'));
  });

  it.skipIf(process.platform !== 'linux')('are bad where nobody can write', async () => {
    const folder = { name: 'cache', path: '/proc/stylize-tui', variable: 'XDG_CACHE_HOME' };
    const finding = await checkFolder(folder);
    expect(finding).toMatchObject({ status: 'bad', fix: expect.stringMatching(/^export XDG_CACHE_HOME=/) });
  });
});
