/**
 * Makes TensorFlow.js work with a current TensorFlow: the library from PyPI, and tfjs's binding compiled against it.
 * Everything goes into one folder of the user's data, so that npm cannot undo it. Each step is skipped where it is done.
 */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { UserError } from '../../util/errors.js';
import { engineFolder, readStamp, writeStamp } from '../installed.js';
import { requireCard } from '../nvidia.js';
import { compiledBinding, tfjsPackage } from '../tensorflow/backend.js';
import {
  makeEnvironment,
  nvidiaLibraries,
  packageVersion,
  pipInstall,
  type Report,
  sitePackages,
} from './python.js';

/** Versions that the binding was compiled with: 2.15 and 2.21. */
const versions = '>=2.15,<3';

/**
 * @param gpu with NVIDIA's libraries
 * @throws UserError that names what is missing and how to get it
 */
export async function installTensorflow(gpu: boolean, tell: Report): Promise<void> {
  if (process.platform === 'win32')
    throw new UserError(
      'TensorFlow has no library for Windows that fits. Use Linux in WSL 2, or --device webgpu or dml:0 here.',
    );
  if (gpu) await requireCard();
  const tfjs = tfjsPackage();
  if (!tfjs)
    throw new UserError(
      '@tensorflow/tfjs-node-gpu is missing: it was left out when stylize-tui was installed. Install again with npm install --include=optional.',
    );
  const compiler = await findCompiler();
  const python = await makeEnvironment(join(engineFolder('tensorflow'), 'venv'), tell);
  const wheel = wheelFor(gpu);
  tell(`TensorFlow from PyPI: ${wheel}${versions}`);
  // Only the library and its headers are used, not Python's side of it: on the processor it needs nothing else.
  await pipInstall(python, [`${wheel}${versions}`], gpu ? [] : ['--no-deps']);

  const site = await sitePackages(python);
  const version = await packageVersion(python, wheel.replace(/\[.*/, ''));
  const stamp = readStamp('tensorflow');
  const isCompiled = stamp?.version === version && stamp.gpu === gpu && existsSync(compiledBinding);
  if (!isCompiled) await compile(compiler, tfjs, join(site, 'tensorflow'), tell);
  await writeStamp('tensorflow', { version, gpu, libraries: gpu ? await nvidiaLibraries(site) : [] });
}

/** The one without code for cards is half as large; there is none for other machines. */
function wheelFor(gpu: boolean): string {
  if (gpu) return 'tensorflow[and-cuda]';
  return process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
}

/** @throws UserError that says how to get one where there is none */
export async function findCompiler(): Promise<string> {
  for (const command of [process.env.CXX ?? [], 'c++', 'g++', 'clang++'].flat()) {
    const { failed } = await execa(command, ['--version'], { reject: false });
    if (!failed) return command;
  }
  throw new UserError(
    'A C++ compiler is needed. Install one: apt install g++ (Debian, Ubuntu), dnf install gcc-c++ (Fedora), xcode-select --install (macOS); or set CXX to one.',
  );
}

async function compile(compiler: string, tfjs: string, tensorflow: string, tell: Report): Promise<void> {
  tell(`The binding, compiled with ${compiler}: ${compiledBinding}`);
  const headers = createRequire(import.meta.url)('node-api-headers').include_dir;
  const unfinished = `${compiledBinding}.part`;
  const { failed, stderr } = await execa(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...[`-I${headers}`, `-I${join(tensorflow, 'include')}`, `-I${tfjs}`],
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjs, 'binding', file)),
      ...['-o', unfinished, `-Wl,-rpath,${tensorflow}`, ...linking(tensorflow)],
    ],
    { reject: false },
  );
  if (failed) {
    const first = stderr.split('\n').find((line) => line.includes('error')) ?? stderr.split('\n')[0];
    throw new UserError(`The binding could not be compiled: ${first}`);
  }
  await rename(unfinished, compiledBinding);
}

/** The two libraries of the wheel, under the names that they have there. */
function linking(tensorflow: string): string[] {
  const name = (part: string) =>
    process.platform === 'darwin' ? `libtensorflow_${part}.2.dylib` : `libtensorflow_${part}.so.2`;
  const libraries = ['cc', 'framework'].map((part) => join(tensorflow, name(part)));
  const missing = libraries.find((library) => !existsSync(library));
  if (missing)
    throw new UserError(
      `${dirname(missing)}: the TensorFlow package has no ${name('cc')}. It is of a kind that does not fit.`,
    );
  return process.platform === 'darwin' ? [...libraries, '-undefined', 'dynamic_lookup'] : libraries;
}
