/** Checks that the required native libraries load. Each is loaded in a process of its own, since it may abort. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { engineFolder, type Installable, installable, readStamp } from '../../engine/installed.js';
import { versionOf } from '../../util/packages.js';
import { bad, describeError, type Finding, good, missing } from './finding.js';
import { reinstall } from './fixes.js';
import type { Loaded } from './library-child.js';

const childModule = fileURLToPath(new URL('./library-child.js', import.meta.url));

export async function checkLibraries(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of ['onnxruntime-node', 'sharp', 'libsql']) findings.push(...(await checkLibrary(name)));
  return [...findings, ...installable.flatMap(describeInstalled)];
}

/** The version of an installed engine; checkEngines() finds out whether it works. */
function describeInstalled(engine: Installable): Finding[] {
  const stamp = readStamp(engine);
  if (!stamp) return [];
  const name = engine === 'tensorflow' ? 'TensorFlow' : 'ONNX Runtime CUDA';
  return [good(name, `${stamp.version}${stamp.gpu ? ', for cards' : ''}, in ${engineFolder(engine)}`)];
}

async function checkLibrary(name: string): Promise<Finding[]> {
  const version = await versionOf(name).catch(() => undefined);
  if (version === undefined) return [bad(name, 'is not installed', reinstall)];
  const result = await load(name);
  if ('reason' in result) return [bad(name, `${version} does not load: ${result.reason}`, reinstall)];
  const { vips, formats } = result;
  if (!formats) return [good(name, version)];
  return [good(name, `${version}, libvips ${vips}`), ...checkFormats(formats)];
}

/** The picture formats that this build of sharp can read. */
export function checkFormats(formats: readonly string[]): Finding[] {
  const reads = good('pictures', `reads ${formats.join(', ')}`);
  if (formats.includes('heic')) return [reads];
  return [reads, missing('HEIC', 'this build of sharp cannot read it', 'save such photos as JPEG or PNG')];
}

async function load(name: string): Promise<Loaded> {
  const { stdout, stderr, signal, exitCode } = await execa(process.execPath, [childModule, name], {
    reject: false,
    timeout: 30_000,
  });
  try {
    return JSON.parse(stdout);
  } catch {
    const how = `its process ended with ${signal ?? `code ${exitCode}`}`;
    return { reason: stderr.trim() ? describeError(stderr).found : how };
  }
}
