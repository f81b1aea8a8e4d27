/** The documentation: links lead somewhere, and commands work as they are written. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from '#dist/cli/main.js';
import { commandNames } from '../src/cli/flags/mistakes.js';
import { cat, coffee, newFolder, scream, wave } from './e2e/program.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];
const textOf = new Map(
  await Promise.all(pages.map(async (page) => [page, await readFile(join(root, page), 'utf8')] as const)),
);

const withoutCode = (text: string) => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');

/** As GitHub makes them from headings. */
const anchorsOf = (text: string) =>
  Array.from(text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('%s', (page) => {
  it('has links that lead somewhere', () => {
    const links = Array.from(withoutCode(textOf.get(page)!).matchAll(/\]\(([^)]+)\)/g), ([, link]) => link);
    for (const link of links.filter((link) => !/^https?:/.test(link))) {
      const [path, anchor] = link.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      expect(existsSync(join(root, file)), `${page}: ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(textOf.get(file)!), `${page}: ${link}`).toContain(anchor);
    }
  });
});

it('has the flags and keys that there are', () => {
  expect(() =>
    execFileSync(process.execPath, [join(root, 'scripts/docs.js'), '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
});

it('lists every page in the index, and every command among the commands', () => {
  for (const page of pages.filter((page) => !['README.md', 'docs/index.md'].includes(page)))
    expect(textOf.get('docs/index.md'), page).toContain(`(${page.replace('docs/', '')})`);
  for (const name of commandNames) {
    expect(textOf.get('docs/commands.md'), name).toMatch(new RegExp(`\`stylize-tui ${name}\\b`));
  }
});

/** The words of a command line, as a shell takes them apart. */
const wordsOf = (line: string) =>
  Array.from(line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), (match) => match[1] ?? match[2] ?? match[3]);

const commands = pages.flatMap((page) =>
  Array.from(textOf.get(page)!.matchAll(/```sh\n([\s\S]*?)```/g)).flatMap(([, block]) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/ #.*$/, '').trim())
      .filter((line) => line.startsWith('stylize-tui '))
      .map((line) => ({ page, line })),
  ),
);

/** Flags that are added here, so that it takes no longer than a test may. */
const smaller: Partial<Record<(typeof commandNames)[number], string[]>> = {
  run: ['--dry-run'],
  watch: ['--dry-run'],
  sweep: ['--dry-run'],
};

describe('commands', () => {
  const home = process.cwd();
  let folder: string;

  beforeAll(async () => {
    folder = await newFolder();
    const photos = ['photo.jpg', 'inbox/cat.jpg', 'phone/a.jpg', 'camera/b.jpg', 'photos/c.jpg'];
    for (const name of [...photos, 'anna/photos/d.jpg', 'ben/photos/e.jpg']) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await copyFile(cat, join(folder, name));
    }
    await copyFile(coffee, join(folder, 'coffee.jpg'));
    for (const name of ['a.jpg', 'b.jpg', 'x.jpg']) await copyFile(wave, join(folder, name));
    await copyFile(scream, join(folder, 'y.jpg'));
    for (const name of ['sky.png', 'ground.png'])
      await sharp(cat).resize(64, 64).grayscale().toFile(join(folder, name));
    process.chdir(folder);
    // Programs that are in the examples, and not on every machine. --dry-run starts none.
    await mkdir('bin');
    for (const name of ['lp', 'magick', 'rclone', 'notify-send', 'curl'])
      await writeFile(join('bin', name), '#!/bin/sh\n', { mode: 0o755 });
    process.env.PATH += delimiter + join(folder, 'bin');
    const tiny = ['--size', '64', '--iterations', '1', '--quiet'];
    await runCommandLine(['run', 'photo.jpg', '--style', 'a.jpg', '--output', 'painting.jpg', ...tiny]);
    await runCommandLine(['watch', 'inbox', '--once', '--style', 'a.jpg', ...tiny]);
    await copyFile('painting.jpg', 'out.jpg');
  });
  afterAll(() => process.chdir(home));

  it.each(commands)('$page: $line', async ({ line }) => {
    const said: string[] = [];
    const listen = (text: unknown) => said.push(String(text)) > 0;
    const spies = [process.stdout, process.stderr].map((out) =>
      vi.spyOn(out, 'write').mockImplementation(listen),
    );
    const args = wordsOf(line).slice(1);
    const command = commandNames.find((name) => name === args[0]) ?? 'run';
    const small = smaller[command] ?? [];
    try {
      await runCommandLine([...args, ...small]);
      expect(process.exitCode ?? 0, said.join('')).toBe(0);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${said.join('')}`);
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.exitCode = undefined;
    }
  });
});
