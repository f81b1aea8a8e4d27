/**
 * ONNX Runtime for NVIDIA's cards: its CUDA and TensorRT providers, and CUDA and cuDNN themselves, from PyPI. They must
 * lie beside the very library of onnxruntime-node, and be of the same version, so they get a copy of the package.
 */
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../util/errors.js';
import { packageFolder, versionOf } from '../../util/packages.js';
import { engineFolder, writeStamp } from '../installed.js';
import { requireCard } from '../nvidia.js';
import { makeEnvironment, nvidiaLibraries, pipInstall, type Report, sitePackages } from './python.js';

const folder = engineFolder('cuda');
const binaries = join('bin', 'napi-v6', 'linux', 'x64');
const providers = ['shared', 'cuda', 'tensorrt'].map((name) => `libonnxruntime_providers_${name}.so`);

/**
 * @param tensorrt with NVIDIA's TensorRT, another 2 GB
 * @throws UserError that names what is missing and how to get it
 */
export async function installCuda(tensorrt: boolean, tell: Report): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new UserError(
      `ONNX Runtime has no CUDA provider for ${process.platform} on ${process.arch}. Use --device webgpu, or dml:0 on Windows.`,
    );
  await requireCard();
  const version = await runtimeVersion();
  const python = await makeEnvironment(join(folder, 'venv'), tell);
  tell(`ONNX Runtime ${version} for CUDA from PyPI, with CUDA and cuDNN`);
  const wheels = [
    `onnxruntime-gpu[cuda,cudnn]==${version}`,
    ...(tensorrt ? ['tensorrt-cu13-libs>=10,<11'] : []),
  ];
  await pipInstall(python, wheels);

  const site = await sitePackages(python);
  tell(`A copy of onnxruntime-node with these libraries: ${folder}`);
  await copyRuntime(join(site, 'onnxruntime', 'capi'));
  await writeStamp('cuda', { version, gpu: true, libraries: await nvidiaLibraries(site) });
}

/** Of the npm package that is here: the providers must be of exactly this one. */
export const runtimeVersion = () => versionOf('onnxruntime-node');

async function copyRuntime(capi: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  const target = join(modules, 'onnxruntime-node');
  await rm(modules, { recursive: true, force: true });
  await mkdir(modules, { recursive: true });
  const source = packageFolder('onnxruntime-node');
  for (const part of ['package.json', 'dist', binaries])
    await cp(join(source, part), join(target, part), { recursive: true });
  await cp(packageFolder('onnxruntime-common'), join(modules, 'onnxruntime-common'), { recursive: true });
  for (const provider of providers) await symlink(join(capi, provider), join(target, binaries, provider));
}
