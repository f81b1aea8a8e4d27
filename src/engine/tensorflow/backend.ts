/**
 * TensorFlow through TensorFlow.js. The npm packages bring JavaScript and the source of a small binding; the native
 * library that their installers fetch is for CUDA 11.2, so `stylize-tui engine install tensorflow` compiles the binding
 * against the current one instead. Where people have the packages' own library working, that is used.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs';
import { packageFolder } from '../../util/packages.js';
import { engineFolder } from '../installed.js';

export type TF = typeof TensorFlow;

const require = createRequire(import.meta.url);
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** What `engine install tensorflow` compiles. */
export const compiledBinding = join(engineFolder('tensorflow'), 'tfjs_binding.node');

/** Folder of the first of the two packages that npm installed. Both are optional. */
export function tfjsPackage(): string | undefined {
  return packages.map(folderOf).find((folder) => folder !== undefined);
}

/** Whether there is a native library to load: ours, or that of a package whose own installer ran. */
export function hasTensorflow(): boolean {
  if (tfjsPackage() === undefined) return false;
  return existsSync(compiledBinding) || ownBinding() !== undefined;
}

/** @throws Error if the native library is not there or cannot be loaded */
export async function loadTensorflow(): Promise<TF> {
  allowNewNode();
  if (!existsSync(compiledBinding)) return require(ownBinding() ?? packages[0]);
  const folder = tfjsPackage();
  if (!folder) throw new Error('@tensorflow/tfjs-node-gpu is not installed');
  const within = createRequire(join(folder, 'package.json'));
  const tf: TF = within('@tensorflow/tfjs');
  if (tf.findBackend('tensorflow')) return tf;
  within('./dist/register_all_kernels.js');
  const { NodeJSKernelBackend } = within('./dist/nodejs_kernel_backend.js');
  const binding = require(compiledBinding);
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'));
  await tf.setBackend('tensorflow');
  return tf;
}

/** The package whose own native library is in its place. */
function ownBinding(): string | undefined {
  return packages.find((name) => {
    const folder = folderOf(name);
    return folder !== undefined && existsSync(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'));
  });
}

function folderOf(name: string): string | undefined {
  try {
    return packageFolder(name);
  } catch {
    return undefined;
  }
}

/** tfjs-node 4.22 asks Node for a helper that Node 23 no longer has. */
function allowNewNode(): void {
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = require('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
