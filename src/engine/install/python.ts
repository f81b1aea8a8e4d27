/** A Python with a virtual environment of its own: how libraries come that PyPI has and npm has not. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { UserError } from '../../util/errors.js';

/** Tells a person what is being done. */
export type Report = (text: string) => void;

const candidates = process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python'];
const oldest = [3, 9];

/** @throws UserError that names the package to install where there is no Python, or not all of it */
export async function findPython(): Promise<string> {
  const seen: string[] = [];
  for (const command of [process.env.PYTHON ?? [], candidates].flat()) {
    const { stdout, failed } = await execa(
      command,
      ['-c', 'import sys; print(*sys.version_info[:2]); import venv, ensurepip'],
      { reject: false },
    );
    if (!stdout) continue;
    const [major, minor] = stdout.split(' ').map(Number);
    seen.push(`${command} ${major}.${minor}`);
    if (major !== oldest[0] || minor < oldest[1]) continue;
    if (!failed) return command;
    throw new UserError(
      `${command} has no virtual environments. Install them: apt install python3-venv (Debian, Ubuntu).`,
    );
  }
  const got = seen.length > 0 ? `found ${seen.join(', ')}` : 'found none';
  throw new UserError(
    `Python ${oldest.join('.')} or newer is needed, ${got}. Install it: apt install python3 python3-venv (Debian, Ubuntu), dnf install python3 (Fedora), brew install python (macOS); or set PYTHON to one.`,
  );
}

/** Makes a virtual environment, unless it is there, and returns its Python. */
export async function makeEnvironment(folder: string, tell: Report): Promise<string> {
  const python = join(
    folder,
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  );
  if (existsSync(python)) return python;
  const maker = await findPython();
  tell(`A virtual environment with ${maker}: ${folder}`);
  // Without pip first, so that a try that broke off leaves no environment that only looks whole.
  await execa(maker, ['-m', 'venv', '--clear', folder]);
  return python;
}

/**
 * Installs packages from PyPI; pip shows its own progress, and keeps what it has fetched for the next try.
 * @param options pip's own, such as --no-deps
 * @throws UserError if pip fails, with its last words
 */
export async function pipInstall(
  python: string,
  packages: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  const { failed, stderr } = await execa(
    python,
    ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', ...options, ...packages],
    { reject: false, stdin: 'ignore', stdout: 'inherit', stderr: ['inherit', 'pipe'] },
  );
  if (!failed) return;
  const reason =
    stderr
      .split('\n')
      .filter((line) => line.startsWith('ERROR:'))
      .at(-1) ?? 'see above';
  throw new UserError(
    `pip could not install ${packages.join(', ')} (${reason.replace('ERROR: ', '')}). The same command goes on from here.`,
  );
}

/** Where the environment keeps its packages. */
export async function sitePackages(python: string): Promise<string> {
  const { stdout } = await execa(python, ['-c', 'import sysconfig; print(sysconfig.get_path("platlib"))']);
  return stdout.trim();
}

export async function packageVersion(python: string, name: string): Promise<string> {
  const { stdout } = await execa(python, [
    '-c',
    `from importlib.metadata import version; print(version("${name}"))`,
  ]);
  return stdout.trim();
}

/** Folders of the libraries that NVIDIA's packages brought: CUDA, cuDNN, TensorRT. */
export async function nvidiaLibraries(site: string): Promise<string[]> {
  const nvidia = join(site, 'nvidia');
  const parts = await readdir(nvidia).catch(() => []);
  return [...parts.map((part) => join(nvidia, part, 'lib')), join(site, 'tensorrt_libs')].filter(existsSync);
}
