/** Completion, asked of the shells themselves where they are installed. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { completionScript, type Shell, shells } from '../../src/cli/completion/scripts.js';
import { completionWords } from '../../src/cli/completion/words.js';
import { layerNames } from '../../src/network/vgg19.js';

const isThere = (shell: Shell) => execaSync(shell, ['-c', 'true'], { reject: false }).exitCode === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
  const words = await completionWords(commands);
  for (const shell of shells)
    await writeFile(join(folder, `script.${shell}`), completionScript(shell, words));
  await writeFile(join(folder, 'my photo.jpg'), '');
  await mkdir(join(folder, 'inbox'));
});

/** What the shell offers for the last word of a line. */
async function offered(shell: Shell, line: string): Promise<string[]> {
  const script = join(folder, `script.${shell}`);
  const run = (program: string) => execa(shell, ['-c', program], { cwd: folder });
  if (shell === 'fish') {
    const { stdout } = await run(`source ${script}; complete -C '${line}'`);
    return stdout
      .split('\n')
      .map((row) => row.split('\t')[0])
      .filter(Boolean);
  }
  const words = line.split(' ');
  const { stdout } = await run(
    `source ${script}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _stylize_tui; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
  return stdout.split('\n').filter(Boolean);
}

describe.each(['bash', 'fish'] as const)('%s', (shell) => {
  it.skipIf(!isThere(shell))('completes commands, flags, their values, and files', async () => {
    const sorted = async (line: string) => (await offered(shell, line)).sort();
    expect(await sorted('stylize-tui wat')).toEqual(['watch']);
    expect(await sorted('stylize-tui my')).toEqual([expect.stringMatching(/^my(\\)? photo\.jpg$/)]);
    expect(await sorted('stylize-tui my.jpg --style-l')).toEqual([
      '--style-layer-weight-exp',
      '--style-layers',
      '--style-loss',
    ]);
    expect(await sorted('stylize-tui watch inbox --dup')).toEqual(['--duplicates']);
    expect(await sorted('stylize-tui watch inbox --duplicates ')).toEqual(['paint', 'skip']);
    expect(await sorted('stylize-tui run --onc')).toEqual([]);
    expect(await offered(shell, 'stylize-tui -s ')).toEqual(
      expect.arrayContaining(['great-wave', 'starry-night']),
    );
    expect(await sorted('stylize-tui --preset dr')).toEqual(['draft']);
    expect(await sorted('stylize-tui --style-layers relu4_')).toEqual(
      layerNames.filter((layer) => layer.startsWith('relu4_')),
    );
    expect(await sorted('stylize-tui --size ')).toEqual([]);
    expect(await sorted('stylize-tui models con')).toEqual(['convert']);
  });
});

it.skipIf(!isThere('zsh'))('is a script without errors for zsh', async () => {
  const { stderr } = await execa('zsh', ['-n', join(folder, 'script.zsh')]);
  expect(stderr).toBe('');
});
