/** `engine`, and flags that ask for what is not there. */
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { cat, newFolder, start, startWith, wave } from './program.js';

/** A folder for PATH that has nothing but node, and what a test puts in. */
let path: string;
beforeAll(async () => {
  path = await newFolder();
  await symlink(process.execPath, join(path, 'node'));
});

async function command(name: string, output: string) {
  await writeFile(join(path, name), `#!/bin/sh\necho "${output}"\n`);
  await chmod(join(path, name), 0o755);
}
const env = () => ({ PATH: path, CXX: '', PYTHON: '' });

it('lists what can compute, and what is missing with the command that brings it', async () => {
  const { stdout, exitCode } = await startWith({ env: env() }, 'engine', 'list');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^onnx cpu +\d.* s an evaluation at 256×256$/m);
  expect(stdout).toMatch(/^onnx webgpu /m);
  expect(stdout).toMatch(
    /^tensorflow cpu +TensorFlow is not installed: stylize-tui engine install tensorflow$/m,
  );
  expect(stdout).toMatch(/^onnx cuda:0 +nvidia-smi lists no NVIDIA card: install its driver/m);
});

it('sees a card, and says which library it lacks', async () => {
  await command('nvidia-smi', 'Some Card, 580.1\nSome Card, 580.1');
  const { stdout } = await startWith({ env: env() }, 'engine', 'list');
  expect(stdout).toMatch(/^onnx cuda:1 +.*not installed: stylize-tui engine install cuda$/m);
  const { stderr, exitCode } = await startWith(
    { env: env() },
    ...['run', '--content', cat, '--styles', wave, '--output', join(path, 'no.jpg'), '--device', 'cuda:1'],
  );
  expect(stderr).toMatch(/--device cuda:1: .*engine install cuda/);
  expect(exitCode).toBe(2);
});

it('names each thing that an installation needs, and fetches nothing before', async () => {
  const install = (...args: string[]) => startWith({ env: env() }, 'engine', 'install', ...args);
  expect((await install('tensorflow')).stderr).toMatch(/A C\+\+ compiler is needed.*apt install g\+\+/);
  await command('c++', 'c++ 12');
  expect((await install('tensorflow')).stderr).toMatch(
    /Python 3.9 or newer is needed, found none.*apt install/,
  );
  await command('python3', '3 8');
  const { stderr, exitCode } = await install('tensorflow');
  expect(stderr).toMatch(/needed, found python3 3.8/);
  expect(exitCode).toBe(2);
  await command('nvidia-smi', '');
  for (const flags of [['cuda'], ['tensorflow', '--gpu']])
    expect((await install(...flags)).stderr).toMatch(/Nothing is installed: nvidia-smi lists no NVIDIA card/);
});

it('switches the telemetry of ONNX Runtime off', async () => {
  const cache = await newFolder();
  await startWith({ env: { XDG_CACHE_HOME: cache } }, 'engine', 'try');
  expect(await readdir(cache)).toEqual(['stylize-tui']);
});

it('removes an engine, also one that is half there', async () => {
  const data = await newFolder();
  await mkdir(join(data, 'stylize-tui', 'engines', 'cuda', 'venv'), { recursive: true });
  const { stdout, exitCode } = await startWith({ env: { XDG_DATA_HOME: data } }, 'engine', 'remove', 'cuda');
  expect(stdout).toMatch(/engines\/cuda: removed/);
  expect(exitCode).toBe(0);
  expect((await start('engine', 'remove', 'nonsense')).exitCode).toBe(2);
});

it('asks which', async () => {
  expect((await start('engine')).stderr).toMatch(/list, try, install or remove/);
});
